// The screens that everybody has and nobody begins with: one chunk. Logging in is in every page.
export { AccountPage } from './account/page'
export { FirstAdminPage, RegisterDoctorPage, RegisterPatientPage } from './register/pages'
