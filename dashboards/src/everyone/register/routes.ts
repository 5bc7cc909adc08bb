import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../../app/root'
import { FirstAdminPage, RegisterDoctorPage, RegisterPatientPage } from './pages'

export const registerPatientRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/register',
  component: RegisterPatientPage,
})

export const registerDoctorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/register/doctor',
  component: RegisterDoctorPage,
})

export const firstAdminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/first-admin',
  component: FirstAdminPage,
})
