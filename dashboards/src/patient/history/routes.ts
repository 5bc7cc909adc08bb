import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patientRoute } from '../parent'
import { type Choice, kinds, ranges } from './timeline'

const oneOf = <T extends string>(all: readonly T[], value: unknown, otherwise: T): T =>
  all.find((each) => each === value) ?? otherwise

export const historyRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/history',
  // The choice stands in the address: it can be kept, and the back button goes through it.
  validateSearch: (
    search: Record<string, unknown>,
  ): Partial<Choice> & Pick<Choice, 'range' | 'kind'> => ({
    range: oneOf(ranges, search.range, 'month'),
    kind: oneOf(kinds, search.kind, 'all'),
    ...(typeof search.who === 'string' && { who: search.who }),
  }),
  component: lazyRouteComponent(() => import('../area'), 'HistoryPage'),
})
