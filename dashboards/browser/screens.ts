// Every screen of the app, by the router's addresses, and how to get there: a test says when one is missing. No words
// are looked for, for they come in several languages.
import type { Page } from '@playwright/test'

export type Who = 'anybody' | 'patient' | 'doctor' | 'admin'

export const people: Record<Exclude<Who, 'anybody'>, string> = {
  patient: 'anneliese@kowalczyk.example',
  doctor: 'beatrix@oyelaran.example',
  admin: 'philippa@rosengarten.example',
}

export interface Screen {
  who: Who
  open: (page: Page) => Promise<unknown>
  /** Shows what is there only after something was done; the screen is looked at before and after. */
  further?: (page: Page) => Promise<unknown>
}

const at = (address: string) => (page: Page) => page.goto(address)

/** The screen behind the first link of a list. */
const inside = (list: string) => async (page: Page) => {
  await page.goto(list)
  await page.locator('article a').first().click()
  await page.waitForURL(({ pathname }) => /\/[\da-f-]{36}$/.test(pathname))
}

async function openViewing(page: Page) {
  await inside('/doctor')(page)
  await page.locator('article button').first().click()
  await page.locator('img.drawn').waitFor()
}

const nothingToCheck = {
  name: 'something.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from('something else'),
}

export const screens: Record<string, Screen> = {
  '/': { who: 'anybody', open: at('/') },
  '/login': {
    who: 'anybody',
    open: at('/login'),
    further: async (page) => {
      await page.locator('input[type=email]').fill('nobody@nowhere.example')
      await page.locator('input[type=password]').fill('not the password')
      await page.locator('button[type=submit]').click()
      await page.getByRole('alert').waitFor()
    },
  },
  '/register': { who: 'anybody', open: at('/register') },
  '/register/doctor': { who: 'anybody', open: at('/register/doctor') },
  '/first-admin': {
    who: 'anybody',
    open: at('/first-admin'),
    further: (page) => page.goto('/first-admin#first-admin=made-up'),
  },
  '/check': {
    who: 'anybody',
    open: at('/check'),
    further: async (page) => {
      await page.locator('input[type=file]').first().setInputFiles(nothingToCheck)
      await page.locator('[data-outcome]').waitFor()
    },
  },
  '/check/log': { who: 'anybody', open: at('/check/log') },
  '/account': { who: 'patient', open: at('/account') },
  '/patient': {
    who: 'patient',
    open: at('/patient'),
    // Nothing is there, for whoever is signed in.
    further: at('/nothing/here'),
  },
  '/patient/grant': {
    who: 'patient',
    open: at('/patient/grant'),
    further: (page) => page.locator('input[type=radio][value=custom]').check(),
  },
  '/patient/reports': { who: 'patient', open: at('/patient/reports') },
  '/patient/reports/new': {
    who: 'patient',
    open: at('/patient/reports/new'),
    further: (page) => page.locator('input[type=file]').first().setInputFiles(nothingToCheck),
  },
  '/patient/reports/$report': { who: 'patient', open: inside('/patient/reports') },
  '/patient/history': {
    who: 'patient',
    open: at('/patient/history?range=all&kind=all'),
    further: (page) => page.locator('[data-entry] button').first().click(),
  },
  '/patient/consents': { who: 'patient', open: at('/patient/consents') },
  '/patient/consents/$consent': { who: 'patient', open: inside('/patient/consents') },
  '/doctor': { who: 'doctor', open: at('/doctor') },
  '/doctor/patients/$patient': {
    who: 'doctor',
    open: inside('/doctor'),
    further: (page) => page.locator('input[type=file]').first().setInputFiles(nothingToCheck),
  },
  '/doctor/viewings/$patient/$viewing': {
    who: 'doctor',
    open: openViewing,
    further: async (page) => {
      const viewing = page.url()
      await page.keyboard.press('Escape')
      await page.waitForURL(({ pathname }) => pathname.startsWith('/doctor/patients/'))
      await page.goto(viewing)
      await page.locator('[data-over]').waitFor()
    },
  },
  '/admin': {
    who: 'admin',
    open: at('/admin?standing=verified'),
    further: async (page) => {
      await page.locator('article button').first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  '/admin/health': { who: 'admin', open: at('/admin/health') },
  '/admin/trail': { who: 'admin', open: at('/admin/trail') },
  '/admin/log': { who: 'admin', open: at('/admin/log') },
}
