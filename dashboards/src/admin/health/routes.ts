import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { adminRoute } from '../parent'

export const healthRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/health',
  component: lazyRouteComponent(() => import('../area'), 'HealthPage'),
})
