// The doctor's addresses. Their screens are one chunk, loaded when the first of them is opened.

import { homeRoute } from './home/routes'
import { doctorRoute } from './parent'

export const doctorRoutes = doctorRoute.addChildren([homeRoute])
