// Every screen under axe: nothing serious or critical, in light and dark, on a telephone and a desk, in both languages.
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, logIn, test } from './service'

const open = ['/login', '/register', '/register/doctor', '/first-admin', '/nothing/here']
const patient = [
  '/patient',
  '/patient/grant',
  '/patient/reports',
  '/patient/reports/new',
  '/patient/history?range=all&kind=all',
  '/patient/consents',
  '/account',
]

async function look(page: Page, addresses: string[]) {
  for (const address of addresses) {
    await page.goto(address)
    await examine(page, address)
  }
}

/** The screen behind the first link of a list. */
async function lookInside(page: Page, lists: string[]) {
  for (const list of lists) {
    await page.goto(list)
    await page.locator('article a').first().click()
    await page.waitForURL((url) => url.pathname.startsWith(`${list}/`))
    await examine(page, `${list}/…`)
  }
}

async function examine(page: Page, address: string) {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await expect(page.getByRole('status', { name: /Loading|ஏற்ற/ })).toHaveCount(0)
  const { violations } = await new AxeBuilder({ page }).analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const told = grave.map(({ id, nodes }) => `${address}: ${id}: ${nodes[0]?.html}`)
  expect(told).toEqual([])
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(wide, `${address} is wider than its window`).toBeLessThanOrEqual(0)
}

// A telephone, a desk, and a desk at 200 %, which has half as many points.
for (const [colorScheme, locale, width] of [
  ['light', 'en-GB', 360],
  ['dark', 'ta-IN', 360],
  ['dark', 'en-GB', 1280],
  ['light', 'ta-IN', 640],
] as const) {
  test.describe(`${colorScheme}, ${locale}, ${width} points wide`, () => {
    test.use({ colorScheme, locale, viewport: { width, height: 800 } })
    test('every screen can be read and used', async ({ page, service }) => {
      test.slow()
      await look(page, open)
      await logIn(page, service, 'anneliese@kowalczyk.example')
      await look(page, patient)
      await lookInside(page, ['/patient/consents', '/patient/reports'])
    })
  })
}
