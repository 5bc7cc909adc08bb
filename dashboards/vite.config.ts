import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The service that answers while `npm run dev` serves the pages.
// It is asked under the page's own name: what a page of another name sends, it refuses.
const target = process.env.MEDLOCK_URL ?? 'http://127.0.0.1:8480'
const service = { target, changeOrigin: false }

// Few files with stable names: the built app is committed, and a change shows as a change.
export default defineConfig({
  plugins: [react()],
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
        // What more than one area needs is one file; an area's own code stays in the area's.
        codeSplitting: { groups: [{ name: 'common', minShareCount: 2 }] },
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
