import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { adminRoute } from '../parent'

const STANDINGS = ['pending', 'verified', 'suspended', 'rejected'] as const

export const doctorsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/',
  validateSearch: ({
    standing,
  }: Record<string, unknown>): { standing: (typeof STANDINGS)[number] } => ({
    standing: STANDINGS.find((code) => code === standing) ?? 'pending',
  }),
  component: lazyRouteComponent(() => import('../area'), 'DoctorsPage'),
})
