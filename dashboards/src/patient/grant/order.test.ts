import { expect, test } from 'vitest'
import { firstWish, order, period } from './order'

const now = new Date('2027-01-31T10:00:00')

test('nothing is ordered while something is missing', () => {
  expect(order(firstWish, now)).toBeUndefined()
  const doctor = { ...firstWish, doctor: 'bo' }
  expect(order(doctor, now)?.choice).toEqual({ preset: 'all_for_treatment' })
  expect(order({ ...doctor, preset: 'this_report_only' }, now)).toBeUndefined()
  expect(order({ ...doctor, preset: 'custom', scope: 'categories' }, now)).toBeUndefined()
  expect(
    order({ ...doctor, length: 'own', from: '2027-02-02T10:00', until: '2027-02-01T10:00' }, now),
  ).toBeUndefined()
})

test('a custom order says its exceptions only where there are some', () => {
  const wish = { ...firstWish, doctor: 'bo', preset: 'custom', purpose: 'HRESCH' } as const
  expect(order(wish, now)?.choice).toEqual({
    preset: 'custom',
    scope: { kind: 'everything' },
    exceptions: {},
    purpose: 'HRESCH',
  })
  const but = { ...wish, exceptCategories: ['imaging' as const], viewsMax: 2 }
  expect(order(but, now)).toMatchObject({
    choice: { exceptions: { categories: ['imaging'] } },
    views_max: 2,
  })
})

test('a month ends on the same day, or on the last of a shorter month; a year is never too long', () => {
  expect(period({ ...firstWish, length: 'month' }, now)?.until.toDateString()).toBe(
    'Sun Feb 28 2027',
  )
  const year = period({ ...firstWish, length: 'year' }, now)
  expect(Number(year?.until) - Number(now)).toBeLessThan(365 * 86_400_000)
})
