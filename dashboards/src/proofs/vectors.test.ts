// @vitest-environment node
/** The committed vectors, which other programs wrote: `tests/vectors/medlock.json` and `tlog.txt`. */

import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { base64, concat, hex, text, unbase64, unhex, utf8 } from './bytes'
import { eventHash, readEvent, StreamChain } from './event'
import { leafOf, tagOf } from './leaf'
import { consistencyProof, tileName } from './log-files'
import { readHashes } from './log-proof'
import { readCheckpoint, readKey, readNote, signedBy } from './note'
import { repositoryText } from './samples/files'
import { continues, includes, leafHash, nodeHash, subtree, TreeRoot } from './tree'
import { Problem } from './verdict'

const vectors = JSON.parse(repositoryText('tests/vectors/medlock.json'))
const tlog = repositoryText('tests/vectors/tlog.txt')
const SIZE = 300

interface Written {
  name: string
  hash: string
  sha256: string
  line?: string
  line_hex?: string
  line_parts?: { start: string; repeat: string; count: number; end: string }
}

interface Refused extends Written {
  reason: string
  after?: string[]
}

function bytesOf({ line, line_hex, line_parts: parts }: Written): Uint8Array {
  if (line_hex) return unhex(line_hex, line_hex.length / 2) as Uint8Array
  return utf8(line ?? (parts && parts.start + parts.repeat.repeat(parts.count) + parts.end) ?? '')
}

/** What follows `start` in the line that begins with it. */
function following(start: string): string {
  const found = tlog.split('\n').find((line) => line.startsWith(start))
  if (found === undefined) throw new Error(`no line begins with ${start}`)
  return found.slice(start.length)
}

/** The text below the line that begins with `start`, up to the mark of its end. */
function block(start: string): string {
  const [, below = ''] = tlog.split(start)
  return below.slice(below.indexOf('\n') + 1).split('<<END')[0] as string
}

const entry = (index: number) => concat(utf8('demo-leaf/v1\0'), sha256(utf8(`event-${index}`)))

function root(size: number): Uint8Array {
  const tree = new TreeRoot()
  for (let index = 0; index < size; index += 1) tree.push(entry(index))
  return tree.root()
}

describe('lines', () => {
  it.each(vectors.events as Written[])('$name is read and has its digests', (written) => {
    const { hash, sha256: digest } = written
    const bytes = bytesOf(written)
    const { stream, version } = readEvent(bytes)
    expect(JSON.parse(text(bytes) ?? '')).toMatchObject({ stream, version })
    expect(hex(eventHash(bytes))).toBe(hash)
    expect(hex(sha256(bytes))).toBe(digest)
  })

  it.each(vectors.refused_lines as Refused[])('$name is refused', (refused) => {
    const { reason } = refused
    const bytes = bytesOf(refused)
    const stream = refused.after?.[0] && readEvent(utf8(refused.after[0])).stream
    const chain = new StreamChain()
    for (const before of refused.after ?? []) {
      chain.take(readEvent(utf8(before)), eventHash(utf8(before)))
    }
    const take = () => {
      const event = readEvent(bytes)
      if (stream && event.stream !== stream) throw new Problem('line_of_other_stream')
      chain.take(event, eventHash(bytes))
    }
    expect(take).toThrow(EXPECTED[reason])
  })
})

/** What we call the reasons of `make.py`. */
const EXPECTED: Record<string, string> = {
  ...{ line_too_long: 'line_too_long', wrong_stream: 'line_of_other_stream' },
  ...{ version_gap: 'chain_version', wrong_prev: 'chain_prev', missing_member: 'line_member' },
  ...{ bad_time: 'line_member', bad_version: 'line_member', bad_salt: 'line_member' },
  ...{ bad_prev: 'line_member', bad_type: 'line_member', bad_data: 'line_member' },
  ...{ bad_specversion: 'line_member', bad_id: 'line_member' },
  ...{ not_canonical: 'line_not_canonical', not_json: 'line_not_canonical' },
  ...{ not_utf8: 'line_not_canonical', lone_surrogate: 'line_not_canonical' },
  ...{ byte_order_mark: 'line_not_canonical', duplicate_member: 'line_not_canonical' },
  ...{ member_name: 'line_not_canonical', float: 'line_not_canonical' },
  ...{ negative_zero: 'line_not_canonical', integer_range: 'line_not_canonical' },
  ...{ null: 'line_not_canonical', depth: 'line_not_canonical' },
}

describe('leaves and the tree', () => {
  const keys = vectors.tree.stream_keys as Record<string, string>
  const key = (stream: string) => unhex(keys[stream] ?? '', 32) as Uint8Array

  it('tags are those of the second implementation', () => {
    for (const { stream, version, tag } of vectors.tree.tags) {
      expect(hex(tagOf(key(stream), version))).toBe(tag)
    }
  })

  it('leaves, their hashes and the roots too', () => {
    const lines = new Map<string, Uint8Array>()
    for (const { line, hash } of vectors.events) lines.set(hash, utf8(line))
    const tree = new TreeRoot()
    const roots = vectors.tree.roots.map(({ root }: { root: string }) => root)
    expect(hex(tree.root())).toBe(roots[0])
    for (const [
      i,
      { stream, version, event_hash, leaf, leaf_hash },
    ] of vectors.tree.leaves.entries()) {
      const line = lines.get(event_hash) as Uint8Array
      const made = leafOf(tagOf(key(stream), version), line, eventHash(line))
      expect([hex(made), hex(leafHash(made))]).toEqual([leaf, leaf_hash])
      tree.push(made)
      expect(hex(tree.root())).toBe(roots[i + 1])
    }
  })

  it("roots are those of Go's library", () => {
    for (const size of [1, 2, 255, 256, 257, SIZE]) {
      expect(hex(root(size))).toBe(following(`C root[${size}]=`).split(' ')[0])
    }
  })

  it('an inclusion proof leads to the root, and no other leaf, place or path does', () => {
    const [head = ''] = block('C tlog-proof').split('\n\n')
    const path = readHashes(head.split('\n').slice(2))
    expect(includes(entry(42), 42, SIZE, path, root(SIZE))).toBe(true)
    expect(includes(entry(41), 42, SIZE, path, root(SIZE))).toBe(false)
    expect(includes(entry(42), 43, SIZE, path, root(SIZE))).toBe(false)
    expect(includes(entry(42), 42, SIZE, path.slice(1), root(SIZE))).toBe(false)
    expect(includes(entry(42), 42, SIZE, [...path, root(1)], root(SIZE))).toBe(false)
    expect(includes(entry(42), SIZE, SIZE, path, root(SIZE))).toBe(false)
  })

  it('a consistency proof shows that the tree only grew, out of its tiles too', async () => {
    const [, below = ''] = tlog.split('C consistency 257->300:\n')
    const lines = below.split('\n').filter((line) => line.startsWith('  '))
    const path = readHashes(lines.map((line) => line.trim()))
    const [old, now] = [
      { size: 257, root: root(257) },
      { size: SIZE, root: root(SIZE) },
    ]
    expect(continues(old, now, path)).toBe(true)
    expect(continues({ ...old, root: root(256) }, now, path)).toBe(false)
    expect(continues({ size: 256, root: root(256) }, now, path)).toBe(false)
    expect(continues(old, now, path.slice(0, -1))).toBe(false)
    expect(continues(now, old, path)).toBe(false)
    const made = await consistencyProof({ read: tile }, 257, SIZE)
    expect(made?.map(base64)).toEqual(path.map(base64))
  })
})

/** The tiles of the vectors' tree, made from its leaves. */
async function tile(name: string): Promise<Uint8Array | undefined> {
  const hashes = Array.from({ length: SIZE }, (_, index) => leafHash(entry(index)))
  const tiles = new Map([
    [tileName(0, 0, 256), hashes.slice(0, 256)],
    [tileName(0, 1, 44), hashes.slice(256)],
    [tileName(1, 0, 1), [subtree(hashes.slice(0, 256))]],
  ])
  const found = tiles.get(name)
  return found && concat(...found)
}

describe('notes', () => {
  it('the tile names are those of the specification', () => {
    expect(tileName(0, 1_234_067, 256)).toBe('tile/0/x001/x234/067')
    expect(tileName('entries', 1, 44)).toBe('tile/entries/001.p/44')
  })

  it("the specification's example is believed", () => {
    const key = readKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
    const note = readNote(
      utf8(
        'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXp' +
          'pzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
      ),
    )
    expect(signedBy(note, [key])).toHaveLength(1)
  })

  it('a cosigned checkpoint is believed by both keys, with its time', () => {
    const note = readNote(utf8(block('C cosigned checkpoint')))
    const keys = [readKey(following('C log vkey ')), readKey(following('C witness vkey '))]
    expect(signedBy(note, keys).map(({ seconds }) => seconds)).toEqual([undefined, 1_700_000_000])
    const { origin, size, root: said } = readCheckpoint(note.text)
    expect({ origin, size }).toEqual({ origin: 'log.example.org/consent', size: SIZE })
    expect(base64(said)).toBe(base64(root(SIZE)))
    expect(nodeHash(said, said)).toHaveLength(32)
    expect(unbase64('AA=')).toBeUndefined()
  })
})
