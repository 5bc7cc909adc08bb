// What everybody meets, with an account or without.
import { loginRoute } from './login/routes'

export const everyoneRoutes = [loginRoute]
