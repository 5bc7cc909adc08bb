import { expect, test } from 'vitest'
import { writtenIn } from './when'

test('a span is said in the largest unit that fits', () => {
  const { span } = writtenIn('en')
  expect(span(3 * 86_400_000 + 5)).toBe('3 days')
  expect(span(3_599_000)).toBe('59 minutes')
  expect(span(-5)).toBe('0 seconds')
})

test('a size is said in steps of a thousand', () => {
  const { size } = writtenIn('en')
  expect(size(999)).toBe('999 bytes')
  expect(size(1_500)).toBe('2 kilobytes')
  expect(size(2_345_678)).toBe('2.3 megabytes')
})
