// The doctor's screens: one chunk.
export { HomePage } from './home/page'
