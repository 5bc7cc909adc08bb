// The admin's addresses. Their screens are one chunk, loaded when the first of them is opened.

import { homeRoute } from './home/routes'
import { adminRoute } from './parent'

export const adminRoutes = adminRoute.addChildren([homeRoute])
