/** RFC 6962 over the leaves: the root, inclusion and consistency proofs (RFC 9162 section 2.1.3 and 2.1.4). */

import { sha256 } from '@noble/hashes/sha2.js'
import { same } from './bytes'

/** Positions count beyond what bit operations of JavaScript hold: halves and remainders instead. */
const half = (n: number) => Math.floor(n / 2)
const odd = (n: number) => n % 2 === 1

export function leafHash(leaf: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(leaf.length + 1)
  bytes.set(leaf, 1)
  return sha256(bytes)
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 33)
  return sha256(bytes)
}

/** A root that grows leaf by leaf: complete subtrees at its right edge. */
export class TreeRoot {
  private size = 0
  private edge: Uint8Array[] = []

  push(leaf: Uint8Array) {
    let hash = leafHash(leaf)
    for (let n = this.size; odd(n); n = half(n))
      hash = nodeHash(this.edge.pop() as Uint8Array, hash)
    this.edge.push(hash)
    this.size += 1
  }

  root(): Uint8Array {
    if (this.edge.length === 0) return sha256(new Uint8Array())
    return this.edge.reduceRight((right, left) => nodeHash(left, right))
  }
}

/** The root over the hashes of a tile that is a part of the tree. */
export function subtree(hashes: Uint8Array[]): Uint8Array {
  let row = hashes
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i + 1 < row.length; i += 2) {
      above.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array))
    }
    if (odd(row.length)) above.push(row[row.length - 1] as Uint8Array)
    row = above
  }
  return row[0] as Uint8Array
}

/** Climbs from a node of a tree to its root, calling `step` with each sibling; whether the path fits. */
function climb(
  from: { node: number; last: number },
  path: Uint8Array[],
  step: (sibling: Uint8Array, onTheLeft: boolean) => void,
): boolean {
  let { node, last } = from
  for (const sibling of path) {
    if (last === 0) return false
    const onTheLeft = odd(node) || node === last
    step(sibling, onTheLeft)
    if (onTheLeft) {
      while (!odd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    }
    node = half(node)
    last = half(last)
  }
  return last === 0
}

/** Whether the path leads from the leaf at `index` to the root of the tree of `size`. */
export function includes(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index >= size) return false
  let hash = leafHash(leaf)
  const fits = climb({ node: index, last: size - 1 }, path, (sibling, onTheLeft) => {
    hash = onTheLeft ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
  })
  return fits && same(hash, root)
}

/** A tree: how many leaves, and its root. */
export interface Tree {
  size: number
  root: Uint8Array
}

/** Whether the proof shows that the new tree begins with the old one. */
export function continues(old: Tree, now: Tree, proof: Uint8Array[]): boolean {
  if (old.size > now.size) return false
  if (old.size === now.size) return proof.length === 0 && same(old.root, now.root)
  if (old.size === 0) return proof.length === 0 && same(new TreeRoot().root(), old.root)
  let [node, last] = [old.size - 1, now.size - 1]
  while (odd(node)) [node, last] = [half(node), half(last)]
  // A complete old tree is a node of the new one, which whoever checks knows already.
  const path = node === 0 ? [old.root, ...proof] : proof
  const [first, ...rest] = path
  if (!first) return false
  let [oldHash, newHash] = [first, first]
  const fits = climb({ node, last }, rest, (sibling, onTheLeft) => {
    if (onTheLeft) oldHash = nodeHash(sibling, oldHash)
    newHash = onTheLeft ? nodeHash(sibling, newHash) : nodeHash(newHash, sibling)
  })
  return fits && same(oldHash, old.root) && same(newHash, now.root)
}

/** A run of leaves that is a node of some tree: what one hash of a proof stands for. */
interface Span {
  start: number
  end: number
}

/** The largest power of two below `length`, which is at least 2. */
function split(length: number): number {
  let power = 1
  while (power * 2 < length) power *= 2
  return power
}

/** What a consistency proof is made of, bottom up; none if the tree has shrunk. */
export function consistencySpans(old: number, now: number): Span[] | undefined {
  if (old > now) return undefined
  if (old === 0 || old === now) return []
  const spans: Span[] = []
  const span = { start: 0, end: now }
  let known = true
  while (old !== span.end) {
    const middle = span.start + split(span.end - span.start)
    if (old <= middle) {
      spans.push({ start: middle, end: span.end })
      span.end = middle
    } else {
      spans.push({ start: span.start, end: middle })
      span.start = middle
      known = false
    }
  }
  if (!known) spans.push(span)
  return spans.reverse()
}

/** A complete subtree: level 0 is a leaf, level l spans 2^l leaves. */
export interface TreeNode {
  level: number
  index: number
}

/** The complete subtrees a span is made of, left to right. */
export function nodesOf({ start, end }: Span): TreeNode[] {
  const nodes: TreeNode[] = []
  let [at, left] = [start, end - start]
  while (left > 0) {
    let [level, width] = [0, 1]
    while (width * 2 <= left) [level, width] = [level + 1, width * 2]
    nodes.push({ level, index: at / width })
    at += width
    left -= width
  }
  return nodes
}
