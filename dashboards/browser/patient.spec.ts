// The patient's stories, on a telephone.
import { choose, sendWithCode } from './deeds'
import { expect, logIn, test } from './service'

test.use({ viewport: { width: 390, height: 844 } })

test('home says who can see now, with what is left, and one tap ends it', async ({
  page,
  service,
}) => {
  await logIn(page, service, 'tobias@lindqvist.example')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Who can see my record now?')
  const cards = page.locator('article[data-consent]')
  await cards.first().waitFor()
  const before = await cards.count()
  expect(before).toBeGreaterThan(0)
  const first = cards.first()
  const name = (await first.getAttribute('aria-label')) ?? ''
  await expect(first.locator('[data-countdown]')).toContainText('left')
  await first.getByRole('button', { name: 'Stop access' }).click()
  await expect(page.getByText(`${name} can no longer see anything by this consent`)).toBeVisible()
  await expect(cards).toHaveCount(before - 1)
  await expect(page.locator('[data-entry=revoked]').first()).toContainText(name)
})

test('a doctor is let in after one sentence and a code for exactly that', async ({
  page,
  service,
}) => {
  const email = 'chidera@okonkwo-adeyemi.example'
  await logIn(page, service, email)
  await expect(page.getByText('Nobody but you.')).toBeVisible()
  await page.getByRole('link', { name: 'Let somebody in' }).click()
  await choose(page, 'Dr Beatrix Oyelaran')
  await page.getByRole('radio', { name: 'I choose' }).check()
  await page.getByRole('radio', { name: 'Kinds of reports' }).check()
  await page.getByRole('checkbox', { name: 'Imaging' }).first().check()
  await page.getByRole('checkbox', { name: 'Laboratory results' }).nth(1).check()
  await page.getByText('One day', { exact: true }).click()
  await page.getByRole('switch', { name: 'Limit how often' }).check()
  await page.getByLabel('Viewings at most').fill('3')
  const sentence = page.locator('[data-sentence]')
  await expect(sentence).toContainText(
    'Dr Beatrix Oyelaran may see imaging, those to come included; not laboratory results, for treatment, from now until',
  )
  await expect(sentence).toContainText('At most 3 viewings.')
  await sendWithCode(page, service, email)
  await expect(page).toHaveURL(`${service.url}/patient`)
  const card = page.getByRole('article', { name: 'Dr Beatrix Oyelaran' }).first()
  await expect(card).toContainText('0 of 3 viewings used')
  await expect(page.getByText('One doctor can.')).toBeVisible()
})

test('a wrong code is refused, and what was chosen is still there', async ({ page, service }) => {
  await logIn(page, service, 'yasmina@haddadin.example')
  await page.goto('/patient/grant')
  await choose(page, 'Dr Casimir Thorvaldsen')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Code from the letter').fill('000000')
  await expect(page.getByRole('alert')).toContainText('wrong_code')
  await page.getByRole('button', { name: 'Change something' }).click()
  await expect(page.locator('[data-sentence]')).toContainText('Dr Casimir Thorvaldsen may see')
})

test('a report comes in with its verdict, and is downloaded as it was', async ({
  page,
  service,
}) => {
  await logIn(page, service, 'mirela@stojanovska.example')
  await page.getByRole('link', { name: 'Add a report' }).click()
  const buffer = Buffer.from('Blood pressure 120 over 80.\n')
  const file = { name: 'pressure_of May.txt', mimeType: 'text/plain', buffer }
  await page.locator('input[type=file]').first().setInputFiles(file)
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('pressure of May')
  await page.getByRole('button', { name: 'Add it' }).click()
  await expect(page.getByText('Its page can be shown to a doctor whole.')).toBeVisible()
  await page.getByRole('link', { name: 'To my reports' }).click()
  await page.getByRole('link', { name: 'pressure of May' }).click()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  const path = await (await coming).path()
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(path)).toEqual(buffer)
})

test('a file that is not what its name says is refused with what to do', async ({
  page,
  service,
}) => {
  await logIn(page, service, 'mirela@stojanovska.example')
  await page.goto('/patient/reports/new')
  const file = { name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no PDF') }
  await page.locator('input[type=file]').first().setInputFiles(file)
  await page.getByRole('button', { name: 'Add it' }).click()
  await expect(page.getByRole('alert')).toContainText('not_of_its_type')
})

test('the history is chosen by time, kind and report, saved as a table, and leads to the consent', async ({
  page,
  service,
}) => {
  await logIn(page, service, 'anneliese@kowalczyk.example')
  await page.goto('/patient/history')
  await page.getByText('All', { exact: true }).click()
  await page.getByRole('combobox', { name: 'What' }).click()
  await page.getByRole('option', { name: 'Refusals' }).click()
  await expect(page).toHaveURL(/range=all/)
  await expect(page).toHaveURL(/kind=refused/)
  const shown = page.locator('[data-entry]')
  await expect(shown.first()).toBeVisible()
  const count = await shown.count()
  for (const entry of await shown.all())
    expect(await entry.getAttribute('data-entry')).toBe('refused')
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a table (CSV)' }).click()
  const path = await (await coming).path()
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(path, 'utf8').trim().split('\r\n')).toHaveLength(count + 1)
  // Of days and of a report of one's own.
  await page.goto('/patient/reports')
  await page.getByRole('article').getByRole('link', { name: /X-ray/ }).first().click()
  await page.getByRole('link', { name: 'What happened with it' }).click()
  await expect(page.getByText(/^About “.*X-ray/)).toBeVisible()
  await expect(shown.first()).toContainText('X-ray')
  await expect(shown.filter({ hasNotText: 'X-ray' })).toHaveCount(0)
  await page.getByText('From … to …').click()
  await page.getByLabel('Last day').fill('2020-01-01')
  await expect(page.getByText('Nothing of this kind in this time.')).toBeVisible()
  await page.getByLabel('Last day').fill('')
  await page.getByLabel('First day').fill('2020-01-01')
  await expect(shown.first()).toBeVisible()
  await page.getByRole('button', { name: 'All reports' }).click()
  await expect(page).not.toHaveURL(/report=/)
  await page.goto('/patient/history?range=all&kind=viewed')
  await page.locator('[data-entry=viewed]').first().getByRole('button').click()
  await page.getByRole('link', { name: 'The consent behind it' }).first().click()
  await expect(page).toHaveURL(/\/patient\/consents\//)
  await page.getByRole('button', { name: 'Show as a QR code' }).click()
  const code = page.getByRole('img', { name: 'The receipt as a QR code' })
  await expect
    .poll(() => code.evaluate((img: HTMLImageElement) => img.naturalWidth))
    .toBeGreaterThan(0)
})

test('what happens elsewhere moves the open screen', async ({ page, service, browser }) => {
  const email = 'henrik@vandersloot.example'
  await logIn(page, service, email)
  const cards = page.locator('article[data-consent]')
  await cards.first().waitFor()
  const before = await page.getByRole('button', { name: 'Stop access' }).count()
  const other = await browser.newPage()
  await logIn(other, service, email)
  await other.getByRole('button', { name: 'Stop access' }).first().click()
  await expect(page.getByRole('button', { name: 'Stop access' })).toHaveCount(before - 1)
  await other.close()
})

test('a session that ends leaves the form as it was, and goes on after logging in', async ({
  page,
  service,
  browser,
}) => {
  const email = 'yasmina@haddadin.example'
  await logIn(page, service, email)
  await page.goto('/patient/grant')
  await choose(page, 'Dr Ingeborg Halvorsen')
  await page.getByText('Three months').click()
  const sentence = await page.locator('[data-sentence]').textContent()
  const other = await browser.newPage()
  await logIn(other, service, email)
  await other.goto(`${service.url}/account`)
  await expect(other.getByText('This one')).toBeVisible()
  for (;;) {
    const end = other.getByRole('button', { name: 'End it' })
    const left = await end.count()
    if (left === 0) break
    await end.first().click()
    await expect(end).toHaveCount(left - 1)
  }
  await other.close()
  const again = page.getByRole('dialog', { name: 'You have been signed out' })
  await expect(again).toBeVisible()
  await again.getByRole('textbox', { name: 'Password' }).fill('synthetic-clinic-password')
  await again.getByRole('button', { name: 'Log in' }).click()
  await expect(again).toBeHidden()
  await expect(page.locator('[data-sentence]')).toHaveText(sentence ?? '')
})

test('a consent is given with the keyboard alone', async ({ page, service }) => {
  const email = 'mirela@stojanovska.example'
  await logIn(page, service, email)
  await page.goto('/patient/grant')
  const tab = async (until: () => Promise<boolean>) => {
    for (let i = 0; i < 40; i += 1) {
      if (await until()) return
      await page.keyboard.press('Tab')
    }
    throw new Error('the keyboard does not reach it')
  }
  const focused = (text: RegExp) => () =>
    page.evaluate((source) => {
      const e = document.activeElement
      const label = e instanceof HTMLInputElement ? e.labels?.[0]?.textContent : e?.textContent
      return new RegExp(source).test(label ?? '')
    }, text.source)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await tab(focused(/^Doctor$/))
  await page.keyboard.type('Beatrix')
  await page.getByRole('option', { name: 'Dr Beatrix Oyelaran' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-sentence]')).toContainText('Dr Beatrix Oyelaran may see')
  await tab(focused(/^Continue$/))
  const since = Date.now()
  await page.keyboard.press('Enter')
  await page.getByLabel('Code from the letter').waitFor()
  await page.keyboard.type(await service.code(email, since))
  await expect(page).toHaveURL(`${service.url}/patient`)
})
