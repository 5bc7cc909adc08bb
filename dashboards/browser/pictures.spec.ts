// Pictures of the main screens: `PICTURES=../docs/pictures npm run browser -- pictures` renews those of the documents.
import { join } from 'node:path'
import { logIn, test } from './service'

const folder = process.env.PICTURES ?? '../target/browser-pictures'

for (const [name, address, use] of [
  ['home', '/patient', { colorScheme: 'light', locale: 'en-GB' }],
  ['grant', '/patient/grant', { colorScheme: 'light', locale: 'en-GB' }],
  ['history', '/patient/history?range=all&kind=all', { colorScheme: 'dark', locale: 'en-GB' }],
  ['home-tamil', '/patient', { colorScheme: 'light', locale: 'ta-IN' }],
] as const) {
  test.describe(name, () => {
    test.use({ ...use, viewport: { width: 390, height: 780 } })
    test('a picture is taken', async ({ page, service }) => {
      await logIn(page, service, 'anneliese@kowalczyk.example')
      await page.goto(address)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.locator('article, form').first().waitFor()
      await page.evaluate(() => document.fonts.ready)
      await page.screenshot({ path: join(folder, `${name}.png`) })
    })
  })
}
