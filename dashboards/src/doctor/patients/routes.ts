import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { doctorRoute } from '../parent'

export const patientsRoute = createRoute({
  getParentRoute: () => doctorRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../area'), 'PatientsPage'),
})

export const patientRoute = createRoute({
  getParentRoute: () => doctorRoute,
  path: '/patients/$patient',
  component: lazyRouteComponent(() => import('../area'), 'PatientPage'),
})
