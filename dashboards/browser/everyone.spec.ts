// What everybody meets: an account, its sessions, and what the page itself promises.
import { fillPatient, registerDoctor, sendWithCode } from './deeds'
import { expect, logIn, test } from './service'

test('somebody registers as a patient and is inside', async ({ page, service }) => {
  await page.goto('/login')
  await page.getByRole('link', { name: 'Register as a patient' }).click()
  const somebody = { name: 'Wilhelmina Achterberg', email: 'wilhelmina@achterberg.example' }
  await fillPatient(page, somebody)
  await sendWithCode(page, service, somebody.email)
  await expect(page.getByText('Nobody but you.')).toBeVisible()
})

test('a doctor registers and is told who looks at it now', async ({ page, service }) => {
  const email = 'leopoldine@vesterager.example'
  const leopoldine = { name: 'Dr Leopoldine Vesterager', email, licence: 'SYN-LIC-900-1' }
  await registerDoctor(page, service, leopoldine)
})

test('the page asks for nothing elsewhere, holds nothing inline, and is fresh each time', async ({
  page,
  service,
  troubles,
}) => {
  const asked = new Set<string>()
  page.on('request', (request) => asked.add(new URL(request.url()).origin))
  const policy = async () => {
    const response = await page.goto('/login')
    return response?.headers()['content-security-policy'] ?? ''
  }
  const first = await policy()
  const second = await policy()
  expect(first).not.toContain('unsafe')
  expect(first).toMatch(/style-src 'self' 'nonce-[\w-]{22}'/)
  expect(first).not.toBe(second)
  expect([...asked]).toEqual([service.url])
  // A style that does not carry the nonce does nothing: the policy holds.
  const caught = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (e) => resolve(e.effectiveDirective))
        const style = document.createElement('style')
        style.textContent = 'body { display: none }'
        document.head.append(style)
      }),
  )
  expect(caught).toBe('style-src-elem')
  await expect(page.locator('body')).toBeVisible()
  await expect.poll(() => troubles.splice(0).length).toBe(1)
})

test('a deep link opens its screen, the back button goes back, and nothing is a dead end', async ({
  page,
  service,
}) => {
  await logIn(page, service, 'anneliese@kowalczyk.example')
  await page.goto('/patient/history?range=all&kind=granted')
  await expect(page.locator('[data-entry=granted]').first()).toBeVisible()
  await page.getByRole('link', { name: 'My reports' }).first().click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My reports')
  await page.goBack()
  await expect(page).toHaveURL(/history\?range=all&kind=granted/)
  await page.goto('/nothing/here')
  await page.getByRole('link', { name: 'To the start page' }).click()
  await expect(page).toHaveURL(`${service.url}/patient`)
  await page.goto('/doctor')
  await expect(page).toHaveURL(`${service.url}/patient`)
})

test('the language and the theme stay as they were chosen', async ({ page }) => {
  await page.goto('/login')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('menuitem', { name: 'தமிழ்' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('உள்நுழைக')
  await expect(page.locator('html')).toHaveAttribute('lang', 'ta')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('உள்நுழைக')
  const drawn = await page.evaluate(async () => {
    await document.fonts.ready
    return [...document.fonts].some((f) => f.family.includes('Tamil') && f.status === 'loaded')
  })
  expect(drawn).toBe(true)
})

test('a connection that is lost is said, and mended by itself', async ({
  page,
  service,
  context,
}) => {
  await logIn(page, service, 'anneliese@kowalczyk.example')
  await context.setOffline(true)
  await expect(page.getByText('No connection.')).toBeVisible()
  await page.getByRole('link', { name: 'My reports' }).first().click()
  await context.setOffline(false)
  await expect(page.getByText('No connection.')).toBeHidden()
  await expect(page.getByRole('link', { name: /Chest X-ray/ })).toBeVisible()
})

test('too many windows are called that, and the rest goes on', async ({ page, service }) => {
  await logIn(page, service, 'mirela@stojanovska.example')
  // A browser opens no more than six at once to one name; an account may have sixteen.
  const cookies = await page.context().cookies()
  const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const others = new AbortController()
  const { signal } = others
  const listen = () => fetch(`${service.url}/api/v1/stream`, { headers: { Cookie }, signal })
  const statuses = await Promise.all([...Array(17)].map(async () => (await listen()).status))
  expect(statuses).toContain(429)
  await page.reload()
  await expect(page.getByText('open in too many windows')).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText('No connection.')).toBeHidden()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Who can see my record now?')
  others.abort()
})

test('logging out leaves nothing on the page', async ({ page, service }) => {
  await logIn(page, service, 'anneliese@kowalczyk.example')
  await page.goto('/account')
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page).toHaveURL(/\/login/)
  await page.goBack()
  await expect(page.getByRole('textbox', { name: 'Password' })).toBeVisible()
})
