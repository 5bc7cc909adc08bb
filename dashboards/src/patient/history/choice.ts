// What of the history is wanted: as the address says it, and as the service is asked for it.
import type { Schemas } from '../../api/client'

export const ranges = ['day', 'month', 'all', 'own'] as const
export type Range = (typeof ranges)[number]
export const kinds = [
  'all',
  'viewed',
  'refused',
  'granted',
  'revoked',
  'record_closed',
  'record_opened',
  'barred',
  'bar_lifted',
  'report_hidden',
  'report_unhidden',
  'uploaded',
  'downloaded',
  'token_issued',
  'list_shown',
] as const
export type Kind = 'all' | Schemas['HistoryEntry']['kind']

export interface Choice {
  range: Range
  kind: Kind
  /** A doctor's id. */
  who?: string
  /** A report's id. */
  report?: string
  /** The first and the last day of a range of one's own, as a date field says them. */
  from?: string
  until?: string
}

/** As the service takes it. */
export interface Filter {
  kind?: Exclude<Kind, 'all'>
  doctor?: string
  report?: string
  from?: string
  until?: string
}

const DAY = 86_400_000
const MINUTE = 60_000

/** The same filter for the list, its total, the table and the print; `now` in milliseconds since 1970. */
export function filterOf({ range, kind, who, report, from, until }: Choice, now: number): Filter {
  return {
    ...(kind !== 'all' && { kind }),
    ...(who !== undefined && { doctor: who }),
    ...(report !== undefined && { report }),
    ...period(range, { from, until }, now),
  }
}

function period(
  range: Range,
  own: { from: string | undefined; until: string | undefined },
  now: number,
): Pick<Filter, 'from' | 'until'> {
  switch (range) {
    case 'all':
      return {}
    case 'day':
      return { from: since(now - DAY) }
    case 'month':
      return { from: since(now - 30 * DAY) }
    case 'own': {
      const [from, until] = [midnight(own.from), midnight(own.until, 1)]
      // A last day before the first says nothing: what was chosen first counts.
      const crossed = from !== undefined && until !== undefined && from >= until
      return { ...(from && { from }), ...(until && !crossed && { until }) }
    }
  }
}

/** To the minute: who looks twice within one asks for the same. */
function since(time: number): string {
  return new Date(Math.floor(time / MINUTE) * MINUTE).toISOString()
}

/** When a day begins where the reader is, or so many days later. */
function midnight(day: string | undefined, later = 0): string | undefined {
  const [year, month, date] = (day ?? '').split('-').map(Number)
  if (!year || !month || !date) return undefined
  return new Date(year, month - 1, date + later).toISOString()
}
