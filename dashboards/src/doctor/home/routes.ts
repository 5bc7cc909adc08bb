import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { doctorRoute } from '../parent'

export const homeRoute = createRoute({
  getParentRoute: () => doctorRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../area'), 'HomePage'),
})
