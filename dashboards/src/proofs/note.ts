/**
 * Signed notes (c2sp.org/signed-note) with a log's Ed25519 signature and the timestamped cosignatures of
 * witnesses (c2sp.org/tlog-cosignature v1), and the checkpoint that stands in one.
 */

import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, decimal, hex, text, unbase64, utf8 } from './bytes'
import { Problem, Unread } from './verdict'

export const NOTE_BYTES_MAX = 128 * 1024
const SIGNATURES_MAX = 100
const DASH = '\u2014 '
/** The kinds of key we know: a log's, a witness's. */
export const LOG = 0x01
export const WITNESS = 0x04

/** Why a text is no key, no note or no checkpoint. */
export class FormError extends Error {}

/** A public key and the name it goes by. */
export interface VerifierKey {
  name: string
  id: string
  kind: number
  key: Uint8Array
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a name holds none of them.
const NAME = /^[^\s\u0000-\u001f\u007f+]+$/u

/** Reads `name+id+base64`. */
export function readKey(written: string): VerifierKey {
  const [name = '', id = '', ...rest] = written.split('+')
  const raw = unbase64(rest.join('+'))
  if (!NAME.test(name) || raw?.length !== 33) throw new FormError('no verifier key')
  const kind = raw[0] as number
  if (kind !== LOG && kind !== WITNESS) throw new FormError('a key of a kind that is not known')
  const digest = sha256(concat(utf8(`${name}\n`), raw))
  if (hex(digest.subarray(0, 4)) !== id) throw new FormError('its key id is not that of the key')
  return { name, id, kind, key: raw.subarray(1) }
}

interface SignatureLine {
  name: string
  id: string
  signature: Uint8Array
}

/** A text and who signed it. Nothing in it is believed before its signatures were checked. */
export interface Note {
  text: string
  signatures: SignatureLine[]
}

export function readNote(written: Uint8Array): Note {
  if (written.length > NOTE_BYTES_MAX) throw new FormError('longer than 128 KiB')
  const whole = text(written)
  if (whole === undefined) throw new FormError('not UTF-8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw new FormError('a control character')
  // The last empty line counts: a text may have empty lines of its own.
  const at = whole.lastIndexOf('\n\n')
  if (at < 0) throw new FormError('no empty line before the signatures')
  const below = whole.slice(at + 2)
  if (!below.endsWith('\n')) throw new FormError('the last line does not end')
  const signatures = below.slice(0, -1).split('\n').map(readSignature)
  if (signatures.length > SIGNATURES_MAX) throw new FormError('more than 100 signatures')
  return { text: whole.slice(0, at + 1), signatures }
}

function readSignature(line: string): SignatureLine {
  const [name = '', encoded = '', ...more] = line.startsWith(DASH) ? line.slice(2).split(' ') : []
  const raw = unbase64(encoded)
  if (!NAME.test(name) || more.length > 0 || !raw || raw.length < 5) {
    throw new FormError('a line below the text is no signature')
  }
  return { name, id: hex(raw.subarray(0, 4)), signature: raw.subarray(4) }
}

/** A signature that was checked; a cosignature says when, in Unix seconds. */
export interface Signed {
  key: VerifierKey
  seconds?: number
}

/** Checks every signature by a known key. Others are ignored; a bad one by a known key spoils the note. */
export function signedBy(note: Note, keys: VerifierKey[]): Signed[] {
  const found: Signed[] = []
  for (const key of keys) {
    const line = note.signatures.find(({ name, id }) => name === key.name && id === key.id)
    if (!line) continue
    const signed = checkSignature(note.text, key, line.signature)
    if (!signed) throw new Problem('bad_signature', { name: key.name })
    found.push(signed)
  }
  return found
}

function checkSignature(text: string, key: VerifierKey, raw: Uint8Array): Signed | undefined {
  if (key.kind === LOG) return isRight(raw, text, key) ? { key } : undefined
  if (raw.length < 8) return undefined
  const time = new DataView(raw.buffer, raw.byteOffset).getBigUint64(0)
  const message = `cosignature/v1\ntime ${time}\n${text}`
  return isRight(raw.subarray(8), message, key) ? { key, seconds: Number(time) } : undefined
}

function isRight(signature: Uint8Array, message: string, { key }: VerifierKey): boolean {
  if (signature.length !== 64) return false
  try {
    return ed25519.verify(signature, utf8(message), key, { zip215: false })
  } catch {
    return false
  }
}

/** A tree, named. What makes it believed are the signatures of the note it stands in. */
export interface Checkpoint {
  origin: string
  size: number
  root: Uint8Array
}

/** Reads a note's text. Lines after the third are somebody else's extensions: signed, and not looked at. */
export function readCheckpoint(noteText: string): Checkpoint {
  const [origin, size, root, ...extensions] = noteText.replace(/\n$/, '').split('\n')
  const [number, raw] = [decimal(size ?? ''), unbase64(root ?? '')]
  if (!origin || number === undefined || raw?.length !== 32 || extensions.includes('')) {
    throw new FormError('not a checkpoint')
  }
  return { origin, size: number, root: raw }
}

/** Reads something that a file is; a file that is none says nothing, it is not wrong. */
export function readAs<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FormError)
      throw new Unread('file_unreadable', { file, why: error.message })
    throw error
  }
}
