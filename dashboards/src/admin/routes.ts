// The admin's addresses. Their screens are one chunk, loaded when the first of them is opened.

import { doctorsRoute } from './doctors/routes'
import { healthRoute } from './health/routes'
import { logRoute } from './log/routes'
import { adminRoute } from './parent'
import { trailRoute } from './trail/routes'

export const adminRoutes = adminRoute.addChildren([doctorsRoute, healthRoute, trailRoute, logRoute])
