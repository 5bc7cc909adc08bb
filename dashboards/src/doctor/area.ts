// The doctor's screens: one chunk.
export { PatientPage } from './patients/one'
export { PatientsPage } from './patients/page'
export { ViewingPage } from './viewing/page'
