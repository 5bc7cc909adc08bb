import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patientRoute } from '../parent'

export const reportsRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/reports',
  component: lazyRouteComponent(() => import('../area'), 'ReportsPage'),
})

export const newReportRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/reports/new',
  component: lazyRouteComponent(() => import('../forms'), 'NewReportPage'),
})

export const reportRoute = createRoute({
  getParentRoute: () => patientRoute,
  path: '/reports/$report',
  component: lazyRouteComponent(() => import('../area'), 'ReportPage'),
})
