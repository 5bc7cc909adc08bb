import { expect, test } from 'vitest'
import type { Entry } from './queries'
import { daysOf, Timeline } from './timeline'

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

/** The entries of each visit, in however many pages they came. */
function visits(...pages: Entry[][]) {
  const timeline = new Timeline()
  for (const page of pages) timeline.take(page)
  return timeline.visits.map(({ entries }) => entries.map(({ event }) => event))
}

const day = [entry(1), entry(20), entry(60), entry(61, { doctor: 'cy' }), entry(62, { own: true })]

test('what one doctor does without a long break is one visit', () => {
  expect(visits(day).map((visit) => visit.length)).toEqual([2, 1, 1, 1])
})

test('where a page ends is not to be seen', () => {
  const leave = entry(21, { kind: 'token_issued' })
  const all = day.toSpliced(2, 0, leave)
  for (let at = 0; at <= all.length; at += 1) {
    expect(visits(all.slice(0, at), all.slice(at))).toEqual(visits(all))
  }
  expect(visits(all).flat()).not.toContain(leave.event)
})

test('leave to open is told by the opening it led to, and by itself where it led to none', () => {
  const leave = entry(3, { kind: 'token_issued', report: 'r' })
  expect(visits([entry(2, { report: 'r' }), leave]).flat()).toEqual(['event-2'])
  const other = entry(2, { report: 'other' })
  expect(visits([other, leave]).flat()).toEqual(['event-2', 'event-3'])
})

test('a visit that never ends is told in parts', () => {
  const lists = Array.from({ length: 120 }, (_, i) => entry(i, { kind: 'list_shown' }))
  expect(visits(lists).map((visit) => visit.length)).toEqual([50, 50, 20])
})

test('visits stand by their days', () => {
  const { visits } = new Timeline().take([entry(1), entry(2_000), entry(2_100)])
  expect(daysOf(visits).map((day) => day.visits.length)).toEqual([1, 2])
})
