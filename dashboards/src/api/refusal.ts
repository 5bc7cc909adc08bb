// What the service says when it says no (RFC 9457), and what we say when it does not answer at all.
import type { components } from './schema'

export type Problem = components['schemas']['Problem']

/** A "no" with its code, its words and what to do next; thrown by `answer`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly problem: Problem,
    /** Seconds until another try is useful, where the service said so. */
    readonly retryAfter?: number,
  ) {
    super(problem.code)
  }

  get code(): string {
    return this.problem.code
  }
}

/** The service could not be reached: no network, or nobody answers there. */
export function unreachable(): Refusal {
  return ours('unreachable')
}

/** An answer that no service of ours gives, from something that stands between. */
export function strange(status: number): Refusal {
  return ours('strange_answer', status)
}

function ours(code: string, status = 0): Refusal {
  return new Refusal({ type: 'about:blank', title: code, detail: '', status, code, trace_id: '' })
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'status' in value
}

/** Whatever was thrown, as a refusal. */
export function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal ? error : unreachable()
}
