/**
 * RFC 8785 within the journal's limits: proves that bytes already are the canonical form of one JSON object.
 * A line that was written is never re-serialised, so the bytes themselves are walked.
 */

import { text as utf8Text } from './bytes'

export type NotCanonical =
  | 'utf8'
  | 'object_expected'
  | 'trailing_bytes'
  | 'syntax'
  | 'whitespace'
  | 'depth'
  | 'null'
  | 'member_name'
  | 'duplicate_member'
  | 'member_order'
  | 'control_character'
  | 'escape'
  | 'float'
  | 'integer_form'
  | 'integer_range'

/** The first place where bytes are not canonical, and why. */
export class CanonicalError extends Error {
  constructor(
    readonly at: number,
    readonly why: NotCanonical,
  ) {
    super(`not canonical at byte ${at}: ${why}`)
  }
}

const DEPTH_MAX = 32

/** Name and raw value of each member of the object that the bytes are. */
export function members(bytes: Uint8Array): Map<string, string> {
  // A byte above 127 stands only in strings, which are checked as UTF-8 as a whole.
  const text = utf8Text(bytes)
  if (text === undefined) throw new CanonicalError(0, 'utf8')
  const walk = new Walk(text)
  if (walk.peek() !== '{') throw walk.refuse('object_expected')
  const found = new Map<string, string>()
  walk.object(0, (name, value) => found.set(name, value))
  if (walk.at !== text.length) throw walk.refuse('trailing_bytes')
  return found
}

const SHORT_ESCAPES = '"\\bfnrt'
const isDigit = (c: string | undefined) => c !== undefined && c >= '0' && c <= '9'
const isBlank = (c: string | undefined) => c === ' ' || c === '\t' || c === '\n' || c === '\r'

class Walk {
  at = 0

  constructor(readonly text: string) {}

  peek(): string | undefined {
    return this.text[this.at]
  }

  refuse(why: NotCanonical, at = this.at): CanonicalError {
    return new CanonicalError(at, why)
  }

  private next(): CanonicalError {
    return this.refuse(isBlank(this.peek()) ? 'whitespace' : 'syntax')
  }

  private expect(word: string) {
    if (!this.text.startsWith(word, this.at)) throw this.refuse('syntax')
    this.at += word.length
  }

  private value(depth: number) {
    if (depth > DEPTH_MAX) throw this.refuse('depth')
    const c = this.peek()
    if (c === '{') this.object(depth, () => {})
    else if (c === '[') this.array(depth)
    else if (c === '"') this.string()
    else if (c === 't') this.expect('true')
    else if (c === 'f') this.expect('false')
    else if (c === 'n') throw this.refuse('null')
    else if (c === '-' || isDigit(c)) this.integer()
    else throw this.next()
  }

  object(depth: number, member: (name: string, value: string) => void) {
    this.at += 1
    if (this.peek() === '}') {
      this.at += 1
      return
    }
    let before = ''
    for (;;) {
      const start = this.at
      if (isBlank(this.peek())) throw this.refuse('whitespace')
      const name = this.string()
      if (!/^[a-z][a-z0-9_]*$/.test(name)) throw this.refuse('member_name', start)
      if (name === before) throw this.refuse('duplicate_member', start)
      if (name < before) throw this.refuse('member_order', start)
      before = name
      if (this.peek() !== ':') throw this.next()
      this.at += 1
      const from = this.at
      this.value(depth + 1)
      member(name, this.text.slice(from, this.at))
      if (this.peek() === '}') break
      if (this.peek() !== ',') throw this.next()
      this.at += 1
    }
    this.at += 1
  }

  private array(depth: number) {
    this.at += 1
    if (this.peek() === ']') {
      this.at += 1
      return
    }
    for (;;) {
      this.value(depth + 1)
      if (this.peek() === ']') break
      if (this.peek() !== ',') throw this.next()
      this.at += 1
    }
    this.at += 1
  }

  /** Walks a string and answers what stands between its quotes. */
  private string(): string {
    this.expect('"')
    const start = this.at
    for (;;) {
      const c = this.text[this.at]
      if (c === '"') break
      if (c === undefined) throw this.refuse('syntax')
      if (c === '\\') this.escape()
      else if (c < ' ') throw this.refuse('control_character')
      else this.at += 1
    }
    this.at += 1
    return this.text.slice(start, this.at - 1)
  }

  /** Only the escapes that writing gives: every other character stands for itself. */
  private escape() {
    const c = this.text[this.at + 1]
    if (c !== undefined && SHORT_ESCAPES.includes(c)) {
      this.at += 2
      return
    }
    const code = /^u00([01][0-9a-f])/.exec(this.text.slice(this.at + 1, this.at + 6))?.[1]
    if (!code || ['08', '09', '0a', '0c', '0d'].includes(code)) throw this.refuse('escape')
    this.at += 6
  }

  private integer() {
    const start = this.at
    const negative = this.peek() === '-'
    if (negative) this.at += 1
    const from = this.at
    while (isDigit(this.peek())) this.at += 1
    const digits = this.text.slice(from, this.at)
    const c = this.peek()
    if (c === '.' || c === 'e' || c === 'E') throw this.refuse('float', start)
    if (digits === '' || (digits[0] === '0' && (digits.length > 1 || negative))) {
      throw this.refuse('integer_form', start)
    }
    if (!Number.isSafeInteger(Number(digits))) throw this.refuse('integer_range', start)
  }
}
