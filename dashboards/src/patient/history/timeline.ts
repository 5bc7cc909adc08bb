// From a list of events to what a person reads: chosen, by day, and each visit of a doctor as one.
import type { Entry } from './queries'

export const ranges = ['day', 'month', 'all'] as const
export type Range = (typeof ranges)[number]
export const kinds = ['all', 'looked', 'refused', 'consents', 'own'] as const
export type Kind = (typeof kinds)[number]

export interface Choice {
  range: Range
  kind: Kind
  /** A doctor's id. */
  who: string | undefined
}

const DAY = 86_400_000
/** Entries of one doctor that lie closer together belong to one visit. */
const VISIT_GAP = 30 * 60_000

/** How far above a leave its viewing is looked for, entries. */
const NEAR = 20

/** When the range begins, in milliseconds since 1970. */
export function beginning(range: Range, now: number): number {
  return range === 'all' ? Number.NEGATIVE_INFINITY : now - (range === 'day' ? DAY : 30 * DAY)
}

function isOfKind(entry: Entry, kind: Kind): boolean {
  switch (kind) {
    case 'all':
      return true
    case 'looked':
      return ['viewed', 'list_shown', 'token_issued'].includes(entry.kind) && !entry.own
    case 'refused':
      return entry.kind === 'refused'
    case 'consents':
      return entry.kind === 'granted' || entry.kind === 'revoked'
    case 'own':
      return entry.own
  }
}

/** The same choice for the page, its total and the export. */
export function chosen(entries: readonly Entry[], choice: Choice, now: number): Entry[] {
  const from = beginning(choice.range, now)
  return entries.filter(
    (entry) =>
      Date.parse(entry.at) >= from &&
      isOfKind(entry, choice.kind) &&
      (choice.who === undefined || entry.doctor === choice.who),
  )
}

/** What one person did without a long break, newest first. */
export interface Visit {
  key: string
  entries: Entry[]
}

export interface Day {
  /** The day's beginning where the reader is, in milliseconds since 1970. */
  at: number
  visits: Visit[]
}

/** Leave that led to a viewing is told by the viewing. */
function isToldByAnother(entry: Entry, entries: readonly Entry[]): boolean {
  return (
    entry.kind === 'token_issued' &&
    entries.some(
      (other) =>
        other.kind === 'viewed' &&
        other.report === entry.report &&
        other.doctor === entry.doctor &&
        other.position > entry.position &&
        Date.parse(other.at) - Date.parse(entry.at) <= 5 * 60_000,
    )
  )
}

function belongsTo(visit: Visit, entry: Entry): boolean {
  const last = visit.entries[visit.entries.length - 1]
  return (
    last !== undefined &&
    !entry.own &&
    !last.own &&
    last.doctor === entry.doctor &&
    Date.parse(last.at) - Date.parse(entry.at) <= VISIT_GAP
  )
}

/** Days and visits, newest first, as the entries come. */
export function timeline(entries: readonly Entry[]): Day[] {
  const days: Day[] = []
  for (const [i, entry] of entries.entries()) {
    const near = entries.slice(Math.max(0, i - NEAR), i)
    if (isToldByAnother(entry, near)) continue
    const at = new Date(entry.at).setHours(0, 0, 0, 0)
    let day = days[days.length - 1]
    if (day?.at !== at) {
      day = { at, visits: [] }
      days.push(day)
    }
    const visit = day.visits[day.visits.length - 1]
    if (visit && belongsTo(visit, entry)) visit.entries.push(entry)
    else day.visits.push({ key: entry.event, entries: [entry] })
  }
  return days
}

/** RFC 4180; a cell that a table would take for a formula is kept as text. */
export function csv(entries: readonly Entry[]): string {
  const cell = (value: string | number | undefined | null) => {
    const text = String(value ?? '')
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
  }
  const head = [
    'at',
    'kind',
    'who',
    'report',
    'purpose',
    'outcome',
    'rule',
    'sentence',
    'event',
    'position',
  ]
  const rows = entries.map((e) => [
    e.at,
    e.kind,
    e.own ? 'me' : e.name,
    e.title,
    e.purpose,
    e.outcome,
    e.rule,
    e.sentence.replaceAll('*', ''),
    e.event,
    e.position,
  ])
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
