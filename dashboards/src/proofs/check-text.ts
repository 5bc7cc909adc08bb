/** Checks a receipt's text, or that of a proof without its line. */

import { hex, utf8 } from './bytes'
import type { Against, Trust } from './check'
import { eventHash, readEvent } from './event'
import { carries } from './leaf'
import { consistencyProof, type LogFiles, servedCheckpoint } from './log-files'
import { type LogProof, PROOF_HEADER, readProof } from './log-proof'
import { type Checkpoint, FormError, type Note, readAs, readCheckpoint, readNote } from './note'
import { judge, type Policy } from './policy'
import { continues, includes } from './tree'
import { type Judging, Problem, type Said, Unread, type Verdict } from './verdict'

export async function checkText(
  text: string,
  trust: Trust,
  { log }: Against,
  judging: Judging,
): Promise<Verdict> {
  let right: Said | undefined
  try {
    right = await judged(text, trust, log, judging)
  } catch (error) {
    judging.found(error)
  }
  judging.notChecked('not_chain_and_tag')
  judging.notChecked('not_afterwards')
  return judging.conclude(trust.from !== 'named', right)
}

async function judged(text: string, trust: Trust, log: LogFiles | undefined, judging: Judging) {
  const { proof, source } = text.startsWith('{') ? readReceipt(text, judging) : alone(text, judging)
  if (!trust.policy) throw new Unread('no_keys')
  const checkpoint = believed(proof.note, trust.policy, judging)
  if (trust.from === 'server') judging.notChecked('not_server_keys')
  const { origin, size } = checkpoint
  if (source !== undefined && source !== origin) judging.notChecked('not_older_log', { lines: 1 })
  try {
    await grown(log, checkpoint, trust.policy, judging)
  } catch (error) {
    judging.found(error)
  }
  return { code: 'right_text' as const, values: { position: proof.index, origin, size } }
}

/** Reads a proof without its line, and follows its path. */
function alone(text: string, judging: Judging): { proof: LogProof; source?: string } {
  const proof = evidence(() => readProof(text))
  follow(proof)
  judging.checked('checked_path')
  judging.notChecked('not_what_it_says')
  return { proof }
}

/** Reads a line and its proof, and holds the one against the other. */
function readReceipt(text: string, judging: Judging): { proof: LogProof; source?: string } {
  const at = text.indexOf('\n')
  const proof = evidence(() => {
    if (!text.slice(at + 1).startsWith(PROOF_HEADER))
      throw new FormError('no proof follows the line')
    return readProof(text.slice(at + 1))
  })
  const line = utf8(text.slice(0, at))
  const event = placed(proof.index, () => {
    const event = readEvent(line)
    if (!carries(proof.leaf, line, eventHash(line))) throw new Problem('leaf_digests')
    return event
  })
  follow(proof)
  const { kind, version, stream, time } = event
  judging.checked('checked_line', { kind, version, stream, time, hash: hex(eventHash(line)) })
  judging.checked('checked_digests')
  return { proof, source: event.source }
}

function follow(proof: LogProof) {
  const { size, root } = evidence(() => readCheckpoint(proof.note.text))
  if (!includes(proof.leaf, proof.index, size, proof.path, root)) {
    throw new Problem('path', {}, proof.index)
  }
}

/** What is no receipt and no proof says nothing: it was cut on its way, or is another file. */
function evidence<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FormError) throw new Unread('no_evidence', { why: error.message })
    throw error
  }
}

/** What is wrong with a line is wrong at its place. */
function placed<T>(position: number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Problem) throw new Problem(error.code, error.values, position)
    throw error
  }
}

/** Judges who vouches for a checkpoint. */
export function believed(note: Note, policy: Policy, judging: Judging): Checkpoint {
  const { checkpoint, cosigned } = judge(policy, note)
  const { origin, size } = checkpoint
  judging.checked('checked_signature', { origin, size })
  for (const { name, seconds } of cosigned)
    judging.checked('checked_cosignature', { name, seconds })
  if (!policy.rule) judging.notChecked('not_witnessed')
  return checkpoint
}

/** Holds a checkpoint against what the log serves now: it must have only grown. */
async function grown(log: LogFiles | undefined, old: Checkpoint, policy: Policy, judging: Judging) {
  if (!log) {
    judging.notChecked('not_continued')
    return
  }
  const bytes = await servedCheckpoint(log)
  const { checkpoint: now } = judge(
    policy,
    readAs('log/checkpoint', () => readNote(bytes)),
  )
  if (now.size < old.size) throw new Problem('log_shorter', { size: now.size })
  const path = await consistencyProof(log, old.size, now.size)
  if (old.origin !== now.origin || !path || !continues(old, now, path))
    throw new Problem('log_rewritten')
  judging.checked('checked_continues', { size: now.size })
}
