import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patientRoute } from '../parent'
import { type Choice, kinds, ranges } from './choice'

const oneOf = <T extends string>(all: readonly T[], value: unknown, otherwise: T): T =>
  all.find((each) => each === value) ?? otherwise

export const historyRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/history',
  // The choice stands in the address: it can be kept, and the back button goes through it.
  validateSearch: (search: Record<string, unknown>): Choice => {
    const said = (name: 'who' | 'report' | 'from' | 'until') => {
      const value = search[name]
      return typeof value === 'string' && value !== '' ? { [name]: value } : {}
    }
    return {
      range: oneOf(ranges, search.range, 'month'),
      kind: oneOf(kinds, search.kind, 'all'),
      ...said('who'),
      ...said('report'),
      ...said('from'),
      ...said('until'),
    }
  },
  component: lazyRouteComponent(() => import('../area'), 'HistoryPage'),
})
