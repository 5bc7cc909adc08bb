// A check as a screen sees it: not begun, under way, done, or broken.
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Checking, prepareCheck, startCheck } from './checking'
import type { Verdict } from './verdict'
import { ownLog, whom } from './whom'

export type CheckState =
  | { at: 'rest' }
  | { at: 'work'; done?: number; all?: number }
  | { at: 'verdict'; verdict: Verdict }
  | { at: 'broken'; error: unknown }

export interface CheckWish {
  /** The bytes, or how to get them. */
  given: Uint8Array | (() => Promise<Uint8Array>)
  /** A policy's text; the one kept on this device if not named. */
  policy?: string | undefined
  /** Whether it is held against the log of this service. */
  againstLog: boolean
}

export function useCheck() {
  const [state, setState] = useState<CheckState>({ at: 'rest' })
  const running = useRef<{ checking?: Checking; stopped: boolean }>({ stopped: true })

  const stop = useCallback(() => {
    running.current.stopped = true
    running.current.checking?.stop()
    setState({ at: 'rest' })
  }, [])
  useEffect(() => {
    prepareCheck()
    const here = running
    return () => {
      here.current.stopped = true
      here.current.checking?.stop()
    }
  }, [])

  const start = useCallback(async ({ given, policy, againstLog }: CheckWish) => {
    running.current.checking?.stop()
    const run: { checking?: Checking; stopped: boolean } = { stopped: false }
    running.current = run
    const tell = (next: CheckState) => !run.stopped && setState(next)
    tell({ at: 'work' })
    try {
      const bytes = given instanceof Uint8Array ? given : await given()
      const order = { given: bytes, ...(await whom(policy)), ...(againstLog && { log: ownLog() }) }
      if (run.stopped) return
      run.checking = startCheck(order, (done, all) => tell({ at: 'work', done, all }))
      tell({ at: 'verdict', verdict: await run.checking.verdict })
    } catch (error) {
      tell({ at: 'broken', error })
    }
  }, [])

  return { state, start, stop }
}
