import { expect, test } from 'vitest'
import { mediaType, titleOf } from './media-types'

test('a file is what the browser says, or what its name says', () => {
  expect(mediaType({ name: 'a.txt', type: 'text/plain; charset=utf-8' })).toBe('text/plain')
  expect(mediaType({ name: 'SCAN.PDF', type: '' })).toBe('application/pdf')
  expect(mediaType({ name: 'x', type: '' })).toBe('application/octet-stream')
})

test('a title begins as the file is called', () => {
  expect(titleOf('MRI_of_3 May.pdf')).toBe('MRI of 3 May')
})
