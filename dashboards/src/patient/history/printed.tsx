// A long history on paper: a plain table, for a hundred thousand cards are too much for any browser.
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import type { Entry } from './queries'
import { Telling } from './telling'
import { historyTexts } from './texts'
import type { Visit } from './timeline'

export function Printed({ visits }: { visits: Visit[] }) {
  return (
    <table className="only-print" data-printed>
      <tbody>
        {visits.flatMap((visit) =>
          visit.entries.map((entry) => <Line key={entry.event} entry={entry} />),
        )}
      </tbody>
    </table>
  )
}

function Line({ entry }: { entry: Entry }) {
  const say = useTexts(historyTexts)
  const { dateTime } = useWritten()
  return (
    <tr>
      <td>{dateTime(entry.at)}</td>
      <td>{entry.own ? say('you') : (entry.name ?? say('somebody'))}</td>
      <td>
        <Telling entry={entry} />
      </td>
    </tr>
  )
}
