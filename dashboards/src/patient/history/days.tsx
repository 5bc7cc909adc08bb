// Days of visits; a long history is drawn by a part of its own, which is loaded then.
import { Stack } from '@mantine/core'
import { lazy, Suspense, useMemo } from 'react'
import { Loading } from '../../app/shell'
import { OneDay } from './one-day'
import type { Entry } from './queries'
import { timeline } from './timeline'

const ManyDays = lazy(() => import('./many-days'))

/** Up to here everything is drawn at once: it can be searched and printed by the browser. */
const DRAWN_AT_ONCE = 60

export function Days({ entries }: { entries: Entry[] }) {
  const days = useMemo(() => timeline(entries), [entries])
  if (entries.length > DRAWN_AT_ONCE) {
    return (
      <Suspense fallback={<Loading />}>
        <ManyDays days={days} />
      </Suspense>
    )
  }
  return (
    <Stack>
      {days.map((day) => (
        <OneDay key={day.at} day={day} />
      ))}
    </Stack>
  )
}
