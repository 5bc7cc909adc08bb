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

test('a patient adds a passkey, logs in with it, and removes it', async ({ page, service }) => {
  const email = 'anneliese@kowalczyk.example'
  await withAuthenticator(page)
  await passwordOn(page, service, email)
  await page.locator('nav:visible').first().waitFor()
  await page.goto(`http://localhost:${new URL(service.url).port}/account`)
  let since = Date.now()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  const code = page.getByLabel('Code from the letter')
  await code.fill(await service.code(email, since))
  await expect(page.getByText('On a device of yours')).toBeVisible()

  await page.getByRole('button', { name: 'Log out' }).click()
  await passwordOn(page, service, email)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.locator('nav:visible').first().waitFor()

  await page.goto(`http://localhost:${new URL(service.url).port}/account`)
  since = Date.now()
  await page.getByRole('button', { name: 'Remove' }).click()
  await code.fill(await service.code(email, since))
  await expect(page.getByText('You have none yet.')).toBeVisible()
})
