// Every screen under axe: nothing serious or critical, in light and dark, on a telephone, on a desk, and on a desk
// at 200 %, in both languages.
import AxeBuilder from '@axe-core/playwright'
import type { BrowserContext, Page } from '@playwright/test'
import { people, screens, type Who } from './screens'
import { test as base, expect, logIn, type Service } from './service'

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>

/** Logs everybody in once; a browser that comes later is given the session. */
const test = base.extend<object, { sessions: Map<Who, Cookies> }>({
  sessions: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the names of what is taken
    async ({}, use) => use(new Map()),
    { scope: 'worker' },
  ],
})

async function comeIn(page: Page, service: Service, who: Who, sessions: Map<Who, Cookies>) {
  if (who === 'anybody') return
  const known = sessions.get(who)
  if (known) await page.context().addCookies(known)
  else {
    await logIn(page, service, people[who])
    sessions.set(who, await page.context().cookies())
  }
}

/** What is wrong with the screen as it stands there; at 200 % only whether it fits, for axe sees no zoom. */
async function examine(page: Page, screen: string, zoom: number): Promise<string[]> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await expect(page.getByRole('status', { name: /Loading|ஏற்ற/ })).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready)
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  const wrong = wide > 0 ? [`${screen}: ${wide} points wider than its window`] : []
  if (zoom > 1) return wrong
  // What moves into its place is looked at when it is there.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)))
  const { violations } = await new AxeBuilder({ page }).analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return [...wrong, ...grave.map(({ id, nodes }) => `${screen}: ${id}: ${nodes[0]?.html}`)]
}

// 1280 points at 200 % are 640.
const windows = [
  { colorScheme: 'light', locale: 'en-GB', width: 360, zoom: 1 },
  { colorScheme: 'dark', locale: 'ta-IN', width: 360, zoom: 1 },
  { colorScheme: 'dark', locale: 'en-GB', width: 1280, zoom: 1 },
  { colorScheme: 'light', locale: 'ta-IN', width: 1280, zoom: 1 },
  { colorScheme: 'light', locale: 'ta-IN', width: 1280, zoom: 2 },
] as const

for (const { colorScheme, locale, width, zoom } of windows) {
  test.describe(`${colorScheme}, ${locale}, ${width} points wide at ${zoom}00 %`, () => {
    test.use({
      colorScheme,
      locale,
      viewport: { width: width / zoom, height: 800 / zoom },
      deviceScaleFactor: zoom,
    })
    for (const who of ['anybody', 'patient', 'doctor', 'admin'] as const) {
      test(`every screen of ${who} can be read and used`, async ({ page, service, sessions }) => {
        test.slow()
        await comeIn(page, service, who, sessions)
        const wrong: string[] = []
        for (const [address, screen] of Object.entries(screens)) {
          if (screen.who !== who) continue
          await screen.open(page)
          wrong.push(...(await examine(page, address, zoom)))
          if (screen.further === undefined) continue
          await screen.further(page)
          wrong.push(...(await examine(page, `${address}, further`, zoom)))
        }
        expect(wrong).toEqual([])
      })
    }
  })
}
