// What everybody meets, with an account or without.
import { accountRoute } from './account/routes'
import { loginRoute } from './login/routes'
import { firstAdminRoute, registerDoctorRoute, registerPatientRoute } from './register/routes'

export const everyoneRoutes = [
  loginRoute,
  registerPatientRoute,
  registerDoctorRoute,
  firstAdminRoute,
  accountRoute,
]
