// @vitest-environment node
/** How long a history of 10,000 events takes: reported, and failing only at three times what is promised. */

import { expect, it } from 'vitest'
import { check } from './check'
import { MADE_KEY, MadeLog } from './samples/made-log'

const EVENTS = 10_000
const PROMISED_MS = 3_000

it('a history of 10,000 events is checked whole in three seconds', {
  timeout: 60_000,
}, async () => {
  const made = new MadeLog(EVENTS)
  const [bundle, log] = [made.bundle(), made.files()]
  const policy = `log ${MADE_KEY}\nquorum none\n`
  const times: number[] = []
  for (let run = 0; run < 3; run += 1) {
    const begun = performance.now()
    const verdict = await check(bundle, { policy, log })
    times.push(performance.now() - begun)
    expect(verdict.outcome).toBe('right')
    expect(verdict.right?.values).toMatchObject({ lines: EVENTS, size: EVENTS })
  }
  const median = Math.round(times.sort((a, b) => a - b)[1] as number)
  process.stdout.write(`proofs: ${EVENTS} events in ${median} ms (promised ${PROMISED_MS})\n`)
  expect(median).toBeLessThan(PROMISED_MS * 3)
})
