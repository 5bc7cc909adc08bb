// The pages that check what the service says, for anybody.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root'

const checkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/check',
  component: lazyRouteComponent(() => import('./area'), 'CheckPage'),
})

const logRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/check/log',
  component: lazyRouteComponent(() => import('./area'), 'LogPage'),
})

export const proofRoutes = [checkRoute, logRoute]
