// Makes docs/images/dashboard-*.png: the table and a run of the Iris study, as pages show them.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const SIZE = { width: 1200, height: 720 }
const root = fileURLToPath(new URL('..', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'runtree-picture-'))
const env = { ...process.env, HOME: home, RUNTREE_HOME: join(home, 'workspace'), TZ: 'UTC' }
const program = join(root, 'dist/cli/main.js')

try {
  execFileSync(process.execPath, [join(root, 'examples/iris/main.js')], { env, stdio: 'ignore' })
  const server = spawn(process.execPath, [program, 'ui', '--no-open'], { env })
  try {
    await photograph(await addressOf(server))
  } finally {
    server.kill('SIGINT')
  }
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 3 })
}

/** The address that the server prints first. */
async function addressOf(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.startsWith('http://')) return line.trim()
  }
  throw new Error('runtree ui printed no address.')
}

async function photograph(address) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox']
  })
  try {
    const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1.5 })
    await page.goto(address)
    await page.getByRole('link', { name: 'iris', exact: true }).first().click()
    await page.getByRole('link', { name: 'iris-classifiers', exact: true }).first().click()
    await page.getByRole('grid').waitFor()
    await page.getByText('0.9800').first().waitFor()
    await page.screenshot({ path: join(root, 'docs/images/dashboard-runs.png') })
    await page
      .getByRole('link', { name: /^nearest-neighbours k=9/ })
      .first()
      .click()
    await page.getByText('Changed since the run before').waitFor()
    await page.locator('canvas').first().waitFor()
    await page.screenshot({ path: join(root, 'docs/images/dashboard-run.png') })
  } finally {
    await browser.close()
  }
}
