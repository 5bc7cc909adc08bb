// What an order would open today, and what was said before that stands against it: judged by the service before any
// code is sent.
import { List, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '../../api/client'
import { useTexts } from '../../app/texts'
import { useWritten } from '../../app/when'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useMyRecord } from '../parent'
import { order, type Wish } from './order'
import { previewQuery } from './queries'
import { grantTexts } from './texts'

export function Preview({ wish }: { wish: Wish }) {
  const say = useTexts(grantTexts)
  const complete = order(wish, new Date()) !== undefined
  const preview = useQuery({ ...previewQuery(useMyRecord(), wish), enabled: complete })
  if (!complete) return null
  if (preview.isError) return <RefusalAlert error={preview.error} />
  if (preview.data === undefined) return null
  const { opens, reports, those_to_come, against } = preview.data
  return (
    <>
      <Text size="sm" data-opens={opens.length}>
        {say('opensNow', { opened: opens.length, count: reports })}
        {those_to_come && ` ${say('thoseToCome')}`}
      </Text>
      {against.length > 0 && (
        <List size="sm" data-against>
          {against.map((one) => (
            <Against key={`${one.kind} ${one.consent}`} one={one} />
          ))}
        </List>
      )}
    </>
  )
}

function Against({ one }: { one: Schemas['AgainstBody'] }) {
  const say = useTexts(grantTexts)
  const { date } = useWritten()
  const count = one.reports ?? 0
  switch (one.kind) {
    case 'record_closed':
      return <List.Item>{say('againstClosed')}</List.Item>
    case 'hidden':
      return <List.Item>{say('againstHidden', { count })}</List.Item>
    case 'exception': {
      const day = one.consent_given_at === undefined ? '' : date(one.consent_given_at)
      return <List.Item>{say('againstException', { count, day })}</List.Item>
    }
  }
}
