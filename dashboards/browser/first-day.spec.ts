// The first day: whoever has the README and nothing else reaches each role's main act. What a hand does here stands
// there, word for word.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { registerDoctor, sendWithCode, takeStep } from './deeds'
import { expect, PASSWORD, Service, test } from './service'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

/** The name of a button or field, as the README has it. */
function said(words: string): string {
  expect(readme, 'the README says it').toContain(`“${words}”`)
  return words
}

/** The link that the demo prints for a role. */
function linkFor(service: Service, role: string): string {
  const line = service.printed.find((line) => new RegExp(`^ +${role} +http\\S+/login`).test(line))
  return line?.match(/http\S+/)?.[0] ?? `no link for a ${role} was printed`
}

/** Follows a role's link; answers when the letter could have been sent first. */
async function enter(page: Page, service: Service, role: string) {
  await page.goto(linkFor(service, role))
  await expect(page.getByLabel('E-mail address')).not.toHaveValue('')
  expect(readme).toContain(PASSWORD)
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  const since = Date.now()
  await page.locator('button[type=submit]').click()
  return since
}

// The demonstration as it is on the first day: no other story has been here.
let demo: Service
test.beforeAll(async () => {
  demo = await Service.start()
})
test.afterAll(() => demo.stop())

test('a patient follows the printed link, lets a doctor in with a letter’s code, and stops it', async ({
  page,
}) => {
  await enter(page, demo, 'patient')
  await page.getByRole('link', { name: said('Let somebody in') }).click()
  await page.getByRole('combobox', { name: 'Doctor' }).fill('Halvorsen')
  await page.getByRole('option', { name: 'Dr Ingeborg Halvorsen' }).click()
  expect(readme).toContain('demo/outbox')
  await sendWithCode(page, demo, 'anneliese@kowalczyk.example')
  const card = page.getByRole('article', { name: 'Dr Ingeborg Halvorsen' })
  await card.getByRole('button', { name: said('Stop access') }).click()
  await expect(page.getByText('Dr Ingeborg Halvorsen can no longer see anything')).toBeVisible()
})

test('a doctor follows the printed link, with a code, and looks at a report', async ({ page }) => {
  const since = await enter(page, demo, 'doctor')
  const code = page.getByLabel('Code from the letter')
  await code.fill(await demo.code('beatrix@oyelaran.example', since))
  await page.getByRole('link', { name: 'Anneliese Kowalczyk' }).click()
  await page
    .getByRole('button', { name: said('Look at it') })
    .first()
    .click()
  await expect(page.locator('img.drawn')).toBeVisible()
})

test('an admin follows the printed link, with a code, and verifies who waits', async ({ page }) => {
  const since = await enter(page, demo, 'admin')
  const code = page.getByLabel('Code from the letter')
  await code.fill(await demo.code('philippa@rosengarten.example', since))
  await takeStep(page, 'Dr Ludmila Brancovici', said('Verify'), 'Licence seen at the issuer')
  await page.getByRole('tab', { name: 'Verified' }).click()
  await expect(page.getByRole('article', { name: 'Dr Ludmila Brancovici' })).toBeVisible()
})

test('anybody opens the page that checks, without an account', async ({ page }) => {
  expect(readme).toContain('`/check`')
  await page.goto(`${demo.url}/check`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check it yourself')
  await expect(page.getByText('Drop a file here, or choose one')).toBeVisible()
})

test('the link that a first start prints leads to an admin, who verifies the first doctor', async ({
  page,
  elsewhere,
}) => {
  const service = await Service.start('serve')
  try {
    expect(readme).toContain('cargo run -- serve')
    const link = service.printed.find((line) => line.includes('/#first-admin='))?.trim() ?? ''
    await page.goto(link)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Become the first admin')
    await expect(page, 'the link is nowhere to be seen').not.toHaveURL(/first-admin=/)
    const cy = { name: 'Cy Corvin', email: 'cy@corvin.example' }
    await page.getByLabel('Full name').fill(cy.name)
    await page.getByLabel('E-mail address').fill(cy.email)
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
    await sendWithCode(page, service, cy.email)
    await expect(page.getByText('Your account is made. Log in with it.')).toBeVisible()

    const bo = { name: 'Dr Bo Berg', email: 'bo@berg.example', licence: 'SYN-LIC-4711' }
    await registerDoctor(await elsewhere(), service, bo)
    await page.getByRole('link', { name: 'Log in' }).last().click()
    await page.getByLabel('E-mail address').fill(cy.email)
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
    const since = Date.now()
    await page.locator('button[type=submit]').click()
    const code = page.getByLabel('Code from the letter')
    await code.fill(await service.code(cy.email, since))
    await takeStep(page, bo.name, 'Verify', 'Register entry seen')

    // It leads nowhere any more.
    const late = await elsewhere()
    await late.goto(link)
    await late.getByLabel('Full name').fill('Mallory')
    await late.getByLabel('E-mail address').fill('mallory@corvin.example')
    await late.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
    await late.getByRole('button', { name: 'Continue' }).click()
    await expect(late.getByRole('alert')).toContainText('admin_exists')
  } finally {
    await service.stop()
  }
})
