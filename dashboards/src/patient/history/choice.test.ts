import { expect, test } from 'vitest'
import { filterOf } from './choice'

const now = Date.parse('2026-11-27T12:34:56Z')

test('a choice takes time, kind, person and report together', () => {
  expect(filterOf({ range: 'all', kind: 'all' }, now)).toEqual({})
  const from = '2026-11-26T12:34:00.000Z'
  expect(filterOf({ range: 'day', kind: 'refused', who: 'bo', report: 'r' }, now)).toEqual({
    kind: 'refused',
    doctor: 'bo',
    report: 'r',
    from,
  })
  expect(filterOf({ range: 'month', kind: 'all' }, now).from).toBe('2026-10-28T12:34:00.000Z')
})

test('days of one’s own are whole ones, the last included; what is half chosen is half a limit', () => {
  const own = (from?: string, until?: string) =>
    filterOf({ range: 'own', kind: 'all', ...(from && { from }), ...(until && { until }) }, now)
  const begins = (day: string) => new Date(`${day}T00:00:00`).toISOString()
  expect(own('2026-11-01', '2026-11-01')).toEqual({
    from: begins('2026-11-01'),
    until: begins('2026-11-02'),
  })
  expect(own(undefined, '2026-10-31')).toEqual({ until: begins('2026-11-01') })
  expect(own('2026-11-02', '2026-11-01')).toEqual({ from: begins('2026-11-02') })
  expect(own('soon')).toEqual({})
})
