// From a list of events to what a person reads: each visit of a doctor as one, day by day.
import type { Entry } from './queries'

/** Entries of one doctor that lie closer together belong to one visit, milliseconds. */
const VISIT_GAP = 30 * 60_000
/** Entries of a visit at the most: further ones are told as another, for what is drawn is drawn whole. */
const VISIT_MOST = 50
/** A leave leads to a viewing within so many milliseconds, or to none. */
const LEAVE_LIFE = 5 * 60_000
/** How far above a leave its viewing is looked for, entries. */
const NEAR = 20

/** What one person did without a long break, newest first. */
export interface Visit {
  key: string
  /** The beginning of its day where the reader is, in milliseconds since 1970. */
  day: number
  entries: Entry[]
}

/** Visits, newest first, as their entries come: further entries go on where the last ones ended. */
export class Timeline {
  readonly visits: Visit[] = []
  private near: Entry[] = []

  take(entries: readonly Entry[]): this {
    for (const entry of entries) {
      if (!isToldByAnother(entry, this.near)) this.add(entry)
      if (this.near.length === NEAR) this.near.shift()
      this.near.push(entry)
    }
    return this
  }

  private add(entry: Entry) {
    const day = new Date(entry.at).setHours(0, 0, 0, 0)
    const last = this.visits.at(-1)
    if (last?.day === day && belongsTo(last, entry)) last.entries.push(entry)
    else this.visits.push({ key: entry.event, day, entries: [entry] })
  }
}

/** Leave that led to a viewing is told by the viewing. */
function isToldByAnother(entry: Entry, near: readonly Entry[]): boolean {
  return (
    entry.kind === 'token_issued' &&
    near.some(
      (other) =>
        other.kind === 'viewed' &&
        other.report === entry.report &&
        other.doctor === entry.doctor &&
        other.position > entry.position &&
        Date.parse(other.at) - Date.parse(entry.at) <= LEAVE_LIFE,
    )
  )
}

function belongsTo(visit: Visit, entry: Entry): boolean {
  const last = visit.entries.at(-1)
  return (
    last !== undefined &&
    visit.entries.length < VISIT_MOST &&
    !entry.own &&
    !last.own &&
    last.doctor === entry.doctor &&
    Date.parse(last.at) - Date.parse(entry.at) <= VISIT_GAP
  )
}

export interface Day {
  at: number
  visits: Visit[]
}

/** The same visits, by their days. */
export function daysOf(visits: readonly Visit[]): Day[] {
  const days: Day[] = []
  for (const visit of visits) {
    const day = days.at(-1)
    if (day?.at === visit.day) day.visits.push(visit)
    else days.push({ at: visit.day, visits: [visit] })
  }
  return days
}
