// A history of thousands of entries: scrolled, narrowed, saved, printed and checked. With MEDLOCK_SOAK it has a hundred
// thousand (`./scripts/soak browser/long-history`). Times are said as medians, and refused at three times the promise.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { addReport, letIn, letter, registerPatient } from './deeds'
import { IN_A_HURRY, lengthen } from './long-record'
import { expect, logIn, Service, test } from './service'

const SOAKING = (process.env.MEDLOCK_SOAK ?? '') !== ''
const ENTRIES = SOAKING ? 100_000 : 3_000
/** How long a slow machine may take to make them: it has fewer then. */
const WITHIN_MS = SOAKING ? Number.POSITIVE_INFINITY : 15_000
/** Fewer than these say nothing about many. */
const AT_LEAST = 800
const STEP_MS = 100
/** Elements of the page, however long the history is. */
const ELEMENTS = 1_500
/** How long the page may not draw while a history is checked. */
const PAUSE_MS = 200

const LENA = { name: 'Lena Lundgren', email: 'lena@lundgren.example' }
const BEATRIX = { name: 'Dr Beatrix Oyelaran', email: 'beatrix@oyelaran.example' }

test.describe.configure({ mode: 'serial', timeout: SOAKING ? 3_600_000 : 60_000 })

let service: Service
/** How many entries the history has, and how many of them are viewings. */
let total = 0
let viewings = 0
test.beforeAll(async ({ browser }) => {
  test.setTimeout(SOAKING ? 7_200_000 : 120_000)
  service = await Service.start()
  // Where the demonstration is gone on with, settings count.
  await service.restart(async () => {}, IN_A_HURRY)
  const page = await browser.newPage()
  await registerPatient(page, service, LENA)
  await addReport(page, service, letter('A letter'))
  await letIn(page, service, { email: LENA.email, doctor: BEATRIX.name })
  await page.close()
  const began = Date.now()
  const who = { patient: LENA.email, doctor: BEATRIX.email }
  const made = await lengthen(service, who, ENTRIES, WITHIN_MS)
  say(`${made.entries} entries made in ${Math.round((Date.now() - began) / 1000)} s`)
  expect(made.entries).toBeGreaterThanOrEqual(AT_LEAST)
  // The report that was added and the consent stand there too.
  total = made.entries + 2
  viewings = made.viewings
})
test.afterAll(() => service?.stop())

function say(words: string) {
  process.stdout.write(`long history: ${words}\n`)
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** The history is open, and every page of it that is asked for is counted. */
async function open(page: Page, search = 'range=all&kind=all') {
  await logIn(page, service, LENA.email)
  const asked: URLSearchParams[] = []
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname.endsWith('/access-history')) asked.push(searchParams)
  })
  await page.goto(`${service.url}/patient/history?${search}`)
  await expect(page.locator('[data-entry]').first()).toBeVisible()
  return asked
}

/**
 * Scrolls by so many windows, one after the other, and then to the end of what was read; how long each took to be drawn,
 * and the most elements there were.
 */
function scroll(page: Page, windows: number) {
  return page.evaluate(async (windows) => {
    const drawn = () => new Promise(requestAnimationFrame)
    const took: number[] = []
    let most = 0
    for (let i = 0; i <= windows; i += 1) {
      const began = performance.now()
      if (i < windows) window.scrollBy(0, window.innerHeight * 0.9)
      else window.scrollTo(0, document.documentElement.scrollHeight)
      await drawn()
      await drawn()
      took.push(performance.now() - began)
      most = Math.max(most, document.querySelectorAll('*').length)
    }
    return { took, most }
  }, windows)
}

test('it is scrolled to its end: a page is read when it is needed, and only what is near is drawn', async ({
  page,
}) => {
  const asked = await open(page)
  await expect(
    page.getByText(`${total.toLocaleString('en-GB')} entries`, { exact: true }),
  ).toBeVisible()
  const pages = Math.ceil(total / 200)
  expect(asked.length, 'what is not near is not read').toBeLessThan(4)
  const took: number[] = []
  let most = 0
  for (;;) {
    const read = await scroll(page, 5)
    took.push(...read.took)
    most = Math.max(most, read.most)
    const atEnd = await page.evaluate(
      () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2,
    )
    if (atEnd && asked.length >= pages) break
  }
  await expect(page.locator('[data-entry=uploaded]')).toBeVisible()
  expect(new Set(asked.map((query) => query.get('cursor'))).size).toBe(pages)
  const step = median(took)
  say(`${took.length} steps to the end, ${Math.round(step)} ms each (promised ${STEP_MS})`)
  say(`${most} elements at the most (promised ${ELEMENTS})`)
  expect(step).toBeLessThanOrEqual(3 * STEP_MS)
  expect(most).toBeLessThanOrEqual(3 * ELEMENTS)
})

test('the service narrows it; the table and the print have what the list has', async ({ page }) => {
  await page.addInitScript(() => {
    window.print = () => {
      window.dispatchEvent(new Event('beforeprint'))
      const lines = document.querySelectorAll('[data-printed] tr').length
      document.documentElement.dataset.printed = String(lines)
      window.dispatchEvent(new Event('afterprint'))
    }
  })
  const asked = await open(page, 'range=month&kind=viewed')
  await expect(
    page.getByText(`${viewings.toLocaleString('en-GB')} entries`, { exact: true }),
  ).toBeVisible()
  expect(asked[0]?.get('kind')).toBe('viewed')
  expect(asked[0]?.get('from')).not.toBeNull()
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a table (CSV)' }).click()
  const table = readFileSync(await (await coming).path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  expect(table).toHaveLength(viewings + 1)
  await page.getByRole('button', { name: 'Print' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-printed', String(viewings), {
    timeout: SOAKING ? 300_000 : 15_000,
  })
  expect(asked.every((query) => query.get('kind') === 'viewed')).toBe(true)
})

test('it is checked whole in the worker, which tells how far it is, and the page goes on drawing', async ({
  page,
}) => {
  await open(page)
  await page.evaluate(() => {
    const seen = { told: new Set<string>(), longest: 0 }
    Object.assign(window, { seen })
    let last = performance.now()
    const frame = (now: number) => {
      seen.longest = Math.max(seen.longest, now - last)
      last = now
      const said = [...document.querySelectorAll('main [role=status]')].at(-1)?.textContent
      const words = said?.match(/\d[\d,]* of \d[\d,]* leaves of the log/)?.[0]
      if (words) seen.told.add(words)
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  const began = Date.now()
  await page.getByRole('button', { name: 'Is it whole?' }).click()
  await page.getByRole('button', { name: 'Check my whole history' }).click()
  const verdict = page.locator('[data-outcome]')
  await expect(verdict).toBeVisible({ timeout: SOAKING ? 600_000 : 30_000 })
  const took = Date.now() - began
  await expect(verdict).toHaveAttribute('data-outcome', 'right_in_itself')
  await expect(verdict).toContainText(/all [\d,]+ leaves of the log/)
  const { told, longest } = await page.evaluate(() => {
    const { told, longest } = (window as unknown as { seen: Seen }).seen
    return { told: [...told], longest }
  })
  say(
    `checked whole in ${took} ms; no picture for ${Math.round(longest)} ms (promised ${PAUSE_MS})`,
  )
  expect(told.length).toBeGreaterThan(0)
  expect(longest).toBeLessThanOrEqual(3 * PAUSE_MS)
})

interface Seen {
  told: Set<string>
  longest: number
}
