/** A log made here, of any length and with its own keys, for what the program's own log does not show. */

import { ed25519 } from '@noble/curves/ed25519.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Folder } from '../archive'
import { base64, concat, hex, utf8 } from '../bytes'
import { eventHash } from '../event'
import { leafOf, tagOf } from '../leaf'
import { type LogFiles, tileName } from '../log-files'
import { leafHash, nodeHash, nodesOf, type TreeNode } from '../tree'
import { pack } from './tar'

const ORIGIN = 'made.example/log'
const SECRET = new Uint8Array(32).fill(7)
const STREAM_KEY = new Uint8Array(32).fill(9)
export const STREAM = 'patient-01a1721b-ffc0-79b7-85bc-609bbf197682'

const verifier = (kind: number, name: string, secret: Uint8Array) => {
  const raw = concat(Uint8Array.of(kind), ed25519.getPublicKey(secret))
  const id = sha256(concat(utf8(`${name}\n`), raw)).subarray(0, 4)
  return { id, vkey: `${name}+${hex(id)}+${base64(raw)}` }
}
export const MADE_KEY = verifier(1, ORIGIN, SECRET).vkey

interface MadeEvent {
  line: string
  leaf: Uint8Array
}

export class MadeLog {
  private readonly levels: Uint8Array[][] = [[]]
  readonly events: MadeEvent[] = []
  private prev = '0'.repeat(64)

  constructor(length: number, words = 'made') {
    for (let version = 0; version < length; version += 1) this.append(version, words)
  }

  private append(version: number, words: string) {
    const id = `01a1721b-ffc0-79b7-85bc-${version.toString(16).padStart(12, '0')}`
    const line =
      `{"actor":"system","cause":"${id}","data":{"reason":"${words} ${version}","words":"${'x'.repeat(200)}"},` +
      `"id":"${id}","prev":"${this.prev}","salt":"${'0a'.repeat(16)}","source":"${ORIGIN}","specversion":"1.0",` +
      `"stream":"${STREAM}","time":"2026-11-27T08:00:00.000000Z","type":"made.up.v1","version":${version}}`
    const hash = eventHash(utf8(line))
    this.prev = hex(hash)
    const leaf = leafOf(tagOf(STREAM_KEY, version), utf8(line), hash)
    this.events.push({ line, leaf })
    this.grow(leafHash(leaf))
  }

  private grow(hash: Uint8Array) {
    let node = hash
    for (let level = 0; ; level += 1) {
      const row = this.levels[level] ?? []
      this.levels[level] = row
      row.push(node)
      if (row.length % 2 === 1) return
      node = nodeHash(row[row.length - 2] as Uint8Array, node)
    }
  }

  private at({ level, index }: TreeNode): Uint8Array {
    return this.levels[level]?.[index] as Uint8Array
  }

  private span(start: number, end: number): Uint8Array {
    const hashes = nodesOf({ start, end }).map((node) => this.at(node))
    return hashes.reduceRight((right, left) => nodeHash(left, right))
  }

  /** The signed checkpoint over the first events. */
  checkpoint(size = this.events.length): string {
    const text = `${ORIGIN}\n${size}\n${base64(this.span(0, size))}\n`
    const { id } = verifier(1, ORIGIN, SECRET)
    const signature = base64(concat(id, ed25519.sign(utf8(text), SECRET)))
    return `${text}\n\u2014 ${ORIGIN} ${signature}\n`
  }

  /** Signing takes long: the proofs of one bundle all end in the same note. */
  proof(index: number, size = this.events.length, note = this.checkpoint(size)): string {
    const path: string[] = []
    let [start, end] = [0, size]
    while (end - start > 1) {
      let half = 1
      while (half * 2 < end - start) half *= 2
      const middle = start + half
      if (index < middle) {
        path.unshift(base64(this.span(middle, end)))
        end = middle
      } else {
        path.unshift(base64(this.span(start, middle)))
        start = middle
      }
    }
    const leaf = base64(this.events[index]?.leaf as Uint8Array)
    const head = ['c2sp.org/tlog-proof@v1', `extra ${leaf}`, `index ${index}`, ...path]
    return `${head.join('\n')}\n\n${note}`
  }

  receipt(index: number, size = this.events.length): string {
    return `${this.events[index]?.line}\n${this.proof(index, size)}`
  }

  /** The public files as this log serves them. */
  files(): LogFiles {
    const files = new Map<string, Uint8Array>([['checkpoint', utf8(this.checkpoint())]])
    for (let from = 0; from < this.events.length; from += 256) {
      const leaves = this.events.slice(from, from + 256).map(({ leaf }) => leaf)
      const entries = leaves.map((leaf) => concat(Uint8Array.of(0, 100), leaf))
      files.set(tileName('entries', from / 256, leaves.length), concat(...entries))
    }
    for (let level = 0; this.levels[level * 8]; level += 1) {
      const row = this.levels[level * 8] as Uint8Array[]
      for (let from = 0; from < row.length; from += 256) {
        const hashes = row.slice(from, from + 256)
        files.set(tileName(level, from / 256, hashes.length), concat(...hashes))
      }
    }
    return { read: async (name) => files.get(name) }
  }

  /** The whole history as one tar file. */
  bundle(): Uint8Array {
    const lines = utf8(this.events.map(({ line }) => `${line}\n`).join(''))
    const folder: Folder = new Map([
      ['keys.txt', utf8(`${MADE_KEY}\n`)],
      ['stream-keys', utf8(`${STREAM} ${hex(STREAM_KEY)}\n`)],
      ['log/checkpoint', utf8(this.checkpoint())],
      ['events.jsonl', lines],
    ])
    const note = this.checkpoint()
    this.events.forEach((_, index) => {
      const proof = this.proof(index, this.events.length, note)
      folder.set(`proofs/${index}.tlog-proof`, utf8(proof))
    })
    const said = { blake3: hex(blake3(lines)), digests: [], events: this.events.length, format: 2 }
    folder.set('manifest.json', utf8(`${JSON.stringify({ ...said, streams: [STREAM] })}\n`))
    return pack(folder)
  }
}
