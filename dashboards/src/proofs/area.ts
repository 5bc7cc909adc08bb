// What anybody can check: one chunk, and the worker that does it.
export { CheckPage } from './check-page'
export { EntryCheck } from './entry-check'
export { LogPage } from './log-page'
export { WholeCheck } from './whole-check'
