// Under this everything of the doctor's stands: nobody else comes in.
import { createRoute } from '@tanstack/react-router'
import { onlyFor } from '../app/guards'
import { rootRoute } from '../app/root'

export const doctorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/doctor',
  beforeLoad: onlyFor('doctor'),
})
