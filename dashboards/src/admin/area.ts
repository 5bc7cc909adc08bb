// The admin's screens: one chunk.
export { HomePage } from './home/page'
