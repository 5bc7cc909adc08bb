// The six cases of the paper, TC01 to TC06, as people meet them: in a browser, with the letters in their box.
import type { Page, Request } from '@playwright/test'
import {
  addReport,
  asked,
  fillPatient,
  letIn,
  letter,
  openReport,
  registerDoctor,
  registerPatient,
  takeStep,
} from './deeds'
import { expect, logIn, PASSWORD, type Service, test } from './service'

const ADMIN = 'philippa@rosengarten.example'
const BEATRIX = { name: 'Dr Beatrix Oyelaran', email: 'beatrix@oyelaran.example' }

/** Patient Ana, who has just registered, and Dr Beatrix, each in a browser of their own. */
async function cast(page: Page, elsewhere: () => Promise<Page>, service: Service, name: string) {
  const email = `${name.split(' ')[0]?.toLowerCase()}@acker.example`
  await registerPatient(page, service, { name, email })
  const ana = { page, name, email, id: await idOf(page) }
  const bo = await elsewhere()
  await logIn(bo, service, BEATRIX.email)
  return { ana, bo }
}

function idOf(page: Page): Promise<string> {
  return page.evaluate(async () => (await (await fetch('/api/v1/me')).json()).account)
}

/** What a screen sends there next, to be sent once more. */
function sent(page: Page, path: RegExp): Promise<Request> {
  return page.waitForRequest((request) => request.method() === 'POST' && path.test(request.url()))
}

function sentAgain(page: Page, request: Request): Promise<string> {
  return asked(page, 'POST', new URL(request.url()).pathname, request.postDataJSON())
}

test('TC01: a patient registers with a code by mail and logs in', async ({ page, service }) => {
  const ana = { name: 'Ana Acker', email: 'ana@acker.example' }
  await page.goto('/register')
  await fillPatient(page, ana)
  const since = Date.now()
  await page.getByRole('button', { name: 'Continue' }).click()
  const code = page.getByLabel('Code from the letter')
  await code.waitFor()
  const logInNow = { email: ana.email, password: PASSWORD, client: 'browser' }
  expect(await asked(page, 'POST', '/api/v1/sessions', logInNow)).toBe('401 wrong_credentials')
  const confirming = sent(page, /registrations\/confirm$/)
  await code.fill(await service.code(ana.email, since))
  await expect(page.getByText('Nobody but you.')).toBeVisible()
  expect(await sentAgain(page, await confirming)).toBe('403 dead_code')
  await page.goto('/account')
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page).toHaveURL(/\/login/)
  await logIn(page, service, ana.email)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Who can see my record now?')
  await page.goto('/account')
  await expect(page.getByText('Ana Acker').first()).toBeVisible()
})

test('TC02: a doctor can do nothing until the admin has verified the licence', async ({
  page,
  service,
  elsewhere,
}) => {
  const bo = { name: 'Dr Bo Berg', email: 'bo@berg.example', licence: 'SYN-LIC-4711' }
  await registerDoctor(page, service, bo)
  await page.getByRole('link', { name: 'Log in' }).last().click()
  await page.getByLabel('E-mail address').fill(bo.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  const since = Date.now()
  await page.getByRole('button', { name: 'Log in' }).last().click()
  // The password alone opens nothing.
  const code = page.getByLabel('Code from the letter')
  await code.fill('000000')
  await expect(page.getByRole('alert')).toContainText('wrong_code')
  await code.fill(await service.code(bo.email, since))
  await expect(page.getByText('an admin looks at your licence first')).toBeVisible()
  for (const path of ['me/patients', 'doctors']) {
    expect(await asked(page, 'GET', `/api/v1/${path}`)).toBe('403 only_a_verified_doctor')
  }
  expect(await asked(page, 'GET', '/api/v1/admin/verifications')).toBe('403 wrong_role')

  const cy = await elsewhere()
  await logIn(cy, service, ADMIN)
  const card = cy.getByRole('article', { name: bo.name })
  await expect(card).toContainText(bo.licence)
  await takeStep(cy, bo.name, 'Verify', 'Register entry seen')
  await cy.getByRole('tab', { name: 'Verified' }).click()
  await expect(card).toContainText('Register entry seen')
  // The doctor's open screen moves by itself.
  await expect(page.getByText('No patient has let you in yet.')).toBeVisible()
})

test('TC03: a doctor uploads a report for a patient who let them in', async ({
  page,
  service,
  elsewhere,
}) => {
  const { ana, bo } = await cast(page, elsewhere, service, 'Anouk Acker')
  await bo.goto(`/doctor/patients/${ana.id}`)
  await expect(bo.getByRole('alert').first()).toContainText('not_found')
  await bo.goto('/doctor')
  await letIn(page, service, { email: ana.email, doctor: BEATRIX.name })
  await bo.getByRole('link', { name: ana.name }).click()
  const file = letter('MRI of the knee', 'Meniscus intact.')
  await bo.locator('input[type=file]').first().setInputFiles(file)
  await bo.getByRole('combobox', { name: 'Kind' }).click()
  await bo.getByRole('option', { name: 'Imaging' }).click()
  await bo.getByRole('button', { name: 'Store it' }).click()
  await expect(bo.getByText('Stored. The patient sees it at once.')).toBeVisible()

  await page.goto('/patient/reports')
  const card = page.getByRole('article', { name: 'MRI of the knee' })
  await expect(card).toContainText('Imaging')
  await expect(card).toContainText(BEATRIX.name)
  await card.getByRole('link').click()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(await (await coming).path())).toEqual(file.buffer)
  const content = await page.getByRole('link', { name: 'Download' }).getAttribute('href')
  expect(await asked(bo, 'GET', content ?? '')).toBe('403 wrong_role')
})

test('TC04: a patient grants a consent for a time with a code and takes it back', async ({
  page,
  service,
  elsewhere,
}) => {
  const { ana, bo } = await cast(page, elsewhere, service, 'Anton Acker')
  await addReport(page, service, letter('A letter'))
  let ends = 0
  const grant = { email: ana.email, doctor: BEATRIX.name }
  await letIn(page, service, grant, async () => {
    await page.getByText('From … until …').click()
    ends = Date.now() + 12_000
    const zone = new Date(ends).getTimezoneOffset() * 60_000
    await page
      .getByRole('textbox', { name: 'Until' })
      .fill(new Date(ends - zone).toISOString().slice(0, 19))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel('Code from the letter').fill('000000')
    await expect(page.getByRole('alert')).toContainText('wrong_code')
    expect(await page.evaluate(inForce)).toBe(0)
    await page.getByRole('button', { name: 'Change something' }).click()
  })
  await openReport(bo, ana.name, 'A letter')
  await bo.keyboard.press('Escape')
  // It ends by itself: no page of it is open, and the doctor who still has the list is refused.
  await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan(ends)
  await bo.getByRole('button', { name: 'Look at it' }).click()
  await expect(bo.getByRole('alert')).toContainText('consent_expired')
  await page.goto('/patient')
  await expect(page.getByText('Nobody but you.')).toBeVisible()

  await letIn(page, service, grant)
  await bo.getByRole('button', { name: 'Look at it' }).click()
  await expect(bo.locator('img.drawn')).toBeVisible()
  await page.getByRole('button', { name: 'Stop access' }).click()
  await expect(bo.locator('[data-over]')).toContainText('consent_revoked')
  await expect(page.getByText('Nobody but you.')).toBeVisible()
  await page.getByRole('link', { name: 'All consents I ever gave' }).click()
  const cards = page.getByRole('article', { name: BEATRIX.name })
  await expect(cards).toHaveCount(2)
  await expect(cards.first()).toContainText('Taken back')
  await expect(cards.last()).toContainText('Over')
})

async function inForce(): Promise<number> {
  const { account } = await (await fetch('/api/v1/me')).json()
  const path = `/api/v1/patients/${account}/consents?which=in_force`
  return (await (await fetch(path)).json()).total
}

test('TC05: a view token opens the pages once', async ({ page, service, elsewhere }) => {
  const { ana, bo } = await cast(page, elsewhere, service, 'Antje Acker')
  const lines = Array.from({ length: 90 }, (_, n) => `Line ${n + 1}: nothing abnormal.\n`)
  await addReport(page, service, letter('Long letter', lines.join('')))
  await letIn(page, service, { email: ana.email, doctor: BEATRIX.name })
  const redeeming = sent(bo, /\/viewings$/)
  await openReport(bo, ana.name, 'Long letter')
  expect(await sentAgain(bo, await redeeming)).toBe('409 token_used')

  const first = await pixels(bo)
  const answered = bo.waitForResponse(/\/pages\/2$/)
  await bo.getByRole('button', { name: /^Page 2 of/ }).click()
  expect((await answered).headers()['content-type']).toBe('image/png')
  await expect(bo.locator('img.drawn')).toHaveAttribute('alt', /page 2$/)
  const second = await pixels(bo)
  expect(second.columns).toBe(first.columns)
  expect(second.dark).toBeGreaterThan(0)
  expect(second.dark).not.toBe(first.dark)
  const { pathname } = new URL(bo.url())
  await bo.goto(`${pathname}?page=4999`)
  await expect(bo.getByRole('alert')).toContainText('no_such_page')
  await bo.getByRole('button', { name: 'Close' }).click()
  await expect(bo.getByRole('heading', { name: /^Reports of/ })).toBeVisible()
  await bo.goto(pathname)
  await expect(bo.locator('[data-over=viewing_ended]')).toBeVisible()
})

/** How wide the picture is that is shown, and how many of its pixels are dark. */
async function pixels(page: Page): Promise<{ columns: number; dark: number }> {
  await expect(page.locator('img.drawn')).toHaveJSProperty('complete', true)
  return page.locator('img.drawn').evaluate((shown: HTMLImageElement) => {
    const { naturalWidth: width, naturalHeight: height } = shown
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context?.drawImage(shown, 0, 0)
    const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] }
    let dark = 0
    for (let at = 0; at < data.length; at += 4) dark += (data[at] ?? 255) < 60 ? 1 : 0
    return { columns: width, dark }
  })
}

test('TC06: history and trail tell it all', async ({ page, service, elsewhere }) => {
  const { ana, bo } = await cast(page, elsewhere, service, 'Annika Acker')
  await addReport(page, service, letter('MRI of 3 May'), 'Imaging')
  await addReport(page, service, letter('Blood count'), 'Laboratory results')
  await letIn(page, service, { email: ana.email, doctor: BEATRIX.name }, async () => {
    await page.getByRole('radio', { name: 'I choose' }).check()
    await page.getByRole('radio', { name: 'Kinds of reports' }).check()
    await page.getByRole('checkbox', { name: 'Imaging' }).first().check()
  })
  await openReport(bo, ana.name, 'MRI of 3 May')
  const blood = await page.evaluate(async (id) => {
    const { items } = await (await fetch(`/api/v1/patients/${id}/reports`)).json()
    return items.find(({ title }: { title: string }) => title === 'Blood count').report
  }, ana.id)
  const wish = { report: blood, purpose: 'TREAT' }
  const refused = asked(bo, 'POST', `/api/v1/patients/${ana.id}/view-tokens`, wish)
  expect(await refused).toBe('403 scope_does_not_cover')
  await page.getByRole('button', { name: 'Stop access' }).click()
  await expect(bo.locator('[data-over]')).toContainText('consent_revoked')

  await page.goto('/patient/history?range=all&kind=all')
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
  const consent = `your consent of ${day.format(new Date())} (UTC)`
  const told = [
    `You revoked ${consent}, given to ${BEATRIX.name}.`,
    `${BEATRIX.name} asked to open Blood count for treatment and was refused: no consent you gave them for this purpose covers this report.`,
    `${BEATRIX.name} opened MRI of 3 May for treatment, allowed by ${consent}. One page was shown. It ended early: you had revoked your consent.`,
    /looked at the list of your reports|were shown/,
    /^You let Dr Beatrix Oyelaran see these of your reports, those to come included: imaging, for treatment until .* UTC\.$/,
    'You added Blood count.',
    'You added MRI of 3 May.',
  ]
  await expect(page.locator('[data-entry] button > span')).toHaveText(told)

  const cy = await elsewhere()
  await logIn(cy, service, ADMIN)
  await cy.goto(`/admin/trail?stream=patient-${ana.id}`)
  const types = cy.locator('tbody tr td:nth-child(3) p:first-child')
  const kinds = await types.allTextContents()
  for (const kind of [
    'consent.revoked.v1',
    'access.viewing_ended.v1',
    'access.view_refused.v1',
    'access.page_shown.v1',
    'access.record_viewed.v1',
    'access.view_token_issued.v1',
    'consent.granted.v1',
    'records.report_uploaded.v1',
    'identity.patient_registered.v1',
  ]) {
    await expect(types.filter({ hasText: kind }).first(), kinds.join()).toBeVisible()
  }
  const trail = (await cy.locator('main').textContent()) ?? ''
  for (const word of ['Acker', 'Oyelaran', 'MRI', 'Blood', '.example']) {
    expect(trail, `the trail says ${word}`).not.toContain(word)
  }
  await bo.goto('/admin/trail')
  await expect(bo).toHaveURL(`${service.url}/doctor`)
})
