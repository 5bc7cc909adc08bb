// What a patient keeps shut: one switch for the record, a bar from where the doctor is met, a hidden report.
import type { Browser, Page } from '@playwright/test'
import { expect, logIn, type Service, test } from './service'

const BEATRIX = 'beatrix@oyelaran.example'
const DR_BEATRIX = 'Dr Beatrix Oyelaran'
const ANNELIESE = 'anneliese@kowalczyk.example'

/** A doctor in another window, with a report of Anneliese's open. */
async function looking(browser: Browser, service: Service): Promise<Page> {
  const doctor = await browser.newPage({ baseURL: service.url })
  await logIn(doctor, service, BEATRIX)
  await doctor.getByRole('link', { name: 'Anneliese Kowalczyk' }).click()
  await doctor.getByRole('button', { name: 'Look at it' }).first().click()
  await expect(doctor.locator('img.drawn')).toBeVisible()
  return doctor
}

async function closesAndForgets(doctor: Page) {
  await expect(doctor.locator('[data-over=no_such_viewing]')).toBeVisible({ timeout: 5_000 })
  await expect(doctor.locator('img.drawn')).toHaveCount(0)
  await doctor.goto('/doctor')
  await expect(doctor.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(doctor.getByRole('article', { name: 'Anneliese Kowalczyk' })).toHaveCount(0)
}

test('one switch closes the record, an open viewing elsewhere with it, and opens it again', async ({
  browser,
  page,
  service,
}) => {
  const doctor = await looking(browser, service)
  await logIn(page, service, ANNELIESE)
  const close = page.getByRole('switch', { name: 'Close my record' })
  await close.click()
  await expect(page.getByText('Your record has been closed since')).toBeVisible()
  await expect(page.getByText('Nobody but you.')).toBeVisible()
  await closesAndForgets(doctor)
  await page.getByRole('switch', { name: 'An emergency still passes' }).click()
  await expect(page.locator('[data-entry=record_closed]').first()).toContainText(
    'not even in an emergency',
  )
  await close.click()
  await expect(page.getByText('Your record has been closed since')).toHaveCount(0)
  await expect(page.getByText('Nobody but you.')).toHaveCount(0)
  await doctor.reload()
  await expect(doctor.getByRole('article', { name: 'Anneliese Kowalczyk' })).toBeVisible()
  await doctor.close()
})

test('a doctor is barred from their consent, which is said first, and let in as easily', async ({
  browser,
  page,
  service,
}) => {
  const doctor = await looking(browser, service)
  await logIn(page, service, ANNELIESE)
  const card = page.locator(`article[data-consent][aria-label="${DR_BEATRIX}"]`).first()
  await card.getByRole('button', { name: 'Bar this doctor' }).click()
  const bar = page.locator('[data-bar=barred]')
  await expect(bar).toContainText(`${DR_BEATRIX} is barred`)
  await expect(card).toContainText('Opens nothing: barred')
  await closesAndForgets(doctor)
  await doctor.close()
  await page.goto('/patient/grant')
  await page.getByRole('combobox', { name: 'Doctor' }).fill('Beatrix')
  await page.getByRole('option', { name: DR_BEATRIX }).click()
  // Said while it is being chosen, and again to whoever goes on all the same.
  await expect(page.getByRole('alert')).toContainText('You barred this doctor')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('alert')).toContainText('You barred this doctor')
  await expect(page.getByRole('heading', { name: 'Confirm by the code' })).toHaveCount(0)
  await page.goto('/patient')
  await bar.getByRole('button', { name: 'Lift the bar' }).click()
  await expect(bar).toHaveCount(0)
  await expect(page.locator('[data-entry=bar_lifted]').first()).toContainText(DR_BEATRIX)
})

test('a report is hidden from one doctor, and shown again', async ({ browser, page, service }) => {
  await logIn(page, service, ANNELIESE)
  await page.goto('/patient/reports')
  const first = page.getByRole('article').first()
  const title = (await first.getAttribute('aria-label')) ?? ''
  await first.getByRole('link').click()
  const hide = page.getByRole('region', { name: 'Hide it from somebody' })
  await hide.getByRole('combobox', { name: 'From whom' }).click()
  await page.getByRole('option', { name: DR_BEATRIX }).click()
  await hide.getByRole('button', { name: 'Hide', exact: true }).click()
  await expect(hide).toContainText(`Hidden from ${DR_BEATRIX}.`)
  const doctor = await browser.newPage({ baseURL: service.url })
  await logIn(doctor, service, BEATRIX)
  await doctor.getByRole('link', { name: 'Anneliese Kowalczyk' }).click()
  await expect(doctor.getByRole('article').first()).toBeVisible()
  await expect(doctor.getByRole('article', { name: title, exact: true })).toHaveCount(0)
  await hide.getByRole('button', { name: 'Hide no more' }).click()
  await expect(hide.getByText('Hidden from')).toHaveCount(0)
  await doctor.reload()
  await expect(doctor.getByRole('article', { name: title, exact: true })).toBeVisible()
  await doctor.close()
})
