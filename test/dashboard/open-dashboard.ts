import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { createDashboardServer } from '../../src/dashboard/server/dashboard-server.ts'
import type { Source } from '../../src/dashboard/source/source.ts'
import { startWebServer } from '../../src/host/node/web-server.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { skipMissing } from '../support/programs.ts'

const TOKEN = 'token-of-the-tests'

/** How long the page may take for what it does, on a machine that is busy with other things. */
const PATIENCE_MS = 60_000

/** The dashboard over a source, in a browser. */
export interface OpenDashboard {
  readonly page: Page
  /** What the page complained of, and what it asked of other places than its server. */
  readonly complaints: string[]
  /** Shows what an address behind `#` says. */
  go(route: string): Promise<void>
  close(): Promise<void>
}

/** Opens the dashboard, as `runtree ui` serves it, in a real browser; skips without one. */
export async function openDashboard(
  test: Mocha.Context,
  source: Source,
  options: BrowserContextOptions = {}
): Promise<OpenDashboard> {
  const executable = findChromium()
  if (executable === undefined) return skipMissing(test, 'chromium')
  const folder = makeTempFolder()
  const root = fileURLToPath(new URL('../..', import.meta.url))
  execFileSync(process.execPath, ['.ci/bundle-dashboard.mjs', folder], { cwd: root })
  const server = await startWebServer(
    createDashboardServer({
      source,
      token: TOKEN,
      readFile: async (name) => readFile(join(folder, name)).catch(() => undefined)
    })
  )
  const browser = await launchChromium(executable)
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const own = `http://127.0.0.1:${server.port}`
  const complaints = complaintsOf(page, own)
  await page.goto(`${own}/#token=${TOKEN}`)
  // Until then the token is in the address.
  await page.locator('.shell').waitFor()
  return {
    page,
    complaints,
    async go(route) {
      await page.evaluate(`location.hash = ${JSON.stringify(route)}`)
    },
    async close() {
      await browser.close()
      await server.close()
      removeTempFolder(folder)
    }
  }
}

function complaintsOf(page: Page, own: string): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    // What the source refuses is shown by the page, and logged by the browser.
    const isRefusal = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isRefusal) complaints.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(own) && !/^(blob|data):/.test(request.url())) {
      complaints.push(`request: ${request.url()}`)
    }
  })
  return complaints
}
