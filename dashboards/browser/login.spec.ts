import { expect, logIn, PASSWORD, test } from './service'

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

test('a code is sent again: the one before counts no more, and after too many a new one is asked for', async ({
  page,
  service,
}) => {
  const email = 'casimir@thorvaldsen.example'
  await page.goto('/login')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  let since = Date.now()
  await page.getByRole('button', { name: 'Log in' }).click()
  const code = page.getByLabel('Code from the letter')
  await code.waitFor()
  const first = await service.code(email, since)
  const opened: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') opened.push(new URL(request.url()).pathname)
  })
  const anew = async () => {
    since = Date.now()
    await page.getByRole('button', { name: 'Send a new code' }).click()
    return service.code(email, since)
  }
  let newest = await anew()
  expect(opened, 'a new letter for the same challenge').toEqual(['/api/v1/codes'])
  if (newest !== first) {
    await code.fill(first)
    await expect(page.getByRole('alert')).toContainText('wrong_code')
  }
  // A letter each costs one of the five tries; then the log-in is begun again by itself.
  while (!opened.includes('/api/v1/sessions')) newest = await anew()
  await code.fill(newest)
  await page.locator('nav:visible').first().waitFor()
})

test.describe('in Tamil', () => {
  test.use({ locale: 'ta-IN' })
  test('a refusal is told in the language of the page', async ({ page }) => {
    await page.goto('/login')
    await page.locator('input[type=email]').fill('anneliese@kowalczyk.example')
    await page.locator('input[type=password]').fill('not the password')
    await page.locator('button[type=submit]').click()
    await expect(page.getByRole('alert')).toContainText('கடவுச்சொல் சரியில்லை')
    await expect(page.getByRole('alert')).toContainText('wrong_credentials')
  })
})
