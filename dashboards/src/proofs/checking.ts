/** Starts a check in a worker of its own, tells how far it is, and can be given up. */

import type { Verdict } from './verdict'
import type { CheckAnswer, CheckOrder } from './worker'

export interface Checking {
  verdict: Promise<Verdict>
  /** Gives up: the promise is never kept. */
  stop(): void
}

export function startCheck(
  order: CheckOrder,
  progress: (done: number, all: number) => void = () => {},
): Checking {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'proofs',
  })
  const verdict = new Promise<Verdict>((kept, broken) => {
    worker.onmessage = ({ data }: MessageEvent<CheckAnswer>) => {
      if ('done' in data) return progress(data.done, data.all)
      worker.terminate()
      if ('verdict' in data) kept(data.verdict)
      else broken(new Error(data.failed))
    }
    worker.onerror = ({ message }) => {
      worker.terminate()
      broken(new Error(message))
    }
  })
  worker.postMessage(order)
  return { verdict, stop: () => worker.terminate() }
}
