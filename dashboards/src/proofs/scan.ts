/** The completeness scan: every leaf of the log is looked at for the tags of one stream. */

import { hex, same } from './bytes'
import { tagIn, tagOf } from './leaf'
import { type LogFiles, leavesOf, WIDTH } from './log-files'
import type { Checkpoint } from './note'
import { TreeRoot } from './tree'
import { type Judging, Problem } from './verdict'

/** Most lines that are looked for beyond those that are held. */
const WITHHELD_MAX = 100_000
/** How many files are asked for at once. */
const ASKED_AT_ONCE = 6

/** A line that somebody holds: where it says it stands, and the leaf that it and its stream's key give. */
export interface Held {
  position: number
  leaf: Uint8Array
}

interface Subject {
  stream: string
  key: Uint8Array
  checkpoint: Checkpoint
  held: Map<number, Held>
}

export class StreamScan {
  /** Tags that were met or must be, and the version each belongs to. */
  private readonly tags = new Map<string, number>()
  private readonly met = new Map<number, number>()
  /** The first version of which no line is held. */
  private next = 0

  constructor(
    private readonly subject: Subject,
    private readonly judging: Judging,
  ) {
    const { held } = subject
    for (const version of held.keys()) this.next = Math.max(this.next, version + 1)
    // A bundle may lie about versions; it must not make us look for billions of tags.
    this.next = Math.min(this.next, held.size + WITHHELD_MAX)
    for (let version = 0; version <= this.next; version += 1) this.expect(version)
  }

  private expect(version: number) {
    this.tags.set(hex(tagOf(this.subject.key, version)), version)
  }

  /** Reads all leaves of the tree, one bundle after the other. */
  async run(log: LogFiles, progress: ((done: number, all: number) => void) | undefined) {
    const { size, root } = this.subject.checkpoint
    const tree = new TreeRoot()
    let position = 0
    progress?.(0, size)
    try {
      for await (const leaves of inOrder(log, size)) {
        for (const leaf of leaves) {
          tree.push(leaf)
          this.look(leaf, position)
          position += 1
        }
        progress?.(position, size)
      }
    } catch (error) {
      this.judging.found(error)
      return
    }
    if (!same(tree.root(), root)) this.judging.found(new Problem('root_differs'))
    this.conclude(size)
  }

  private look(leaf: Uint8Array, position: number) {
    const version = this.tags.get(hex(tagIn(leaf)))
    if (version === undefined) return
    const { stream, held } = this.subject
    const wrong = (problem: Problem) => this.judging.found(problem, position)
    const first = this.met.get(version)
    if (first !== undefined) wrong(new Problem('tag_twice', { stream, version, first }))
    this.met.set(version, position)
    const line = held.get(version)
    if (!line) {
      wrong(new Problem('withheld', { stream, version }))
      if (version >= this.next) {
        this.next = version + 1
        this.expect(this.next)
      }
    } else if (line.position !== position) {
      wrong(new Problem('tag_elsewhere', { stream, version, elsewhere: line.position }))
    } else if (!same(line.leaf, leaf)) {
      wrong(new Problem('leaf_not_held', { stream, version }))
    }
  }

  private conclude(size: number) {
    const { stream, held } = this.subject
    const missing = [...held].filter(
      ([version, line]) => !this.met.has(version) && line.position < size,
    )
    for (const [version, { position }] of missing.sort(([a], [b]) => a - b)) {
      this.judging.found(new Problem('tag_nowhere', { stream, version }), position)
    }
    this.judging.checked('checked_leaves', { size })
  }
}

/** All bundles of leaves in their order, some asked for ahead. */
async function* inOrder(log: LogFiles, size: number): AsyncGenerator<Uint8Array[]> {
  const bundles = Math.ceil(size / WIDTH)
  for (let from = 0; from < bundles; from += ASKED_AT_ONCE) {
    const count = Math.min(ASKED_AT_ONCE, bundles - from)
    yield* await Promise.all(Array.from({ length: count }, (_, i) => leavesOf(log, from + i, size)))
  }
}
