// Passkeys, with the authenticator that Chromium has for tests: bound to the page's name, so on localhost.
import type { Page } from '@playwright/test'
import { expect, PASSWORD, type Service, test } from './service'

async function withAuthenticator(page: Page) {
  const client = await page.context().newCDPSession(page)
  await client.send('WebAuthn.enable')
  await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

async function passwordOn(page: Page, service: Service, email: string) {
  await page.goto(`http://localhost:${new URL(service.url).port}/login`)
  await page.locator('input[type=email]').fill(email)
  await page.locator('input[type=password]').fill(PASSWORD)
  await page.locator('button[type=submit]').click()
}

/** Where passkeys work: the same service under its name. */
const named = (service: Service) => `http://localhost:${new URL(service.url).port}`

async function addPasskey(page: Page, service: Service, email: string) {
  await page.goto(`${named(service)}/account`)
  const since = Date.now()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByLabel('Code from the letter').fill(await service.code(email, since))
  await expect(page.getByText('On a device of yours')).toBeVisible()
}

test('a patient adds a passkey, logs in with it, and removes it', async ({ page, service }) => {
  const email = 'anneliese@kowalczyk.example'
  await withAuthenticator(page)
  await passwordOn(page, service, email)
  await page.locator('nav:visible').first().waitFor()
  await addPasskey(page, service, email)

  await page.getByRole('button', { name: 'Log out' }).click()
  await passwordOn(page, service, email)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.locator('nav:visible').first().waitFor()

  await page.goto(`${named(service)}/account`)
  await page.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No letter is sent to you')).toBeVisible()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('You have none yet.')).toBeVisible()
})

test('a consent is confirmed by a passkey, and so is giving the passkey up', async ({
  page,
  service,
}) => {
  const email = 'tobias@lindqvist.example'
  await withAuthenticator(page)
  await passwordOn(page, service, email)
  await page.locator('nav:visible').first().waitFor()
  await addPasskey(page, service, email)

  await page.goto(`${named(service)}/patient/grant`)
  await page.getByRole('combobox', { name: 'Doctor' }).fill('Casimir')
  await page.getByRole('option', { name: 'Dr Casimir Thorvaldsen' }).click()
  await page.getByText('One day', { exact: true }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page).toHaveURL(`${named(service)}/patient`)
  const card = page.getByRole('article', { name: 'Dr Casimir Thorvaldsen' }).first()
  await expect(card.locator('[data-countdown]')).toContainText('left')

  await page.goto(`${named(service)}/account`)
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('You have none yet.')).toBeVisible()
})
