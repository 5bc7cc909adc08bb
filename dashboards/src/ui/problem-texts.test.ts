import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { problemTexts } from './problem-texts'

test('every code of the service has words here, and no other', () => {
  const table = readFileSync('../docs/problems.md', 'utf8')
  const codes = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(100)
  expect(Object.keys(problemTexts.en)).toEqual(codes.sort())
})
