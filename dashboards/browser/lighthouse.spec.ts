// What Lighthouse says of the page a patient begins with, signed in, on a telephone that it makes slow.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import lighthouse from 'lighthouse'
import { expect, logIn, test } from './service'

/** What the start page is held to; a machine that is busy may say far less of the second. */
const ACCESSIBILITY = 100
const PERFORMANCE = { promised: 90, least: 50 }

/** A port that nobody uses. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}

test('Lighthouse finds the patient’s home usable by everybody, and quick', async ({
  service,
  launchOptions,
}) => {
  test.setTimeout(120_000)
  const folder = mkdtempSync(join(tmpdir(), 'medlock-lighthouse-'))
  const port = await freePort()
  const context = await chromium.launchPersistentContext(folder, {
    ...launchOptions,
    args: [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`],
  })
  try {
    const page = await context.newPage()
    await logIn(page, service, 'anneliese@kowalczyk.example')
    await page.close()
    const looked = await lighthouse(`${service.url}/patient`, {
      port,
      onlyCategories: ['accessibility', 'performance'],
      // The session stays.
      disableStorageReset: true,
      // The page listens for as long as it is open: the network is never quiet.
      maxWaitForLoad: 10_000,
      logLevel: 'silent',
    })
    const { categories, audits, finalDisplayedUrl } = looked?.lhr ?? {}
    expect(finalDisplayedUrl, 'the page that was looked at').toBe(`${service.url}/patient`)
    const failed = categories?.accessibility?.auditRefs
      .map(({ id }) => audits?.[id])
      .filter((audit) => audit?.score === 0)
    expect(failed?.map((audit) => audit?.title)).toEqual([])
    const score = (of: 'accessibility' | 'performance') => (categories?.[of]?.score ?? 0) * 100
    const told = `accessibility ${score('accessibility')}, performance ${score('performance')} (promised ${PERFORMANCE.promised})`
    process.stdout.write(`budgets: Lighthouse: ${told}\n`)
    expect(score('accessibility')).toBe(ACCESSIBILITY)
    expect(score('performance')).toBeGreaterThanOrEqual(PERFORMANCE.least)
  } finally {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
