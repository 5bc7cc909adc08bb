/** Starts a check in a worker of its own, tells how far it is, and can be given up. */

import { unreachable } from '../api/refusal'
import type { Verdict } from './verdict'
import type { CheckAnswer, CheckOrder } from './worker'

export interface Checking {
  verdict: Promise<Verdict>
  /** Gives up: the promise is never kept. */
  stop(): void
}

/** One that waits: the next check begins at once, and without the service. */
let spare: Worker | undefined

function worker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'proofs' })
}

/** Loads the checker before anybody asks for it. */
export function prepareCheck() {
  spare ??= worker()
}

export function startCheck(
  order: CheckOrder,
  progress: (done: number, all: number) => void = () => {},
): Checking {
  const checker = spare ?? worker()
  spare = undefined
  let done = false
  const verdict = new Promise<Verdict>((kept, broken) => {
    checker.onmessage = ({ data }: MessageEvent<CheckAnswer>) => {
      if ('done' in data) return progress(data.done, data.all)
      done = true
      if (spare) checker.terminate()
      else spare = checker
      if ('verdict' in data) kept(data.verdict)
      else broken(new Error(data.failed))
    }
    // What it throws is answered: an error event is a checker that could not be loaded.
    checker.onerror = () => {
      checker.terminate()
      broken(unreachable())
    }
  })
  checker.postMessage(order)
  const stop = () => {
    // One that is done waits for the next check already.
    if (!done) checker.terminate()
  }
  return { verdict, stop }
}
