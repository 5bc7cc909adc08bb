// The service goes away and comes back while a screen is open.
import { expect, logIn, Service, test } from './service'

test('a screen hears again after the service was restarted, and shows what happened meanwhile', async ({
  browser,
}) => {
  test.slow()
  const service = await Service.start()
  try {
    const email = 'anneliese@kowalczyk.example'
    const page = await browser.newPage()
    await logIn(page, service, email)
    const stops = page.getByRole('button', { name: 'Stop access' })
    await stops.first().waitFor()
    const before = await stops.count()
    await service.restart(async () => {
      await expect(page.getByText('No connection.')).toBeVisible()
    })
    await expect(page.getByText('No connection.')).toBeHidden({ timeout: 40_000 })
    const other = await browser.newPage()
    await logIn(other, service, email)
    await other.getByRole('button', { name: 'Stop access' }).first().click()
    await expect(stops).toHaveCount(before - 1)
  } finally {
    await service.stop()
  }
})
