import { expect, test } from 'vitest'
import type { Entry } from './queries'
import { chosen, csv, timeline } from './timeline'

const now = Date.parse('2026-11-27T12:00:00Z')

function entry(minutesAgo: number, more: Partial<Entry> = {}): Entry {
  return {
    at: new Date(now - minutesAgo * 60_000).toISOString(),
    event: `event-${minutesAgo}`,
    kind: 'viewed',
    own: false,
    doctor: 'bo',
    position: 10_000 - minutesAgo,
    sentence: 'Dr Bo opened *A*.',
    ...more,
  } as Entry
}

test('what one doctor does without a long break is one visit', () => {
  const days = timeline([
    entry(1),
    entry(20),
    entry(60),
    entry(61, { doctor: 'cy' }),
    entry(62, { own: true }),
  ])
  const visits = days.flatMap((day) => day.visits.map((visit) => visit.entries.length))
  expect(visits).toEqual([2, 1, 1, 1])
})

test('leave to open is told by the opening it led to, and by itself where it led to none', () => {
  const leave = entry(3, { kind: 'token_issued', report: 'r' })
  const opened = entry(2, { report: 'r' })
  const told = (entries: Entry[]) =>
    timeline(entries).flatMap((day) =>
      day.visits.flatMap((visit) => visit.entries.map((e) => e.kind)),
    )
  expect(told([opened, leave])).toEqual(['viewed'])
  expect(told([entry(2, { report: 'other' }), leave])).toEqual(['viewed', 'token_issued'])
})

test('a choice takes time, kind and person together', () => {
  const entries = [
    entry(5),
    entry(2_000),
    entry(6, { kind: 'refused', doctor: 'cy' }),
    entry(50_000),
  ]
  const ids = (choice: Parameters<typeof chosen>[1]) =>
    chosen(entries, choice, now).map((e) => e.event)
  expect(ids({ range: 'day', kind: 'all', who: undefined })).toEqual(['event-5', 'event-6'])
  expect(ids({ range: 'month', kind: 'all', who: 'bo' })).toEqual(['event-5', 'event-2000'])
  expect(ids({ range: 'all', kind: 'refused', who: undefined })).toEqual(['event-6'])
})

test('a table takes no cell for a formula and keeps quotes and commas', () => {
  const text = csv([entry(1, { title: '=SUM(A1)', name: 'Bo, "the" doctor' })])
  expect(text).toContain(`"Bo, ""the"" doctor",'=SUM(A1),`)
  expect(text.split('\r\n')).toHaveLength(3)
})
