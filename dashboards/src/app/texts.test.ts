import { expect, test } from 'vitest'

const holes = (sentence: string) => (sentence.match(/\{\{\w+\}\}/g) ?? []).sort().join()

test('every language says a sentence with the same values', async () => {
  const modules = import.meta.glob<Record<string, unknown>>(['../**/*texts.ts', '../**/words.ts'])
  const i18next = (await import('i18next')).default
  for (const load of Object.values(modules)) await load()
  const { en, ta } = i18next.store.data
  expect(Object.keys(ta ?? {}).length).toBeGreaterThan(3)
  for (const [feature, said] of Object.entries(en ?? {})) {
    for (const [key, sentence] of Object.entries(said as Record<string, string>)) {
      const other = i18next.getResource('ta', feature, key)
      expect(holes(other), `${feature}.${key}`).toBe(holes(sentence))
      expect(other.trim(), `${feature}.${key}`).not.toBe('')
    }
  }
})
