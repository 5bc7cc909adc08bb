import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedIn } from '../../app/guards'
import { rootRoute } from '../../app/root'

export const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  beforeLoad: ({ location }) => signedIn(location.href).then(() => undefined),
  component: lazyRouteComponent(() => import('../area'), 'AccountPage'),
})
