import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The service that answers while `npm run dev` serves the pages.
// It is asked under the page's own name: what a page of another name sends, it refuses.
const target = process.env.MEDLOCK_URL ?? 'http://127.0.0.1:8480'
const service = { target, changeOrigin: false }

/** What a patient's home cannot do without: everything that it and the first script name. */
const early = new Set<string>()

/** Fills `early` once all modules are known, before they are put into files. */
const whatIsEarly: Plugin = {
  name: 'what-is-early',
  buildEnd() {
    const all = [...this.getModuleIds()]
    const ways = all.filter((id) => /src\/(main\.tsx|patient\/area\.ts)$/.test(id))
    for (let id = ways.pop(); id !== undefined; id = ways.pop()) {
      if (early.has(id)) continue
      early.add(id)
      const module = this.getModuleInfo(id)
      // The components' front door names them all; which of them are meant stands in the import.
      ways.push(...(module?.importedIds ?? []).filter((next) => !next.endsWith(FRONT_DOOR)))
      for (const [, names] of module?.code?.matchAll(COMPONENTS) ?? []) {
        const meant = (names ?? '').split(',').map((name) => name.trim())
        ways.push(...all.filter((id) => meant.some((name) => id.endsWith(`/${name}/${name}.mjs`))))
      }
    }
  },
}
const FRONT_DOOR = '/@mantine/core/esm/index.mjs'
const COMPONENTS = /import\s*\{([^}]*)\}\s*from\s*["']@mantine\/core["']/g

// Few files with stable names: the built app is committed, and a change shows as a change.
export default defineConfig({
  plugins: [react(), whatIsEarly],
  server: {
    proxy: { '^/api/': service, '^/log/': service, '/readyz': service, '/livez': service },
  },
  build: {
    target: 'es2022',
    assetsDir: 'app',
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.txt' },
    rolldownOptions: {
      output: {
        entryFileNames: 'app/[name].js',
        chunkFileNames: ({ facadeModuleId, name }) =>
          `app/${
            facadeModuleId
              ?.match(/src[\\/](\w+)[\\/](?:area|forms)\.ts$/)?.[0]
              .split(/[\\/]/)
              .slice(1)
              .join('-')
              .replace(/(-area)?\.ts$/, '') ?? name
          }.js`,
        assetFileNames: 'app/[name][extname]',
        // What the start needs, and something else too, is one file; what only later screens share is another. An
        // area's own code stays in the area's.
        codeSplitting: {
          groups: [
            // What Vite adds where something is loaded later.
            { name: 'loading', priority: 2, test: /preload-helper/ },
            {
              name: 'common',
              priority: 1,
              minShareCount: 2,
              test: (id) => early.has(id),
            },
            { name: 'later', minShareCount: 2 },
          ],
        },
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: { entryFileNames: 'app/[name].js', chunkFileNames: 'app/[name].js' },
    },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
})
