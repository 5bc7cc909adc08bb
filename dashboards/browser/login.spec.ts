import { expect, logIn, test } from './service'

test('each role logs in and begins where it belongs', async ({ browser, service }) => {
  for (const [email, home] of [
    ['anneliese@kowalczyk.example', '/patient'],
    ['beatrix@oyelaran.example', '/doctor'],
    ['philippa@rosengarten.example', '/admin'],
  ] as const) {
    const page = await browser.newPage()
    await logIn(page, service, email)
    await expect(page).toHaveURL((url) => url.pathname === home)
    await page.close()
  }
})

test('a wrong password is told with its code and what to do', async ({ page }) => {
  await page.goto('/login')
  await page.getByLabel('E-mail address').fill('anneliese@kowalczyk.example')
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password')
  await page.getByRole('button', { name: 'Log in' }).click()
  const alert = page.getByRole('alert')
  await expect(alert).toContainText('Check both')
  await expect(alert).toContainText('wrong_credentials')
})

test('an address behind the log-in is where one lands after it', async ({ page, service }) => {
  await page.goto('/patient')
  await expect(page).toHaveURL(/\/login\?next=/)
  await logIn(page, service, 'anneliese@kowalczyk.example')
})
