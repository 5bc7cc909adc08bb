// What people do in more than one story, by hand as they would.
import type { Page } from '@playwright/test'
import { expect, PASSWORD, type Service } from './service'

export interface Somebody {
  name: string
  email: string
}

export interface PaperFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** A plain text with a title of its own. */
export function letter(title: string, text = 'All is well.\n'): PaperFile {
  return { name: `${title}.txt`, mimeType: 'text/plain', buffer: Buffer.from(text) }
}

/** Fills in a form that a code follows, and enters the code of its letter. */
export async function sendWithCode(page: Page, service: Service, email: string) {
  const since = Date.now()
  await page.getByRole('button', { name: 'Continue' }).click()
  const code = page.getByLabel('Code from the letter')
  await code.waitFor()
  await code.fill(await service.code(email, since))
}

/** Fills in the form of a patient; nothing is sent. */
export async function fillPatient(page: Page, { name, email }: Somebody) {
  await page.getByLabel('Full name').fill(name)
  await page.getByLabel('Date of birth').fill('1980-02-29')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
}

/** Registers a patient, who is inside then. */
export async function registerPatient(page: Page, service: Service, who: Somebody) {
  await page.goto(`${service.url}/register`)
  await fillPatient(page, who)
  await sendWithCode(page, service, who.email)
  await expect(page.getByText('Nobody but you.')).toBeVisible()
}

/** Registers a doctor, whom an admin has to verify. */
export async function registerDoctor(
  page: Page,
  service: Service,
  { name, email, licence }: Somebody & { licence: string },
) {
  await page.goto(`${service.url}/register/doctor`)
  await page.getByLabel('Full name with title').fill(name)
  await page.getByLabel('Licence number').fill(licence)
  await page.getByLabel('Issued by').fill('Chamber of Physicians of Northmarch')
  await page.getByRole('combobox', { name: 'Specialty' }).click()
  await page.getByRole('option', { name: 'Neurology' }).click()
  await page.getByLabel('Specialty in your own words').fill('Epileptology')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await sendWithCode(page, service, email)
  await expect(page.getByText('An admin looks at your licence')).toBeVisible()
}

/** An admin who is signed in takes a step with a doctor, and says why. */
export async function takeStep(page: Page, doctor: string, step: string, note: string) {
  const card = page.getByRole('article', { name: doctor })
  await card.getByRole('button', { name: step }).click()
  const form = page.getByRole('dialog')
  await expect(form.getByRole('button', { name: step })).toBeDisabled()
  await form.getByRole('textbox').fill(note)
  await form.getByRole('button', { name: step }).click()
  await expect(form).toBeHidden()
  await expect(card).toBeHidden()
}

/** Chooses a doctor in an open grant form. */
export async function choose(page: Page, doctor: string) {
  await page.getByRole('combobox', { name: 'Doctor' }).fill(doctor.split(' ')[1] ?? doctor)
  await page.getByRole('option', { name: doctor }).click()
}

/** Lets a doctor in for a week, or as `otherwise` fills in the form. */
export async function letIn(
  page: Page,
  service: Service,
  { email, doctor }: { email: string; doctor: string },
  otherwise: () => Promise<void> = async () => {},
) {
  await page.goto(`${service.url}/patient/grant`)
  await choose(page, doctor)
  await otherwise()
  await sendWithCode(page, service, email)
  await expect(page).toHaveURL(`${service.url}/patient`)
  await expect(page.getByRole('article', { name: doctor }).first()).toBeVisible()
}

/** A patient adds a report of their own. */
export async function addReport(page: Page, service: Service, file: PaperFile, kind?: string) {
  await page.goto(`${service.url}/patient/reports/new`)
  await page.locator('input[type=file]').first().setInputFiles(file)
  if (kind !== undefined) {
    await page.getByRole('combobox').click()
    await page.getByRole('option', { name: kind }).click()
  }
  await page.getByRole('button', { name: 'Add it' }).click()
  await expect(page.getByRole('link', { name: 'To my reports' })).toBeVisible()
}

/** A doctor opens a report of a patient by the card of that title, or the first there is. */
export async function openReport(page: Page, patient: string, title?: string | RegExp) {
  await page.getByRole('link', { name: patient }).click()
  const card = title === undefined ? page : page.getByRole('article', { name: title })
  await card.getByRole('button', { name: 'Look at it' }).first().click()
  await expect(page.locator('img.drawn')).toBeVisible()
}

/** What the service answers to what no screen offers: its status and its code. */
export function asked(page: Page, method: string, path: string, body?: unknown): Promise<string> {
  return page.evaluate(
    async ([method, path, body]) => {
      const me = await (await fetch('/api/v1/me')).json()
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token ?? '' }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await fetch(path, { method, headers, ...sent })
      const said = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {}
      return `${answer.status} ${said.code ?? ''}`.trim()
    },
    [method, path, body] as const,
  )
}
