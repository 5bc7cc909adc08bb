import { expect, test } from 'vitest'
import { coarser, finer, moved, type PageSize, type Part, regionOf, WHOLE } from './part'

const STRIP = { width: 30_000, height: 400 }

/** As fine as it gets, from the whole page on. */
function finest(size?: PageSize): Part {
  let part = WHOLE
  for (let next = finer(part, size); next.zoom !== part.zoom; next = finer(part, size)) part = next
  return part
}

test('the whole page is asked for without a part', () => {
  expect(regionOf(WHOLE)).toBeUndefined()
  expect(regionOf(WHOLE, STRIP)).toBeUndefined()
})

test('finer looks at the middle, or at where was tapped, and never over an edge', () => {
  expect(regionOf(finer(WHOLE))).toBe('pct:25,25,50,50')
  expect(regionOf(finer(WHOLE, undefined, { x: 0, y: 1 }))).toBe('pct:0,50,50,50')
  expect(regionOf(finer(finer(WHOLE)))).toBe('pct:37.5,37.5,25,25')
  expect(finer(finest())).toEqual(finest())
  expect(finest().zoom).toBe(4)
})

test('coarser goes back, at last to the whole page', () => {
  expect(coarser(finer(WHOLE))).toEqual(WHOLE)
  expect(regionOf(coarser(finer(finer(WHOLE, undefined, { x: 1, y: 1 }))))).toBe('pct:50,50,50,50')
  let part = finest(STRIP)
  while (part.zoom > 1) part = coarser(part, STRIP)
  expect(part).toEqual(WHOLE)
})

test('moving goes half a view and stops at the edge', () => {
  const part = finer(WHOLE)
  expect(regionOf(moved(part, 1, 0))).toBe('pct:50,25,50,50')
  expect(moved(moved(part, 1, 0), 1, 0)).toEqual(moved(part, 1, 0))
  expect(regionOf(moved(part, 0, -1))).toBe('pct:25,0,50,50')
  expect(moved(WHOLE, 1, 1)).toEqual(WHOLE)
})

test('of a long strip so little is seen at the finest that each of its pixels is, in its full height', () => {
  const { zoom } = finest(STRIP)
  expect(30_000 / zoom).toBeLessThan(1_240)
  expect(regionOf(finer(WHOLE, STRIP), STRIP)).toBe('pct:25,0,50,100')
  expect(regionOf(finest(STRIP), STRIP)).toBe('pct:48.4375,10.9375,3.125,78.125')
  const upright = { width: 400, height: 30_000 }
  expect(regionOf(finest(upright), upright)).toBe('pct:10.9375,48.4375,78.125,3.125')
})
