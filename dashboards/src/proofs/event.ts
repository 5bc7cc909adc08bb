/** The event line: a CloudEvents object in canonical form, and the chain of its stream. */

import { blake3 } from '@noble/hashes/blake3.js'
import { hex } from './bytes'
import { CanonicalError, members } from './canonical'
import { Problem } from './verdict'

const LINE_BYTES_MAX = 65_536

/** What of a line is looked at. */
export interface Event {
  id: string
  source: string
  kind: string
  time: string
  stream: string
  version: number
  prev: string
  actor: string
  data: string
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const whole = (form: string) => new RegExp(`^(?:${form})$`)
/** Every member of the envelope that is text, its form, and whether it must be there. */
const TEXTS: [string, RegExp, boolean][] = [
  ['actor', /^[^\\]+$/, true],
  ['behalf', /^[^\\]+$/, false],
  ['cause', whole(UUID), true],
  ['causeevent', whole(UUID), false],
  ['id', whole(UUID), true],
  ['prev', /^[0-9a-f]{64}$/, true],
  ['request', /^[0-9a-f]{32}$/, false],
  ['salt', /^[0-9a-f]{32}$/, true],
  ['source', /^[^\\]+$/, true],
  ['specversion', /^1\.0$/, true],
  ['stream', /^(?=.{1,128}$)[a-z]+(?:-[0-9a-f-]*[0-9a-f])?$/, true],
  ['time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/, true],
  ['type', /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*$/, true],
]

/** Reads and checks a line, its newline not counted. */
export function readEvent(line: Uint8Array): Event {
  if (line.length > LINE_BYTES_MAX) throw new Problem('line_too_long')
  const raw = canonicalMembers(line)
  const found = new Map<string, string>()
  for (const [name, form, needed] of TEXTS) {
    const value = raw.get(name)
    if (value === undefined && !needed) continue
    const inside = value?.startsWith('"') ? value.slice(1, -1) : ''
    if (!form.test(inside)) throw new Problem('line_member', { member: name })
    found.set(name, inside)
  }
  const get = (name: string) => found.get(name) ?? ''
  if (!isTime(get('time'))) throw new Problem('line_member', { member: 'time' })
  const version = Number(raw.get('version'))
  if (!/^[0-9]+$/.test(raw.get('version') ?? '') || version >= 2 ** 31) {
    throw new Problem('line_member', { member: 'version' })
  }
  const data = raw.get('data')
  if (!data?.startsWith('{')) throw new Problem('line_member', { member: 'data' })
  return {
    ...{ id: get('id'), source: get('source'), kind: get('type'), time: get('time') },
    ...{ stream: get('stream'), version, prev: get('prev'), actor: get('actor'), data },
  }
}

function canonicalMembers(line: Uint8Array): Map<string, string> {
  try {
    return members(line)
  } catch (error) {
    if (error instanceof CanonicalError) {
      throw new Problem('line_not_canonical', { at: error.at, why: error.why })
    }
    throw error
  }
}

/** A day that does not exist is no time. */
function isTime(time: string): boolean {
  const date = new Date(`${time.slice(0, 19)}Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === time.slice(0, 19)
}

/** How far the chain of a stream holds. */
export class StreamChain {
  private next = 0
  private head = '0'.repeat(64)

  /** Holds a line against the one before it. */
  take(event: Event, hash: Uint8Array) {
    const { stream, version, prev } = event
    if (version !== this.next) {
      throw new Problem('chain_version', { stream, version, expected: this.next })
    }
    if (prev !== this.head) throw new Problem('chain_prev', { stream, version })
    this.next = version + 1
    this.head = hex(hash)
  }
}

export function eventHash(line: Uint8Array): Uint8Array {
  return blake3(line)
}
