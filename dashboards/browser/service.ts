// The real service with the demonstration's people, one for each worker; and what a page must never do.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'

export const PASSWORD = 'synthetic-clinic-password'

const program = process.env.MEDLOCK ?? join(import.meta.dirname, '../../target/debug/medlock')

/** A running service in a folder of its own. */
export class Service {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private child: ChildProcess,
    /** Whatever it printed until it was ready. */
    readonly printed: string[],
  ) {}

  /** With the demonstration's people, or, as `serve`, with nobody yet. */
  static async start(as: 'demo' | 'serve' = 'demo'): Promise<Service> {
    const folder = mkdtempSync(join(tmpdir(), 'medlock-browser-'))
    const words = [as, '--data', join(folder, 'data'), '--listen', '127.0.0.1:0']
    const { child, url, printed } = await run(words)
    return new Service(url, folder, child, printed)
  }

  /** Ends it and starts it again at the same address, with settings as the environment says them. */
  async restart(meanwhile: () => Promise<void>, settings: Record<string, string> = {}) {
    await this.end()
    await meanwhile()
    const data = join(this.folder, 'data')
    const address = new URL(this.url).host
    this.child = (await run(['serve', '--data', data, '--listen', address], settings)).child
  }

  async stop() {
    await this.end()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async end() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGINT')
    await ended
  }

  /** The code in the newest letter to this address that was sent after `since`. */
  async code(address: string, since: number): Promise<string> {
    const outbox = join(this.folder, 'data', 'outbox')
    let found: string | undefined
    await expect
      .poll(() => {
        const letters = readdirSync(outbox)
          .map((name) => ({ name, at: statSync(join(outbox, name)).mtimeMs }))
          .filter(({ at }) => at >= since)
          .sort((a, b) => b.at - a.at)
          .map(({ name }) => readFileSync(join(outbox, name), 'utf8'))
        const letter = letters.find((text) => text.includes(address))
        found = letter?.match(/code is (\d{6})/)?.[1]
        return found
      })
      .toBeDefined()
    return found ?? ''
  }
}

interface Run {
  child: ChildProcess
  url: string
  printed: string[]
}

/** A story logs in more often in a minute than one address may. */
const PATIENT_WITH_US = { MEDLOCK_RATES__LOGINS_PER_MINUTE: '100000' }

/** Starts the program and waits until it answers. */
async function run(words: string[], settings: Record<string, string> = {}): Promise<Run> {
  const env = { ...process.env, ...PATIENT_WITH_US, ...settings }
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  let url: string | undefined
  const printed: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line)
    url ??= line.match(/^Medlock answers at (http:\/\/[^/]+)/)?.[1]
    if (/^(Ctrl-C|Ready\.)/.test(line)) break
  }
  child.stdout.resume()
  if (url === undefined) throw new Error('the service did not say where it answers')
  return { child, url, printed }
}

/** What went wrong on a page without anybody seeing it. A refused request is no error of the page's. */
function watch(page: Page, troubles: string[]) {
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    const refused = /^Failed to load resource: (the server responded|net::ERR_)/.test(text)
    if (['error', 'warning'].includes(message.type()) && !refused) troubles.push(text)
  })
}

interface Shared {
  service: Service
}

interface Each {
  /** Kept empty by every story: what the browser complained of, the content policy's violations among it. */
  troubles: string[]
  /** Opens another browser, for somebody else or another device; watched as the first. */
  elsewhere: () => Promise<Page>
}

export const test = base.extend<Each, Shared>({
  service: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the names of what is taken
    async ({}, use) => {
      const service = await Service.start()
      // Where the demonstration is gone on with, settings count.
      await service.restart(async () => {})
      await use(service)
      await service.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ service }, use) => use(service.url),
  troubles: [
    async ({ context }, use) => {
      const troubles: string[] = []
      context.on('page', (page) => watch(page, troubles))
      await use(troubles)
      expect(troubles).toEqual([])
    },
    { auto: true },
  ],
  elsewhere: async ({ browser, troubles }, use) => {
    const opened: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext()
      opened.push(context)
      context.on('page', (page) => watch(page, troubles))
      return context.newPage()
    })
    for (const context of opened) await context.close()
  },
})

export { expect }

/** Logs in, with the code from the letter where one is asked for. */
export async function logIn(page: Page, service: Service, email: string) {
  await page.goto(`${service.url}/login`)
  await page.locator('input[type=email]').fill(email)
  await page.locator('input[type=password]').fill(PASSWORD)
  const since = Date.now()
  await page.locator('button[type=submit]').click()
  const code = page.locator('input[autocomplete=one-time-code]')
  const inside = page.locator('nav:visible')
  await code.or(inside).first().waitFor()
  if (await code.isVisible()) await code.fill(await service.code(email, since))
  await inside.first().waitFor()
}
