import { createRoute } from '@tanstack/react-router'
import { signedIn } from '../../app/guards'
import { rootRoute } from '../../app/root'
import { AccountPage } from './page'

export const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  beforeLoad: ({ location }) => signedIn(location.href).then(() => undefined),
  component: AccountPage,
})
