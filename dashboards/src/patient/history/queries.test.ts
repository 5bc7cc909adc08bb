import { expect, test } from 'vitest'
import { type Entry, withNewest } from './queries'

const page = (...events: string[]) => ({
  items: events.map((event) => ({ event }) as Entry),
  total: events.length,
})

test('what happened since comes on top, what is known is said anew, and a gap is never bridged', () => {
  const known = { pages: [page('c', 'b', 'a'), page('0')], pageParams: [undefined, 'x'] }
  const events = (pages: { items: Entry[] }[] | undefined) =>
    pages?.map(({ items }) => items.map(({ event }) => event).join(''))
  expect(events(withNewest(known, page('d', 'c', 'b'))?.pages)).toEqual(['dcba', '0'])
  expect(withNewest(known, page('g', 'f', 'e'))).toBeUndefined()
})
