import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patientRoute } from '../parent'

export const consentsRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/consents',
  component: lazyRouteComponent(() => import('../area'), 'ConsentsPage'),
})

export const consentRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/consents/$consent',
  component: lazyRouteComponent(() => import('../area'), 'ConsentPage'),
})
