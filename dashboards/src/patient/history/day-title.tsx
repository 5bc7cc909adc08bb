// "Today", "Yesterday", or the date.
import { Title } from '@mantine/core'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { historyTexts } from './texts'

export function DayTitle({ at, order }: { at: number; order: 2 | 3 }) {
  const say = useTexts(historyTexts)
  const { date } = useWritten()
  const today = new Date().setHours(0, 0, 0, 0)
  const yesterday = new Date(today - 12 * 3_600_000).setHours(0, 0, 0, 0)
  const words = at === today ? say('today') : at === yesterday ? say('yesterday') : undefined
  return (
    <Title order={order} size="h5" c="dimmed">
      {words ?? date(new Date(at))}
    </Title>
  )
}
