// The screens a patient fills in: a chunk of their own, so that the start page comes without them.
export { GrantPage } from './grant/page'
export { NewReportPage } from './reports/new'
