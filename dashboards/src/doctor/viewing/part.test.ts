import { expect, test } from 'vitest'
import { coarser, finer, moved, regionOf, WHOLE } from './part'

test('the whole page is asked for without a part', () => {
  expect(regionOf(WHOLE)).toBeUndefined()
})

test('finer looks at the middle, or at where was tapped, and never over an edge', () => {
  expect(regionOf(finer(WHOLE))).toBe('pct:25,25,50,50')
  expect(regionOf(finer(WHOLE, { x: 0, y: 1 }))).toBe('pct:0,50,50,50')
  expect(regionOf(finer(finer(WHOLE)))).toBe('pct:37.5,37.5,25,25')
  const finest = finer(finer(WHOLE))
  expect(finer(finest)).toEqual(finest)
})

test('coarser goes back, at last to the whole page', () => {
  expect(coarser(finer(WHOLE))).toEqual(WHOLE)
  expect(regionOf(coarser(finer(finer(WHOLE, { x: 1, y: 1 }))))).toBe('pct:50,50,50,50')
})

test('moving goes half a view and stops at the edge', () => {
  const part = finer(WHOLE)
  expect(regionOf(moved(part, 1, 0))).toBe('pct:50,25,50,50')
  expect(moved(moved(part, 1, 0), 1, 0)).toEqual(moved(part, 1, 0))
  expect(regionOf(moved(part, 0, -1))).toBe('pct:25,0,50,50')
  expect(moved(WHOLE, 1, 1)).toEqual(WHOLE)
})
