/**
 * What came out of a check: what was checked, what is wrong, and what nobody could look at. Everything is a
 * code with its values, so that the words stand with the other texts, in every language.
 */

import type { FindingCode, SaidCode } from './codes'

export type Values = Record<string, string | number>

/** A sentence, as its code and what stands in it. */
export interface Said<Code extends string = SaidCode> {
  code: Code
  values?: Values
}

/** Something that is not right, or could not be looked at, and at which position of the log if it has one. */
export interface Finding extends Said<FindingCode> {
  position?: number
}

/**
 * `right`: by the keys somebody else named. `right_in_itself`: by keys that came along or from the same server.
 * `not_looked_at`: nothing wrong was found, and not everything could be read: an outage is no forgery.
 */
export type Outcome = 'right' | 'right_in_itself' | 'wrong' | 'not_looked_at'

export interface Verdict {
  outcome: Outcome
  /** What was found right, in one sentence. */
  right?: Said
  wrong: Finding[]
  couldNotLook: Finding[]
  checked: Said[]
  notChecked: Said[]
}

/** What is thrown where something is wrong. */
export class Problem extends Error {
  constructor(
    readonly code: FindingCode,
    readonly values: Values = {},
    readonly position?: number,
  ) {
    super(code)
  }

  get finding(): Finding {
    const { code, values, position } = this
    return position === undefined ? { code, values } : { code, values, position }
  }
}

/** What is thrown where something could not be read: a cut file, another file, a place that did not answer. */
export class Unread extends Problem {}

/** Most findings of a kind that are kept. */
const FINDINGS_MAX = 20

/** A verdict that is being found. */
export class Judging {
  private readonly wrong: Finding[] = []
  private readonly couldNotLook: Finding[] = []
  private readonly checkedList: Said[] = []
  private readonly notCheckedList: Said[] = []

  checked(code: SaidCode, values: Values = {}) {
    this.checkedList.push({ code, values })
  }

  notChecked(code: SaidCode, values: Values = {}) {
    this.notCheckedList.push({ code, values })
  }

  /** Files what was thrown; what is no finding of ours is a file that has not its form. */
  found(error: unknown, position?: number) {
    if (!(error instanceof Problem)) throw error
    const told = error instanceof Unread ? this.couldNotLook : this.wrong
    const finding = error.finding
    if (position !== undefined && finding.position === undefined) finding.position = position
    if (told.length < FINDINGS_MAX) told.push(finding)
  }

  /** What is wrong with a file whose last line does not end says nothing: the rest may have been right. */
  cutOff() {
    if (this.wrong.length === 0) return
    this.wrong.length = 0
    this.couldNotLook.unshift({ code: 'cut_off', values: {} })
  }

  /** Says what came out; `right` if nothing is wrong. */
  conclude(own: boolean, right: Said | undefined): Verdict {
    const place = (finding: Finding) => finding.position ?? Number.POSITIVE_INFINITY
    const wrong = [...this.wrong].sort((a, b) => Math.sign(place(a) - place(b)) || 0)
    const { couldNotLook, checkedList: checked } = this
    const notChecked: Said[] = [
      ...this.notCheckedList,
      { code: 'limit_never_logged' },
      { code: 'limit_sealed' },
      { code: 'limit_times' },
    ]
    if (wrong.length > 0) return { outcome: 'wrong', wrong, couldNotLook, checked, notChecked }
    if (couldNotLook.length > 0 || !right) {
      return { outcome: 'not_looked_at', wrong, couldNotLook, checked, notChecked }
    }
    const outcome = own ? 'right_in_itself' : 'right'
    return { outcome, right, wrong, couldNotLook, checked, notChecked }
  }
}
