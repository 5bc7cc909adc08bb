// The newest few entries, for the start page.
import { Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTexts } from '../../app/texts'
import { AnchorLink } from '../../ui/links'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useMyRecord } from '../parent'
import { DayTitle } from './day-title'
import { historyQuery } from './queries'
import { historyTexts } from './texts'
import { daysOf, Timeline } from './timeline'
import { VisitCard } from './visit'

export function Lately() {
  const say = useTexts(historyTexts)
  const list = useInfiniteQuery(historyQuery(useMyRecord(), {}, 8))
  const { visits } = new Timeline().take(list.data?.pages[0]?.items ?? [])
  const days = daysOf(visits).slice(0, 3)
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        {say('recent')}
      </Title>
      {list.isError && <RefusalAlert error={list.error} again={() => void list.refetch()} />}
      {list.isSuccess && days.length === 0 && <Text>{say('none')}</Text>}
      {days.map((day) => (
        <Stack key={day.at} gap="xs">
          <DayTitle at={day.at} order={3} />
          {day.visits.map((visit) => (
            <VisitCard key={visit.key} visit={visit} />
          ))}
        </Stack>
      ))}
      <AnchorLink
        to="/patient/history"
        search={{ range: 'month', kind: 'all' }}
        className="no-print"
        w="fit-content"
      >
        {say('whole')}
      </AnchorLink>
    </Stack>
  )
}
