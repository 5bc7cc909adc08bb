/**
 * The front door: checks what somebody was given, whatever it is, with nothing but it, the keys somebody
 * believes, and the log's public files. The same checks as `medlock check` and `docs/verify/check.py`.
 */

import { plain, unpack } from './archive'
import { checkBundle } from './check-bundle'
import { checkText } from './check-text'
import type { LogFiles } from './log-files'
import { PROOF_HEADER } from './log-proof'
import { type Policy, policyOfLogs, readKeys, readPolicy } from './policy'
import { asWritten, endsWithNewline, writtenText } from './text-ends'
import { Judging, Unread, type Verdict } from './verdict'

/** What a check is made with. */
export interface Against {
  /** The text of a c2sp.org/tlog-policy file from somebody else; none if nobody was named. */
  policy?: string
  /** The log's own word, as `keys.txt` and `policy` say it: for what brings no keys along. */
  serverKeys?: string
  serverPolicy?: string
  /** The log's public files. */
  log?: LogFiles
  progress?: (done: number, all: number) => void
}

/** Whom a check believes, and whether that is the word of the log itself. */
export interface Trust {
  policy?: Policy
  /** `server`: the keys are those the same server publishes. */
  from: 'named' | 'server' | 'nobody'
}

/** Checks a file's bytes. Never throws: what cannot be read is in the verdict. */
export async function check(given: Uint8Array, against: Against): Promise<Verdict> {
  const judging = new Judging()
  try {
    const trust = trustOf(against)
    const bytes = await plain(given)
    const text = evidenceText(bytes)
    if (text === undefined) return await checkBundle(unpack(bytes), trust, against, judging)
    const verdict = await checkText(text, trust, against, judging)
    if (verdict.outcome !== 'wrong' || endsWithNewline(bytes)) return verdict
    judging.cutOff()
    return judging.conclude(trust.from !== 'named', undefined)
  } catch (error) {
    judging.found(error)
    return judging.conclude(false, undefined)
  }
}

function trustOf({ policy, serverKeys, serverPolicy }: Against): Trust {
  if (policy !== undefined) return { policy: readPolicy(policy), from: 'named' }
  if (serverKeys === undefined) return { from: 'nobody' }
  const logs = readKeys('keys.txt', serverKeys)
  const own = serverPolicy ? { ...readPolicy(serverPolicy), logs } : policyOfLogs(logs)
  return { policy: own, from: 'server' }
}

/** The text of a receipt or a proof as it was written; none if the file is neither. */
function evidenceText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) throw new Unread('no_evidence')
  const start = writtenText(bytes.subarray(0, 64))
  const begins = start?.startsWith('{') || start?.startsWith(PROOF_HEADER.slice(0, 19))
  return begins ? writtenText(asWritten(bytes)) : undefined
}
