// The screens a patient reads: one chunk.
export { ConsentPage, ConsentsPage } from './consents/pages'
export { HistoryPage } from './history/page'
export { HomePage } from './home/page'
export { ReportPage, ReportsPage } from './reports/pages'
