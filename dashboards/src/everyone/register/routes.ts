import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../../app/root'

export const registerPatientRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/register',
  component: lazyRouteComponent(() => import('../area'), 'RegisterPatientPage'),
})

export const registerDoctorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/register/doctor',
  component: lazyRouteComponent(() => import('../area'), 'RegisterDoctorPage'),
})

export const firstAdminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/first-admin',
  component: lazyRouteComponent(() => import('../area'), 'FirstAdminPage'),
})
