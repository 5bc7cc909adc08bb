// The doctor's day: who let me in, looking at a report until it is over, adding one.
import { openReport } from './deeds'
import { expect, logIn, test } from './service'

const BEATRIX = 'beatrix@oyelaran.example'
const ANNELIESE = 'anneliese@kowalczyk.example'

test('a doctor sees who let them in, for how long and what for', async ({ page, service }) => {
  await logIn(page, service, BEATRIX)
  const card = page.getByRole('article', { name: 'Anneliese Kowalczyk' })
  await expect(card).toContainText(/For treatment: \d+ days left, until /)
})

test('a report is looked at page by page, a reload goes on, and closing ends it', async ({
  page,
  service,
}) => {
  await logIn(page, service, BEATRIX)
  const asked: string[] = []
  page.on('request', (request) => {
    if (/\/pages\/\d+/.test(request.url())) asked.push(request.url())
  })
  await openReport(page, 'Anneliese Kowalczyk')
  await expect(page.getByRole('timer')).toContainText('Closes in')
  expect(asked, 'nothing is asked for that is not looked at').toHaveLength(1)
  await page.reload()
  await expect(page.locator('img.drawn')).toBeVisible()
  await expect(page.getByRole('timer')).toContainText('Closes in')
  const gone = page.url()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { name: /^Reports of/ })).toBeVisible()
  await page.goto(gone)
  await expect(page.locator('[data-over=viewing_ended]')).toBeVisible()
  await page.getByRole('link', { name: /patient’s reports/ }).click()
  await expect(page.getByRole('heading', { name: /^Reports of/ })).toBeVisible()
})

test('a purpose the patient did not agree to is refused with the rule and the way on', async ({
  page,
  service,
}) => {
  await logIn(page, service, BEATRIX)
  await page.getByRole('link', { name: 'Anneliese Kowalczyk' }).click()
  const card = page.getByRole('article').first()
  await card.getByRole('combobox').click()
  await page.getByRole('option', { name: 'research' }).click()
  await card.getByRole('button', { name: 'Look at it' }).click()
  await expect(card.getByRole('alert')).toContainText('purpose_not_covered')
  await expect(card.getByRole('alert')).toContainText(/under the purpose the patient agreed to/i)
})

test('a doctor drops a report into a record, and the patient has it', async ({ page, service }) => {
  await logIn(page, service, BEATRIX)
  await page.getByRole('link', { name: 'Anneliese Kowalczyk' }).click()
  const file = {
    name: 'a new letter.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('All is well.'),
  }
  await page.locator('input[type=file]').first().setInputFiles(file)
  await expect(page.getByLabel('Title')).toHaveValue('a new letter')
  await page.getByRole('button', { name: 'Store it' }).click()
  await expect(page.getByText('Stored. The patient sees it at once.')).toBeVisible()
  await expect(page.getByRole('article', { name: 'a new letter' })).toBeVisible()
})

test('a revoke closes an open viewing in another window within a second, and says why', async ({
  browser,
  page,
  service,
}) => {
  await logIn(page, service, BEATRIX)
  await openReport(page, 'Anneliese Kowalczyk')
  const patient = await browser.newPage({ baseURL: service.url })
  await logIn(patient, service, ANNELIESE)
  const begun = await patient.evaluate(async () => {
    const ask = async (path: string, init: RequestInit = {}) =>
      (await fetch(`/api/v1/${path}`, init)).json()
    const me = await ask('me')
    const id = me.account
    const { items } = await ask(`patients/${id}/consents?which=in_force`)
    const mine = items.find((c: { grantee_name?: string }) => c.grantee_name?.includes('Oyelaran'))
    const headers = { 'X-CSRF-Token': me.csrf_token }
    const begun = Date.now()
    await ask(`patients/${id}/consents/${mine.consent}/revoke`, { method: 'POST', headers })
    return begun
  })
  const over = page.locator('[data-over]')
  await expect(over).toBeVisible({ timeout: 5_000 })
  expect(Date.now() - begun, 'milliseconds from the revoke to the closed viewing').toBeLessThan(
    3_000,
  )
  await expect(page.locator('img.drawn')).toHaveCount(0)
  await expect(over).toContainText('consent_revoked')
  await patient.close()
})
