import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { doctorRoute } from '../parent'

export const viewingRoute = createRoute({
  getParentRoute: () => doctorRoute,
  path: '/viewings/$patient/$viewing',
  // A reload goes on where one was.
  validateSearch: ({ page }: Record<string, unknown>): { page: number } => {
    const number = Number(page)
    return { page: Number.isInteger(number) && number > 0 ? number : 1 }
  },
  component: lazyRouteComponent(() => import('../area'), 'ViewingPage'),
})
