import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patientRoute } from '../parent'

export const homeRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../area'), 'HomePage'),
})
