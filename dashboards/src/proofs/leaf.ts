/** The 100-byte leaf that stands for an event in the public log: magic, tag, BLAKE3, SHA-256. */

import { blake3 } from '@noble/hashes/blake3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { same, u64, utf8 } from './bytes'

export const LEAF_BYTES = 100
const MAGIC = utf8('MLK1')

/** What the leaf of a version carries: only whoever holds the stream's key can make it. */
export function tagOf(streamKey: Uint8Array, version: number): Uint8Array {
  return blake3(u64(version), { key: streamKey })
}

export function tagIn(leaf: Uint8Array): Uint8Array {
  return leaf.subarray(4, 36)
}

export function leafOf(tag: Uint8Array, line: Uint8Array, hash: Uint8Array): Uint8Array {
  const leaf = new Uint8Array(LEAF_BYTES)
  leaf.set(MAGIC)
  leaf.set(tag, 4)
  leaf.set(hash, 36)
  leaf.set(sha256(line), 68)
  return leaf
}

/** Whether the leaf carries both digests of the line. Says nothing about the tag. */
export function carries(leaf: Uint8Array, line: Uint8Array, hash: Uint8Array): boolean {
  return leaf.length === LEAF_BYTES && same(leaf, leafOf(tagIn(leaf), line, hash))
}
