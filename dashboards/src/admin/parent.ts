// Under this everything of the admin's stands: nobody else comes in.
import { createRoute } from '@tanstack/react-router'
import { onlyFor } from '../app/guards'
import { rootRoute } from '../app/root'

export const adminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/admin',
  beforeLoad: onlyFor('admin'),
})
