// The admin's screens: one chunk.
export { DoctorsPage } from './doctors/page'
export { HealthPage } from './health/page'
export { LogPage } from './log/page'
export { TrailPage } from './trail/page'
