import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { adminRoute } from '../parent'

export const homeRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../area'), 'HomePage'),
})
