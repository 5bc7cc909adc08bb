import { defineConfig } from '@playwright/test'

// Stories in a real Chromium (Debian's) against the real service, which each story file starts for itself.
export default defineConfig({
  testDir: 'browser',
  fullyParallel: false,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  timeout: 45_000,
  reporter: [['list']],
  outputDir: '../target/browser',
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
