// What a start costs: said as medians, and refused only at three times what is promised.
import { expect, logIn, test } from './service'

const SCRIPT_KIB = 250
const ROUTE_MS = 100

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

test('the start page is light, and going elsewhere is quick', async ({ page, service }) => {
  await logIn(page, service, 'anneliese@kowalczyk.example')
  await page.goto('/patient')
  await page.locator('article[data-consent]').first().waitFor()
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .filter((name) => name.endsWith('.js')),
  )
  let bytes = 0
  for (const script of scripts) {
    const answer = await page.request.get(script)
    bytes += Number(answer.headers()['content-length'])
  }
  expect(bytes).toBeGreaterThan(0)
  const took: number[] = []
  const ways = [
    ['My reports', 'My reports'],
    ['Who looked', 'Who looked, and what else happened'],
    ['Who can see', 'Who can see my record now?'],
  ] as const
  for (let round = 0; round < 3; round += 1) {
    for (const [link, title] of ways) {
      took.push(
        await page.evaluate(
          async ([link, title]) => {
            const way = [...document.querySelectorAll('nav a')].find((a) => a.textContent === link)
            const began = performance.now()
            ;(way as HTMLElement).click()
            while (document.querySelector('h1')?.textContent !== title) {
              await new Promise(requestAnimationFrame)
            }
            return performance.now() - began
          },
          [link, title] as const,
        ),
      )
    }
  }
  const told = `scripts ${Math.round(bytes / 1024)} KiB (promised ${SCRIPT_KIB}), another screen ${Math.round(median(took))} ms (promised ${ROUTE_MS})`
  process.stdout.write(`budgets: ${told}\n`)
  expect(bytes / 1024).toBeLessThanOrEqual(SCRIPT_KIB)
  expect(median(took)).toBeLessThanOrEqual(3 * ROUTE_MS)
})
