/** What a person keeps: a proof as c2sp.org/tlog-proof@v1, and with the event's line a receipt. */

import { decimal, unbase64, utf8 } from './bytes'
import { LEAF_BYTES } from './leaf'
import { FormError, type Note, readNote } from './note'

export const PROOF_HEADER = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^63 leaves has no longer path. */
const HASHES_MAX = 63

/** That a leaf stands in a log: leaf, place, path, checkpoint. */
export interface LogProof {
  leaf: Uint8Array
  index: number
  path: Uint8Array[]
  note: Note
}

/**
 * Reads a proof. Where many end in one note, `known` is that note and its text: reading it again and again
 * would be most of the work.
 */
export function readProof(written: string, known?: { text: string; note: Note }): LogProof {
  const at = written.indexOf('\n\n')
  if (at < 0) throw new FormError('it has no checkpoint')
  const [header, extra = '', index = '', ...hashes] = written.slice(0, at).split('\n')
  if (header !== PROOF_HEADER) throw new FormError('its first line')
  const leaf = extra.startsWith('extra ') ? unbase64(extra.slice(6)) : undefined
  if (leaf?.length !== LEAF_BYTES) throw new FormError('`extra` is not a leaf')
  const number = index.startsWith('index ') ? decimal(index.slice(6)) : undefined
  if (number === undefined) throw new FormError('its index')
  const ending = written.slice(at + 2)
  const note = known && ending === known.text ? known.note : readNote(utf8(ending))
  return { leaf, index: number, path: readHashes(hashes), note }
}

/** Hashes, one a line. */
export function readHashes(lines: string[]): Uint8Array[] {
  const path = lines.map((line) => unbase64(line))
  const right = path.every((hash) => hash?.length === 32) && path.length <= HASHES_MAX
  if (!right) throw new FormError('its hashes')
  return path as Uint8Array[]
}
