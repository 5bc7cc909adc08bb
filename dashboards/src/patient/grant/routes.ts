import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patientRoute } from '../parent'

export const grantRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/grant',
  // What another screen was about: a doctor to let in again, a report to show.
  validateSearch: ({
    doctor,
    report,
  }: Record<string, unknown>): { doctor?: string; report?: string } => ({
    ...(typeof doctor === 'string' && { doctor }),
    ...(typeof report === 'string' && { report }),
  }),
  component: lazyRouteComponent(() => import('../forms'), 'GrantPage'),
})
