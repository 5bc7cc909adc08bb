// How far into the log this page has seen. Lists are asked to be at least as new, so that nobody who has just
// changed something, or was told of a change, is shown the world before it.
import type { Schemas } from './client'

let newest: number | undefined

export function saw(position: number | undefined) {
  if (position !== undefined && (newest === undefined || position > newest)) newest = position
}

/** The log begins elsewhere than we knew (a restore): what we saw counts no longer. */
export function sawAnew(position: number | undefined) {
  newest = position
}

/** For the query of a list. */
export function atLeastSeen(): { min_position?: number } {
  return newest === undefined ? {} : { min_position: newest }
}

/** Notes where a change stands in the log, and passes its answer on. */
export function noted<T extends Schemas['Done']>(done: T): T {
  saw(done.position)
  return done
}
