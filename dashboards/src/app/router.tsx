// Every address of the app. A feature's routes stand in its folder; here they are put together.
import { createRoute, createRouter, redirect } from '@tanstack/react-router'
import { adminRoutes } from '../admin/routes'
import { doctorRoutes } from '../doctor/routes'
import { everyoneRoutes } from '../everyone/routes'
import { patientRoutes } from '../patient/routes'
import { proofRoutes } from '../proofs/routes'
import { signedIn } from './guards'
import { homeOf } from './people'
import { rootRoute } from './root'
import { Loading } from './shell'
import { NotFound, SomethingBroke } from './troubles'

/** The start page is wherever the person begins. */
const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async ({ location }) => {
    const token = location.hash.startsWith('first-admin=') ? location.hash : undefined
    if (token) throw redirect({ to: '/first-admin', hash: token, replace: true })
    const me = await signedIn('/')
    throw redirect({ to: homeOf(me), replace: true })
  },
})

const tree = rootRoute.addChildren([
  startRoute,
  ...everyoneRoutes,
  ...proofRoutes,
  patientRoutes,
  doctorRoutes,
  adminRoutes,
])

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultPendingMs: 300,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: SomethingBroke,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
