// What the form says, and what it orders.
import type { Schemas } from '../../api/client'

export type NewConsent = Schemas['NewConsent']
export type Category = Schemas['CategoryCode']
export type Purpose = Schemas['PurposeCode']
export const presets = ['all_for_treatment', 'this_report_only', 'custom'] as const
export const lengths = ['day', 'week', 'month', 'quarter', 'year', 'own'] as const
export const scopes = ['everything', 'categories', 'reports'] as const

/** Purposes a patient may consent to by a form: breaking the glass is never one. */
export const purposes: Purpose[] = [
  'TREAT',
  'CAREMGT',
  'HRESCH',
  'COVERAGE',
  'HPAYMT',
  'PUBHLTH',
  'PATRQT',
]

export interface Wish {
  doctor: string | undefined
  preset: (typeof presets)[number]
  report: string | undefined
  scope: (typeof scopes)[number]
  categories: Category[]
  reports: string[]
  exceptCategories: Category[]
  exceptReports: string[]
  purpose: Purpose
  length: (typeof lengths)[number]
  /** As a date and time field says it, local. */
  from: string
  until: string
  viewsMax: number | undefined
}

export const firstWish: Wish = {
  doctor: undefined,
  preset: 'all_for_treatment',
  report: undefined,
  scope: 'everything',
  categories: [],
  reports: [],
  exceptCategories: [],
  exceptReports: [],
  purpose: 'TREAT',
  length: 'week',
  from: '',
  until: '',
  viewsMax: undefined,
}

/** From when until when, and whether that begins now. */
export function period(wish: Wish, now: Date): { from: Date; until: Date } | undefined {
  if (wish.length === 'own') {
    const [from, until] = [new Date(wish.from), new Date(wish.until)]
    return from < until ? { from, until } : undefined
  }
  const until = new Date(now)
  if (wish.length === 'day') until.setDate(until.getDate() + 1)
  if (wish.length === 'week') until.setDate(until.getDate() + 7)
  if (wish.length === 'month') addMonths(until, 1)
  if (wish.length === 'quarter') addMonths(until, 3)
  // A year less a day: a year at most is allowed, and some years are longer.
  if (wish.length === 'year') until.setDate(until.getDate() + 364)
  return { from: now, until }
}

/** The same day of a later month, or its last one. */
function addMonths(date: Date, months: number) {
  const day = date.getDate()
  date.setDate(1)
  date.setMonth(date.getMonth() + months)
  const last = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate()
  date.setDate(Math.min(day, last))
}

type Parts = Pick<NewConsent, 'choice'> & {
  scope: Schemas['ScopeBody']
  exceptions: Schemas['ExceptionsBody']
  purpose: Purpose
}

/** What is opened, shut and for what; none while something is missing. */
export function parts(wish: Wish): Parts | undefined {
  switch (wish.preset) {
    case 'all_for_treatment':
      return {
        choice: { preset: 'all_for_treatment' },
        scope: { kind: 'everything' },
        exceptions: {},
        purpose: 'TREAT',
      }
    case 'this_report_only': {
      const { report } = wish
      if (report === undefined) return undefined
      return {
        choice: { preset: 'this_report_only', report },
        scope: { kind: 'reports', reports: [report] },
        exceptions: {},
        purpose: 'TREAT',
      }
    }
    case 'custom': {
      const scope = scopeOf(wish)
      if (scope === undefined) return undefined
      const exceptions = {
        ...(wish.exceptCategories.length > 0 && { categories: wish.exceptCategories }),
        ...(wish.exceptReports.length > 0 && { reports: wish.exceptReports }),
      }
      const { purpose } = wish
      return {
        choice: { preset: 'custom', scope, exceptions, purpose },
        scope,
        exceptions,
        purpose,
      }
    }
  }
}

function scopeOf(wish: Wish): Schemas['ScopeBody'] | undefined {
  switch (wish.scope) {
    case 'everything':
      return { kind: 'everything' }
    case 'categories':
      return wish.categories.length > 0
        ? { kind: 'categories', categories: wish.categories }
        : undefined
    case 'reports':
      return wish.reports.length > 0 ? { kind: 'reports', reports: wish.reports } : undefined
  }
}

/** The order; none while something is missing. What was ordered once is sent again word for word. */
export function order(wish: Wish, now: Date): NewConsent | undefined {
  const what = parts(wish)
  const when = period(wish, now)
  if (wish.doctor === undefined || what === undefined || when === undefined) return undefined
  return {
    grantee: { kind: 'doctor', doctor: wish.doctor },
    choice: what.choice,
    from: when.from.toISOString(),
    until: when.until.toISOString(),
    ...(wish.viewsMax !== undefined && { views_max: wish.viewsMax }),
  }
}
