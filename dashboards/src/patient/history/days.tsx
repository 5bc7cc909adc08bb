// Days of visits; a long history is drawn by a part of its own, which is loaded then.
import { Stack } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Loading } from '../../app/shell'
import type { Further } from './many-days'
import { OneDay } from './one-day'
import { daysOf, type Visit } from './timeline'

const ManyDays = lazy(() => import('./many-days'))

/** Up to here everything is drawn at once: it can be searched and printed by the browser. */
const DRAWN_AT_ONCE = 60

interface Props {
  visits: Visit[]
  /** How many entries are in them. */
  many: number
  more: Further
}

export function Days({ visits, many, more }: Props) {
  if (many > DRAWN_AT_ONCE) {
    return (
      <Suspense fallback={<Loading />}>
        <ManyDays visits={visits} more={more} />
      </Suspense>
    )
  }
  return (
    <Stack>
      {daysOf(visits).map((day) => (
        <OneDay key={day.at} day={day} />
      ))}
    </Stack>
  )
}
