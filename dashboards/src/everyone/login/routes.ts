import { createRoute, redirect } from '@tanstack/react-router'
import { homeOf, meQuery, queries } from '../../app/people'
import { rootRoute } from '../../app/root'
import { LoginPage } from './page'

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  // Only addresses of our own: nobody is led elsewhere by a link.
  validateSearch: ({
    next,
    email,
  }: Record<string, unknown>): { next?: string; email?: string } => ({
    ...(typeof next === 'string' && /^\/(?![/\\])/.test(next) && { next }),
    ...(typeof email === 'string' && { email }),
  }),
  beforeLoad: async ({ search }) => {
    const me = await queries.ensureQueryData(meQuery)
    if (me) throw redirect({ to: search.next ?? homeOf(me), replace: true })
  },
  component: LoginPage,
})
