/** The checks, away from the page: hashing ten thousand lines must not stop anybody from scrolling. */

import { check } from './check'
import { ServedLog } from './log-files'
import type { Verdict } from './verdict'

/** What the page asks for. */
export interface CheckOrder {
  given: Uint8Array
  policy?: string
  serverKeys?: string
  serverPolicy?: string
  /** Where the log's public files are served; none if they are not to be asked. */
  log?: string
}

export type CheckAnswer = { done: number; all: number } | { verdict: Verdict } | { failed: string }

/** The part of a worker's scope that is used here: the page's own types know no workers. */
interface Scope {
  onmessage: ((event: MessageEvent<CheckOrder>) => void) | null
  postMessage(answer: CheckAnswer): void
}
const scope = self as unknown as Scope

scope.onmessage = async ({ data: { given, log, ...named } }) => {
  let told = 0
  const progress = (done: number, all: number) => {
    // Once in a while is enough: each message costs more than the hashing of a few leaves.
    if (done !== all && performance.now() - told < 50) return
    told = performance.now()
    scope.postMessage({ done, all })
  }
  try {
    const against = {
      ...named,
      progress,
      ...(log === undefined ? {} : { log: new ServedLog(log) }),
    }
    scope.postMessage({ verdict: await check(given, against) })
  } catch (error) {
    scope.postMessage({ failed: String(error) })
  }
}
