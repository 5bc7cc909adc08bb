import { expect, test } from 'vitest'
import { screens } from '../../browser/screens'
import { router } from './router'

test('every address of the app is visited by the stories that look at all screens, and no other', () => {
  expect(Object.keys(screens).sort()).toEqual(Object.keys(router.routesByPath).sort())
})
