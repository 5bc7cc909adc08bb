/**
 * Text as it comes by mail, through editors and other systems: with a byte-order mark, with CRLF, or without the
 * end of its last line. None of what is checked can hold these itself: they are taken back.
 */

import { concat, text, utf8 } from './bytes'

const NEWLINE = 0x0a
const RETURN = 0x0d

export function endsWithNewline(bytes: Uint8Array): boolean {
  return bytes.length === 0 || bytes[bytes.length - 1] === NEWLINE
}

/** The bytes as they were written: no mark, a newline behind every line. */
export function asWritten(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const unmarked = marked ? bytes.subarray(3) : bytes
  if (!unmarked.includes(RETURN) && endsWithNewline(unmarked)) return unmarked
  const lines = [...linesOf(unmarked)].map(({ line }) => concat(line, utf8('\n')))
  return concat(...lines)
}

/** The text of a file, as it was written; none if it is no text. */
export function writtenText(bytes: Uint8Array): string | undefined {
  return text(asWritten(bytes))
}

/** Lines without their ends, and whether each had one. */
export function* linesOf(bytes: Uint8Array): Generator<{ line: Uint8Array; ended: boolean }> {
  let at = 0
  while (at < bytes.length) {
    const found = bytes.indexOf(NEWLINE, at)
    const end = found < 0 ? bytes.length : found
    const cut = end > at && bytes[end - 1] === RETURN ? end - 1 : end
    yield { line: bytes.subarray(at, cut), ended: found >= 0 }
    at = end + 1
  }
}
