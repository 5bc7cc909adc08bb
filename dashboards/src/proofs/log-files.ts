/** A log's public files (c2sp.org/tlog-tiles): where they lie, and the hashes and leaves in them. */

import { LEAF_BYTES } from './leaf'
import { NOTE_BYTES_MAX } from './note'
import { consistencySpans, nodeHash, nodesOf, subtree, type TreeNode } from './tree'
import { Problem, Unread } from './verdict'

/** Hashes in a full tile, leaves in a full bundle. */
export const WIDTH = 256
const ENTRY_BYTES = 2 + LEAF_BYTES

/** Whoever has the files of a log. A file that is not there is none; a place that does not answer throws. */
export interface LogFiles {
  read(name: string): Promise<Uint8Array | undefined>
}

/** The files below an address. */
export class ServedLog implements LogFiles {
  private readonly base: string

  constructor(
    base: string,
    private readonly fetched: typeof fetch = (...asked) => fetch(...asked),
  ) {
    this.base = base.endsWith('/') ? base : `${base}/`
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const answer = await this.ask(name)
    if (answer.status === 404) return undefined
    if (!answer.ok)
      throw new Unread('log_unreachable', { file: name, why: `HTTP ${answer.status}` })
    try {
      return new Uint8Array(await answer.arrayBuffer())
    } catch {
      throw new Unread('log_unreachable', { file: name, why: 'the answer broke off' })
    }
  }

  private async ask(name: string): Promise<Response> {
    try {
      return await this.fetched(this.base + name, { credentials: 'omit' })
    } catch {
      throw new Unread('log_unreachable', { file: name, why: 'no answer' })
    }
  }
}

/** `tile/0/x001/067`, with `.p/8` behind it where it is not full. */
export function tileName(kind: number | 'entries', index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  }
  return `tile/${kind}/${groups.join('/')}${width < WIDTH ? `.p/${width}` : ''}`
}

/** The bytes of a tile as a tree of some size has it; the full one may have taken its place. */
async function readTile(
  files: LogFiles,
  kind: number | 'entries',
  index: number,
  width: number,
): Promise<Uint8Array> {
  const row = kind === 'entries' ? ENTRY_BYTES : 32
  const partial = await files.read(tileName(kind, index, width))
  const bytes =
    partial ?? (width < WIDTH ? await files.read(tileName(kind, index, WIDTH)) : undefined)
  if (!bytes || bytes.length < width * row) {
    throw new Unread('tile_missing', { file: tileName(kind, index, width) })
  }
  if (partial && partial.length !== width * row) {
    throw new Problem('bundle_of_leaves', { file: tileName(kind, index, width) }, index * WIDTH)
  }
  return bytes.subarray(0, width * row)
}

/** The leaves of a bundle as a tree of `size` has it. */
export async function leavesOf(
  files: LogFiles,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  const width = Math.min(WIDTH, size - index * WIDTH)
  const bytes = await readTile(files, 'entries', index, width)
  return Array.from({ length: width }, (_, i) => {
    const entry = bytes.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES)
    if (entry[0] !== 0 || entry[1] !== LEAF_BYTES) {
      const file = tileName('entries', index, width)
      throw new Problem('bundle_of_leaves', { file }, index * WIDTH + i)
    }
    return entry.subarray(2)
  })
}

/** The consistency proof from `old` to `now` leaves, out of the files of a tree of `now`. */
export async function consistencyProof(
  files: LogFiles,
  old: number,
  now: number,
): Promise<Uint8Array[] | undefined> {
  const spans = consistencySpans(old, now)
  if (!spans) return undefined
  const path: Uint8Array[] = []
  for (const span of spans) {
    const hashes: Uint8Array[] = []
    for (const node of nodesOf(span)) hashes.push(await nodeIn(files, node, now))
    path.push(hashes.reduceRight((right, left) => nodeHash(left, right)))
  }
  return path
}

/** The hash of a complete subtree out of its tile. */
async function nodeIn(
  files: LogFiles,
  { level, index }: TreeNode,
  size: number,
): Promise<Uint8Array> {
  const [tileLevel, within] = [Math.floor(level / 8), level % 8]
  const first = index * 2 ** within
  const tile = Math.floor(first / WIDTH)
  const rows = Math.floor(size / WIDTH ** tileLevel)
  const bytes = await readTile(files, tileLevel, tile, Math.min(WIDTH, rows - tile * WIDTH))
  const from = (first % WIDTH) * 32
  const hashes = Array.from({ length: 2 ** within }, (_, i) =>
    bytes.subarray(from + i * 32, from + (i + 1) * 32),
  )
  return subtree(hashes)
}

/** The checkpoint the log serves. */
export async function servedCheckpoint(files: LogFiles): Promise<Uint8Array> {
  const bytes = await files.read('checkpoint')
  if (!bytes) throw new Unread('no_checkpoint')
  return bytes.subarray(0, NOTE_BYTES_MAX + 1)
}
