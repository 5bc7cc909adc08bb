/** A bundle that comes as one tar file, perhaps packed with gzip, opened in memory. */

import { text } from './bytes'
import { Unread } from './verdict'

/** What is opened at most: a file may claim any length, and unpack to much more than it is. */
export const BYTES_MAX = 1024 * 1024 * 1024
const ENTRIES_MAX = 600_000
const BLOCK = 512

/** The files of a bundle by their path below its one folder. */
export type Folder = Map<string, Uint8Array>

/** A file's bytes, out of gzip if they are in it: browsers and mail programs pack what they pass on. */
export async function plain(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  const parts: Uint8Array[] = []
  let length = 0
  try {
    const packed = new Blob([bytes as BlobPart]).stream()
    const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      length += value.length
      if (length > BYTES_MAX) throw new Unread('too_much', { mebibytes: BYTES_MAX / 1024 / 1024 })
      parts.push(value)
    }
  } catch (error) {
    if (error instanceof Unread) throw error
    throw new Unread('cut_off')
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Opens a tar file that holds the plain files of one folder. */
export function unpack(bytes: Uint8Array): Folder {
  const folder: Folder = new Map()
  let [at, longName] = [0, '']
  for (let entries = 0; ; entries += 1) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header.length < BLOCK) throw at === 0 ? new Unread('no_evidence') : new Unread('cut_off')
    if (header.every((byte) => byte === 0)) return folder
    if (entries > ENTRIES_MAX) throw new Unread('too_much', { mebibytes: BYTES_MAX / 1024 / 1024 })
    const entry = readHeader(header, at)
    const body = bytes.subarray(at + BLOCK, at + BLOCK + entry.size)
    if (body.length < entry.size) throw new Unread('cut_off')
    at += BLOCK + Math.ceil(entry.size / BLOCK) * BLOCK
    // GNU's long names come as an entry of their own before the one they name.
    if (entry.kind === 'L') {
      longName = string(body)
      continue
    }
    const name = longName || entry.name
    longName = ''
    // Folders come with their files; the others say of files what is not looked at, such as finer times.
    if ('5xg'.includes(entry.kind)) continue
    const inner = below(name)
    if (entry.kind !== '0' || !inner || folder.has(inner))
      throw new Unread('odd_entry', { file: name })
    folder.set(inner, body)
  }
}

function readHeader(header: Uint8Array, at: number) {
  const kind = header[156] ? String.fromCharCode(header[156]) : '0'
  const prefix = string(header.subarray(345, 500))
  const ustar =
    string(header.subarray(257, 262)) === 'ustar' && prefix !== '' && header[263] === 0x30
  const name = string(header.subarray(0, 100))
  const size = Number.parseInt(string(header.subarray(124, 136)).trim() || '0', 8)
  let sum = 0
  header.forEach((byte, i) => {
    sum += i >= 148 && i < 156 ? 0x20 : byte
  })
  const said = Number.parseInt(string(header.subarray(148, 156)).trim(), 8)
  if (sum !== said || Number.isNaN(size)) throw new Unread(at === 0 ? 'no_evidence' : 'no_archive')
  return { kind, name: ustar ? `${prefix}/${name}` : name, size }
}

function string(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return text(end < 0 ? bytes : bytes.subarray(0, end)) ?? ''
}

/** The path below the archive's one folder, if there is nothing odd about it. */
function below(name: string): string | undefined {
  const [top, ...rest] = name.replace(/^\.\//, '').split('/')
  const odd = [top, ...rest].some((part) => part === '' || part === '.' || part === '..')
  return odd || rest.length === 0 ? undefined : rest.join('/')
}
