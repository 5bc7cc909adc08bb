// Looking closer: fine print on a strip that is far longer than a screen, by mouse and by keyboard.
import type { Page } from '@playwright/test'
import { addReport, letIn, openReport, registerPatient } from './deeds'
import { expect, logIn, type Service, test } from './service'
import { PRINT, read, strip } from './strip'

const BEATRIX = { name: 'Dr Beatrix Oyelaran', email: 'beatrix@oyelaran.example' }

/** A doctor before a strip that a patient has let them see; every picture that is asked for is counted. */
async function before(strips: Page, bo: Page, service: Service, name: string) {
  const email = `${name.split(' ')[0]?.toLowerCase()}@eklund.example`
  await registerPatient(strips, service, { name, email })
  const file = { name: 'A strip.png', mimeType: 'image/png', buffer: strip() }
  await addReport(strips, service, file, 'Imaging')
  await letIn(strips, service, { email, doctor: BEATRIX.name })
  await logIn(bo, service, BEATRIX.email)
  const pictures: string[] = []
  bo.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (/\/pages\/\d+$/.test(pathname)) pictures.push(search)
  })
  await openReport(bo, name, 'A strip')
  expect(pictures, 'the page, once').toEqual([''])
  return pictures
}

/** Waits until the picture is there that was asked for last. */
async function drawn(page: Page, pictures: string[], count: number) {
  await expect.poll(() => pictures.length).toBe(count)
  await expect(page.locator('img.drawn')).toBeVisible()
  await expect(page.locator('img.drawn')).toHaveJSProperty('complete', true)
}

/** What the patient's history says, newest first. */
async function told(page: Page): Promise<string[]> {
  await page.goto('/patient/history?range=all&kind=all')
  await page.locator('[data-entry]').first().waitFor()
  return page.locator('[data-entry] button > span').allTextContents()
}

test('what is too fine to be seen on a page is read in a part of it, and that is no further entry', async ({
  page,
  service,
  elsewhere,
}) => {
  const bo = await elsewhere()
  const pictures = await before(page, bo, service, 'Estelle Eklund')
  const history = await told(page)
  expect(history[0]).toContain('opened A strip for treatment')
  expect(history[0]).toContain('One page was shown.')
  expect(await read(bo, 30_000)).not.toBe(PRINT)
  const nearer = bo.getByRole('button', { name: 'Nearer', exact: true })
  for (const count of [2, 3, 4, 5, 6]) {
    await nearer.click()
    await drawn(bo, pictures, count)
  }
  await expect(nearer, 'each pixel is seen: nearer is no more').toBeDisabled()
  expect(await read(bo, 30_000 / 32)).toBe(PRINT)
  await bo.getByRole('button', { name: 'To the right' }).click()
  await drawn(bo, pictures, 7)
  expect(await read(bo, 30_000 / 32)).not.toBe(PRINT)
  expect(await told(page)).toEqual(history)

  // A reload goes on with the viewing, at the page it was at, and asks for that alone.
  pictures.length = 0
  await bo.reload()
  await drawn(bo, pictures, 1)
  expect(pictures).toEqual([''])
  await expect(bo.getByRole('timer')).toContainText('Closes in')
  expect(await told(page)).toHaveLength(history.length)
})

test('the keyboard alone looks nearer, goes along, shows the whole and closes', async ({
  page,
  service,
  elsewhere,
}) => {
  const bo = await elsewhere()
  const pictures = await before(page, bo, service, 'Esteban Eklund')
  const press = async (key: string) => {
    const count = pictures.length
    await bo.keyboard.press(key)
    await drawn(bo, pictures, count + 1)
  }
  for (let i = 0; i < 5; i += 1) await press('+')
  expect(await read(bo, 30_000 / 32)).toBe(PRINT)
  await press('ArrowRight')
  await press('ArrowLeft')
  expect(await read(bo, 30_000 / 32)).toBe(PRINT)
  await press('ArrowDown')
  await press('-')
  await expect(bo.getByRole('group', { name: 'Look nearer' })).toContainText('1600 %')
  await press('0')
  expect(pictures.at(-1)).toBe('')
  // At the whole page arrows turn pages, and there is one.
  const count = pictures.length
  const beyond: string[] = []
  bo.on('request', (request) => {
    if (/\/pages\/2$/.test(new URL(request.url()).pathname)) beyond.push(request.url())
  })
  await bo.keyboard.press('ArrowRight')
  await bo.keyboard.press('Escape')
  await expect(bo.getByRole('heading', { name: /^Reports of/ })).toBeVisible()
  expect(beyond).toEqual([])
  // The whole may be asked for again, where the live stream had to begin anew meanwhile.
  expect(pictures.slice(count).filter((part) => part !== '')).toEqual([])
})
