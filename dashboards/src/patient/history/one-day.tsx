// A day and its visits.
import { Stack } from '@mantine/core'
import { DayTitle } from './day-title'
import type { Day } from './timeline'
import { VisitCard } from './visit'

export function OneDay({ day }: { day: Day }) {
  return (
    <Stack gap="xs" component="section">
      <DayTitle at={day.at} order={2} />
      {day.visits.map((visit) => (
        <VisitCard key={visit.key} visit={visit} />
      ))}
    </Stack>
  )
}
