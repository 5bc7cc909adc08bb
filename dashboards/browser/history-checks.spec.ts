// A patient's own checks: an entry of the history, and whether the whole of it is there.
import { readFileSync } from 'node:fs'
import type { Download, Locator, Page } from '@playwright/test'
import { unpack } from '../src/proofs/archive'
import { pack, reseal, rewrite } from '../src/proofs/samples/tar'
import { expect, logIn, test } from './service'

const ANNELIESE = 'anneliese@kowalczyk.example'

/** Opens the newest entry of a kind; answers what stands there. */
async function opened(page: Page, kind: string): Promise<Locator> {
  await page.goto('/patient/history?range=all&kind=all')
  const entry = page.locator(`[data-entry=${kind}]`).first()
  await entry.getByRole('button').first().click()
  await entry.getByRole('button', { name: 'Check it' }).waitFor()
  return entry
}

async function bytesOf(coming: Promise<Download>): Promise<Buffer> {
  return readFileSync(await (await coming).path())
}

/** Lets a file fall onto the page, as from a folder. */
async function drop(page: Page, name: string, bytes: Uint8Array) {
  const carried = await page.evaluateHandle(
    ([name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([bytes], name))
      return transfer
    },
    [name, Buffer.from(bytes).toString('base64')] as const,
  )
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: carried })
  await expect(page.getByText(`File: ${name}`)).toBeVisible()
  const verdict = page.locator('[data-outcome]')
  await expect(verdict).toBeVisible()
  return verdict
}

test('an entry is checked with a tap: right, what was checked, and what was not', async ({
  page,
  service,
  elsewhere,
}) => {
  await logIn(page, service, ANNELIESE)
  const entry = await opened(page, 'viewed')
  const [, event, position] =
    (await entry.textContent())?.match(/Event ([\w-]+), number (\d+) in the log/) ?? []
  await entry.getByRole('button', { name: 'Check it' }).click()
  const verdict = entry.locator('[data-outcome]')
  await expect(verdict).toHaveAttribute('data-outcome', 'right_in_itself')
  for (const words of [
    `The event stands at place ${position} of medlock.invalid/log`,
    'the line: access.record_viewed.v1, number',
    'both fingerprints of the line, and the path to the signed checkpoint',
    'the signature of medlock.invalid/log on its checkpoint over',
    'Not checked',
    'whose keys these are',
    'whether the log shows everybody the same',
  ]) {
    await expect(verdict).toContainText(words)
  }
  // The fingerprint is the one that the admin's trail has for it.
  const hash = (await entry.getByText('Fingerprint (BLAKE3)').locator('code').textContent()) ?? ''
  const admin = await elsewhere()
  await logIn(admin, service, 'philippa@rosengarten.example')
  await admin.goto('/admin/trail?type=access.record_viewed')
  await expect(admin.getByRole('row').filter({ hasText: hash })).toHaveCount(1)

  // The receipt is right for anybody, and wrong as soon as a letter of it is another.
  const coming = page.waitForEvent('download')
  await entry.getByRole('button', { name: 'Keep the receipt' }).click()
  const receipt = (await bytesOf(coming)).toString()
  expect(receipt).toContain(event)
  await page.goto('/check')
  const again = await drop(page, 'kept.receipt', Buffer.from(receipt))
  await expect(again).toHaveAttribute('data-outcome', 'right_in_itself')
  const forged = receipt.replace('TREAT', 'TREAX')
  expect(forged).not.toBe(receipt)
  const refused = await drop(page, 'forged.receipt', Buffer.from(forged))
  await expect(refused).toHaveAttribute('data-outcome', 'wrong')
  await expect(refused).toContainText('not the one in the log: it was changed')
})

test('every kind of entry can be checked, a refusal and a consent among them', async ({
  page,
  service,
}) => {
  await logIn(page, service, ANNELIESE)
  for (const kind of ['refused', 'granted', 'uploaded', 'downloaded', 'list_shown']) {
    const entry = await opened(page, kind)
    await entry.getByRole('button', { name: 'Check it' }).click()
    const verdict = entry.locator('[data-outcome]')
    await expect(verdict, kind).toHaveAttribute('data-outcome', 'right_in_itself')
  }
})

test('the whole history is checked against every leaf of the log, and with somebody’s policy without a reserve', async ({
  page,
  service,
}) => {
  // Whatever the worker tells is written down beside the page.
  await page.addInitScript(() => {
    const told: unknown[] = []
    Object.assign(window, { told })
    window.Worker = class extends Worker {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given)
        this.addEventListener('message', ({ data }) => told.push(data))
      }
    }
  })
  const keys = (await (await fetch(`${service.url}/log/keys.txt`)).text()).trim()
  await page.goto('/check')
  await page.getByLabel(/^Policy/).fill(`log ${keys}\nquorum none\n`)
  await page.getByRole('checkbox', { name: 'Remember it' }).check()
  await logIn(page, service, ANNELIESE)
  await page.goto('/patient/history?range=all&kind=all')
  await page.getByRole('button', { name: 'Is it whole?' }).click()
  await page.getByRole('button', { name: 'Check my whole history' }).click()
  const verdict = page.locator('[data-outcome]')
  await expect(verdict).toHaveAttribute('data-outcome', 'right')
  await expect(verdict).toContainText('are all that medlock.invalid/log has of this record')
  await expect(verdict).toContainText(
    /\d+ lines: their form, order and fingerprints, and the proof/,
  )
  await expect(verdict).toContainText(/all \d+ leaves of the log, for anything else of this record/)
  await expect(verdict).toContainText('what happened after the checkpoint: take a newer history')
  const told = await page.evaluate(() => (window as unknown as { told: Told[] }).told)
  const leaves = told.flatMap((one) => ('done' in one ? [one] : []))
  expect(leaves[0]?.done).toBe(0)
  expect(leaves.at(-1)?.done).toBe(leaves[0]?.all)
  expect(leaves[0]?.all).toBeGreaterThan(100)
})

type Told = { done: number; all: number } | { verdict: unknown }

test('a history that was kept is right when it falls on the page, and each damage to it is refused', async ({
  page,
  service,
}) => {
  await logIn(page, service, ANNELIESE)
  await page.goto('/patient/history?range=all&kind=all')
  await page.getByRole('button', { name: 'Is it whole?' }).click()
  await page.getByRole('button', { name: 'Check my whole history' }).click()
  await expect(page.locator('[data-outcome=right_in_itself]')).toBeVisible()
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Keep the history as a file' }).click()
  const history = await bytesOf(coming)
  await page.goto('/check')
  const whole = await drop(page, 'kept.tar', history)
  await expect(whole).toHaveAttribute('data-outcome', 'right_in_itself')
  const flipped = Buffer.from(history)
  const at = flipped.indexOf('TREAT')
  flipped[at] = (flipped[at] ?? 0) ^ 1
  const refused = await drop(page, 'one bit.tar', flipped)
  await expect(refused).toHaveAttribute('data-outcome', 'wrong')
  // Whoever takes a line out and makes everything within fit is found out by the log.
  const folder = unpack(history)
  for (const file of ['events.jsonl', 'positions']) {
    rewrite(folder, file, (text) => `${text.slice(0, -1).split('\n').slice(0, -1).join('\n')}\n`)
  }
  reseal(folder)
  const withheld = await drop(page, 'withheld.tar', pack(folder))
  await expect(withheld).toHaveAttribute('data-outcome', 'wrong')
  await expect(withheld).toContainText('kept from you')
  await expect(withheld).toContainText('Keep this file, and show it to somebody you trust.')
})
