import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { adminRoute } from '../parent'

export const logRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/log',
  component: lazyRouteComponent(() => import('../area'), 'LogPage'),
})
