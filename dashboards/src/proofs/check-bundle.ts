/** Checks a history bundle: a folder of files about one stream. */

import { blake3 } from '@noble/hashes/blake3.js'
import type { Folder } from './archive'
import { decimal, hex, same, unhex, utf8 } from './bytes'
import type { Against, Trust } from './check'
import { believed } from './check-text'
import { eventHash, readEvent, StreamChain } from './event'
import { carries, leafOf, tagIn, tagOf } from './leaf'
import { readProof } from './log-proof'
import { type Checkpoint, type Note, readAs, readCheckpoint, readNote } from './note'
import { type Policy, policyOfLogs, readKeys, readPolicy } from './policy'
import { type Held, StreamScan } from './scan'
import { asWritten, endsWithNewline, linesOf, writtenText } from './text-ends'
import { includes } from './tree'
import { type Judging, Problem, type Said, Unread, type Verdict } from './verdict'

const LINES = 'events.jsonl'
const MANIFEST = 'manifest.json'

/** The members of a manifest that are looked at. */
interface Manifest {
  format: number
  events: number
  blake3: string
  streams: string[] | undefined
  digests: { path: string; blake3: string }[]
}

/** A stream and its lines, as they were found. */
interface Found {
  stream: string
  key: Uint8Array
  checkpoint: Checkpoint
  /** The checkpoint's note: every proof ends in it. */
  note: { text: string; note: Note }
  held: Map<number, Held>
  /** Lines that no root covers yet. */
  newer: number
  /** Lines that come without a proof of their own. */
  unproved: number
  /** Lines that were written for an older log, which this one goes on from. */
  older: number
}

export async function checkBundle(
  folder: Folder,
  trust: Trust,
  against: Against,
  judging: Judging,
): Promise<Verdict> {
  // A bundle brings its own keys: those of the server are for what brings none.
  const own = trust.from !== 'named'
  let right: Said | undefined
  try {
    right = await new BundleCheck(folder, judging, against).run(own ? undefined : trust.policy)
  } catch (error) {
    judging.found(error)
  }
  return judging.conclude(own, right)
}

class BundleCheck {
  constructor(
    private readonly folder: Folder,
    private readonly judging: Judging,
    private readonly against: Against,
  ) {}

  async run(named: Policy | undefined): Promise<Said> {
    const { judging } = this
    const { log, progress } = this.against
    const policy = named ?? this.ownPolicy()
    if (!named) judging.notChecked('not_own_keys')
    const written = this.text('log/checkpoint')
    const note = readAs('log/checkpoint', () => readNote(utf8(written)))
    const checkpoint = believed(note, policy, judging)
    const said = this.manifest()
    const found = this.subject(said, checkpoint, { text: written, note })
    this.guarded(() => this.lines(said, found))
    if (found.unproved > 0 && !log)
      judging.found(new Problem('unproved', { lines: found.unproved }))
    if (found.newer > 0) judging.notChecked('not_newer_lines', { lines: found.newer })
    if (found.older > 0) judging.notChecked('not_older_log', { lines: found.older })
    const { stream, held } = found
    if (log) await new StreamScan(found, judging).run(log, progress)
    else judging.notChecked('not_complete')
    judging.notChecked('not_after_checkpoint')
    const { origin, size } = checkpoint
    const values = { lines: held.size, stream, origin, size }
    return { code: log ? 'right_bundle_all' : 'right_bundle', values }
  }

  /** Goes on after what is wrong: the scan still says what is withheld. */
  private guarded(step: () => void) {
    try {
      step()
    } catch (error) {
      this.judging.found(error)
    }
  }

  private file(name: string): Uint8Array {
    const bytes = this.folder.get(name)
    if (!bytes) throw new Unread('file_missing', { file: name })
    return bytes
  }

  private text(name: string): string {
    const text = writtenText(this.file(name))
    if (text === undefined) throw new Unread('file_unreadable', { file: name, why: 'no text' })
    return text
  }

  /** The keys that came along, and the policy if one did. */
  private ownPolicy(): Policy {
    const keys = readKeys('keys.txt', this.text('keys.txt'))
    if (!this.folder.has('policy')) return policyOfLogs(keys)
    return { ...readPolicy(this.text('policy')), logs: keys }
  }

  private manifest(): Manifest {
    const said = readManifest(this.text(MANIFEST))
    if (said.format !== 2) throw new Unread('manifest_format')
    for (const { path, blake3 } of [...said.digests, { path: LINES, blake3: said.blake3 }]) {
      const bytes = this.file(path)
      if (hasDigest(bytes, blake3)) continue
      if (path === LINES && !endsWithNewline(bytes)) throw new Unread('cut_off')
      this.judging.found(new Problem('file_digest', { file: path }))
    }
    return said
  }

  private subject(said: Manifest, checkpoint: Checkpoint, note: Found['note']): Found {
    const [stream, ...others] = said.streams ?? []
    if (said.streams === undefined) throw new Unread('whole_log')
    if (stream === undefined || others.length > 0) throw new Problem('not_one_stream')
    const rows = this.text('stream-keys')
      .split('\n')
      .map((row) => row.split(' '))
    const key = unhex(rows.find(([name]) => name === stream)?.[1] ?? '', 32)
    if (!key) throw new Problem('no_stream_key', { stream })
    const counts = { newer: 0, unproved: 0, older: 0 }
    return { stream, key, checkpoint, note, held: new Map(), ...counts }
  }

  /** Checks every line; goes on after the first that is wrong, so that the scan knows what is held. */
  private lines(said: Manifest, found: Found) {
    const listed = this.folder.has('positions') ? this.text('positions').split('\n') : undefined
    let chain: StreamChain | undefined = new StreamChain()
    let count = 0
    const file = this.file(LINES)
    const marked = file[0] === 0xef ? file.subarray(3) : file
    for (const { line, ended } of linesOf(marked)) {
      const position = listed ? decimal(listed[count] ?? '') : count
      if (position === undefined) throw new Problem('no_position', { line: count + 1 })
      count += 1
      if (!ended && !isEvent(line)) throw new Unread('cut_off')
      try {
        this.line(line, position, chain, found)
      } catch (error) {
        chain = undefined
        this.judging.found(error, position)
      }
    }
    const rows = listed?.filter((row) => row !== '').length ?? count
    if (count !== said.events || count !== rows)
      throw new Problem('counts_differ', { lines: count })
    const proved = found.unproved === 0
    this.judging.checked(proved ? 'checked_lines_and_proofs' : 'checked_lines', { lines: count })
  }

  private line(line: Uint8Array, position: number, chain: StreamChain | undefined, found: Found) {
    const event = readEvent(line)
    const { stream, version } = event
    if (stream !== found.stream) throw new Problem('line_of_other_stream', { stream })
    const hash = eventHash(line)
    const leaf = leafOf(tagOf(found.key, version), line, hash)
    found.held.set(version, { position, leaf })
    chain?.take(event, hash)
    if (event.source !== found.checkpoint.origin) found.older += 1
    if (position >= found.checkpoint.size) {
      found.newer += 1
      return
    }
    const file = `proofs/${position}.tlog-proof`
    if (!this.folder.has(file)) {
      found.unproved += 1
      return
    }
    const proof = readAs(file, () => readProof(this.text(file), found.note))
    followProof(proof, position, file, found)
    if (same(proof.leaf, leaf)) return
    if (!carries(proof.leaf, line, hash)) throw new Problem('leaf_digests')
    if (!same(tagIn(proof.leaf), tagIn(leaf))) throw new Problem('leaf_tag', { stream, version })
  }
}

function followProof(
  proof: ReturnType<typeof readProof>,
  position: number,
  file: string,
  found: Found,
) {
  const { checkpoint, note } = found
  const its =
    proof.note.text === note.note.text
      ? checkpoint
      : readAs(file, () => readCheckpoint(proof.note.text))
  if (!includes(proof.leaf, proof.index, its.size, proof.path, its.root)) throw new Problem('path')
  const sameTree = its.size === checkpoint.size && same(its.root, checkpoint.root)
  if (!sameTree || its.origin !== checkpoint.origin || proof.index !== position) {
    throw new Problem('proof_other_place', { file })
  }
}

function isEvent(line: Uint8Array): boolean {
  try {
    readEvent(line)
    return true
  } catch {
    return false
  }
}

/** Whether a file has this digest, as it is or as it was written. */
function hasDigest(bytes: Uint8Array, digest: string): boolean {
  return hex(blake3(bytes)) === digest || hex(blake3(asWritten(bytes))) === digest
}

function readManifest(written: string): Manifest {
  const unread = () => new Unread('file_unreadable', { file: MANIFEST, why: 'not a manifest' })
  let said: unknown
  try {
    said = JSON.parse(written)
  } catch {
    throw unread()
  }
  const of = said as Record<string, unknown> | null
  const digests = of?.digests ?? []
  const streams = of?.streams ?? undefined
  const right =
    typeof of?.format === 'number' &&
    typeof of.events === 'number' &&
    typeof of.blake3 === 'string' &&
    (streams === undefined ||
      (Array.isArray(streams) && streams.every((s) => typeof s === 'string'))) &&
    Array.isArray(digests) &&
    digests.every((d) => typeof d?.path === 'string' && typeof d?.blake3 === 'string')
  if (!right) throw unread()
  return { format: of.format, events: of.events, blake3: of.blake3, streams, digests } as Manifest
}
