// The doctor's addresses. Their screens are one chunk, loaded when the first of them is opened.

import { doctorRoute } from './parent'
import { patientRoute, patientsRoute } from './patients/routes'
import { viewingRoute } from './viewing/routes'

export const doctorRoutes = doctorRoute.addChildren([patientsRoute, patientRoute, viewingRoute])
