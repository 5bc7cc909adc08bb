// The admin's day: who waits to be verified, how the service does, what the log says without words.
import { takeStep } from './deeds'
import { expect, logIn, test } from './service'

const PHILIPPA = 'philippa@rosengarten.example'

test('a doctor is verified with a note, suspended and reinstated', async ({ page, service }) => {
  await logIn(page, service, PHILIPPA)
  const name = 'Dr Ludmila Brancovici'
  await takeStep(page, name, 'Verify', 'Licence seen at the issuer')
  await page.getByRole('tab', { name: 'Verified' }).click()
  await expect(page.getByRole('article', { name })).toContainText('Licence seen')
  await takeStep(page, name, 'Suspend', 'Asked to by the association')
  await page.getByRole('tab', { name: 'Suspended' }).click()
  await takeStep(page, name, 'Reinstate', 'Settled')
  await page.getByRole('tab', { name: 'Verified' }).click()
  await expect(page.getByRole('article', { name })).toContainText('Settled')
})

test('the health page says that all is well, part by part', async ({ page, service }) => {
  await logIn(page, service, PHILIPPA)
  await page.getByRole('link', { name: 'Health' }).click()
  await expect(page.getByText('Everything is well')).toBeVisible()
  for (const part of ['event_store', 'transparency_log', 'witnesses', 'anchors']) {
    await expect(page.locator(`[data-part=${part}]`)).toContainText('well')
  }
  await expect(page.getByRole('row', { name: /transparency_log/ })).toContainText('ago')
})

test.describe('in Tamil', () => {
  test.use({ locale: 'ta-IN' })
  test('every job that the service has is told in the language of the page', async ({
    page,
    service,
  }) => {
    await logIn(page, service, PHILIPPA)
    await page.goto('/admin/health')
    const { jobs } = await (await page.request.get('/readyz')).json()
    expect(jobs.length).toBeGreaterThan(10)
    for (const { name, what } of jobs) {
      const row = page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
      await expect(row).toHaveCount(1)
      await expect(row, name).not.toContainText(what)
      await expect(row, name).toContainText(/[\u0b85-\u0bb9]{2}/)
    }
  })
})

test('the audit log tells what happened without a word of what it is about', async ({
  page,
  service,
}) => {
  await logIn(page, service, PHILIPPA)
  await page.getByRole('link', { name: 'Audit log' }).click()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  const text = await page.locator('main').textContent()
  for (const word of ['Anneliese', 'Laboratory', 'Beatrix']) expect(text).not.toContain(word)
  await page.getByLabel('Type').fill('consent.granted')
  await page.getByRole('button', { name: 'Look for it' }).click()
  await expect(page).toHaveURL(/type=consent.granted/)
  const rows = page.getByRole('row').filter({ hasText: 'v1' })
  for (const row of await rows.all()) await expect(row).toContainText('consent.granted.v1')
  await page.goBack()
  await expect(page.getByLabel('Type')).toHaveValue('')
})

test('checkpoints and anchors are shown, checked in the browser', async ({ page, service }) => {
  await logIn(page, service, PHILIPPA)
  await page.getByRole('link', { name: 'Log and anchors' }).click()
  await expect(page.locator('[data-events]')).toContainText('checked in your browser')
})
