/** Packs the files of a bundle again, after a test has changed them. */

import { blake3 } from '@noble/hashes/blake3.js'
import type { Folder } from '../archive'
import { concat, hex, text, utf8 } from '../bytes'

const BLOCK = 512

export function pack(folder: Folder): Uint8Array {
  const parts = [...folder].flatMap(([name, bytes]) => [
    header(`medlock-history/${name}`, bytes.length),
    bytes,
    new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK),
  ])
  return concat(...parts, new Uint8Array(BLOCK * 2))
}

function header(name: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK)
  block.set(utf8(name))
  block.set(utf8('0000600\0'), 100)
  block.set(utf8(`${size.toString(8).padStart(11, '0')}\0`), 124)
  block.set(utf8('        '), 148)
  block.set(utf8('0ustar\x0000'), 156)
  const sum = block.reduce((sum, byte) => sum + byte, 0)
  block.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return block
}

/** Makes the manifest speak of the files as they are now: who forges a bundle does so too. */
export function reseal(folder: Folder) {
  const said = JSON.parse(text(file(folder, 'manifest.json')) ?? '')
  const lines = fileText(folder, 'events.jsonl')
  said.blake3 = hex(blake3(utf8(lines)))
  said.events = lines.split('\n').length - 1
  for (const digest of said.digests) digest.blake3 = hex(blake3(file(folder, digest.path)))
  folder.set('manifest.json', utf8(`${JSON.stringify(said)}\n`))
}

export function file(folder: Folder, name: string): Uint8Array {
  const bytes = folder.get(name)
  if (!bytes) throw new Error(`${name} is not in the folder`)
  return bytes
}

export function fileText(folder: Folder, name: string): string {
  return text(file(folder, name)) ?? ''
}

/** Changes the text of a file. */
export function rewrite(folder: Folder, name: string, change: (text: string) => string) {
  const before = fileText(folder, name)
  const after = change(before)
  if (after === before) throw new Error(`nothing has changed in ${name}`)
  folder.set(name, utf8(after))
}
