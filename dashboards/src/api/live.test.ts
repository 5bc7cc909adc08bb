import { expect, test } from 'vitest'
import { pause, readEvents } from './live'

test('a stream is read event by event, whatever pieces it comes in', () => {
  const text =
    ': still here\n\nid: 7\nevent: consent.revoked.v1\ndata: {"position":7}\n\nevent: reset\ndata: {"position":null}\n\nid: 8\nevent: acc'
  expect(readEvents(text)).toEqual({
    events: [
      { type: 'consent.revoked.v1', position: 7 },
      { type: 'reset', position: undefined },
    ],
    rest: 'id: 8\nevent: acc',
  })
  let rest = ''
  const seen: number[] = []
  for (const letter of text) {
    const read = readEvents(rest + letter)
    rest = read.rest
    for (const { position } of read.events) seen.push(position ?? -1)
  }
  expect(seen).toEqual([7, -1])
})

test('whoever is not answered waits longer each time, and never more than some seconds', () => {
  expect(pause(1, 0.5)).toBe(1_000)
  expect(pause(3, 0.5)).toBe(4_000)
  expect(pause(50, 1)).toBeLessThanOrEqual(37_500)
})
