// The patient's addresses. Their screens are one chunk, loaded when the first of them is opened.

import { homeRoute } from './home/routes'
import { patientRoute } from './parent'

export const patientRoutes = patientRoute.addChildren([homeRoute])
