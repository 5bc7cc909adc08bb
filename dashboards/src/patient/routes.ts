// The patient's addresses. Their screens are one chunk, loaded when the first of them is opened.
import { consentRoute, consentsRoute } from './consents/routes'
import { grantRoute } from './grant/routes'
import { historyRoute } from './history/routes'
import { homeRoute } from './home/routes'
import { patientRoute } from './parent'
import { newReportRoute, reportRoute, reportsRoute } from './reports/routes'

export const patientRoutes = patientRoute.addChildren([
  homeRoute,
  grantRoute,
  reportsRoute,
  newReportRoute,
  reportRoute,
  historyRoute,
  consentsRoute,
  consentRoute,
])
