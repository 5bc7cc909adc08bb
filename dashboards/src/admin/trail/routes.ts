import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { adminRoute } from '../parent'
import type { TrailFilter } from './queries'

const NAMES = ['stream', 'actor', 'type'] as const

export const trailRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/trail',
  validateSearch: (search: Record<string, unknown>): TrailFilter => {
    const filter: TrailFilter = {}
    for (const name of NAMES) {
      const word = search[name]
      if (typeof word === 'string' && word !== '') filter[name] = word
    }
    return filter
  },
  component: lazyRouteComponent(() => import('../area'), 'TrailPage'),
})
