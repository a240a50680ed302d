import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { startRun } from '../../src/node.ts'
import { bundleFolder, serveSite } from '../../test/dashboard/site.ts'
import { git } from '../../test/support/git.ts'
import { serveGitHttp } from '../../test/support/http-server.ts'
import type { Painted } from './clock.ts'
import { until, withPage } from './local.ts'
import type { BenchBrowser } from './tools.ts'
import { compressedSize } from './visits.ts'

/** How long it takes from a click on a run to its drawn chart. */
export interface SeriesTimes {
  readonly first: Painted
  readonly again: Painted
}

/** Makes a workspace with a run that has a series of so many points. */
export async function makeSeries(folder: string, points: number): Promise<void> {
  const where = { workspace: folder, project: 'bench', experiment: 'long' }
  const run = await startRun({ ...where, name: 'long', quiet: true, code: false })
  for (let step = 0; step < points; step++) run.log({ loss: Math.sin(step) / (step + 1) }, { step })
  await run.finish()
}

/** Measures the page of such a run behind `runtree ui`: the first time, and once more. */
export function measureSeries(browser: BenchBrowser, folder: string): Promise<SeriesTimes> {
  return withPage(browser, folder, async (page, go) => lookTwice(page, go))
}

/** The same of a remote, from which the series comes when it is looked at. */
export async function measureRemoteSeries(
  browser: BenchBrowser,
  folder: string
): Promise<SeriesTimes> {
  const served = `${folder}/served`
  git(folder, ['clone', '--quiet', '--mirror', 'bench.git', `${served}/bench.git`])
  for (const setting of ['allowFilter', 'allowAnySHA1InWant']) {
    git(`${served}/bench.git`, ['config', `uploadpack.${setting}`, 'true'])
  }
  const site = await serveSite()
  const server = await serveGitHttp(served, { cors: '*' })
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const remote = `${server.url}/bench.git`
    await page.goto(`${site.url}/?${new URLSearchParams({ remote })}`)
    await page.locator('.shell').waitFor()
    return await lookTwice(page, async (route) => {
      await page.evaluate(`location.hash = ${JSON.stringify(route)}`)
    })
  } finally {
    await context.close()
    await server.close()
    await site.close()
  }
}

async function lookTwice(page: Page, go: (route: string) => Promise<void>): Promise<SeriesTimes> {
  const look = async (): Promise<Painted> => {
    await go('#/runs/bench/long')
    await page.locator('.grid-row a').waitFor()
    return until(page, '.chart-canvas canvas', () => page.locator('.grid-row a').click())
  }
  return { first: await look(), again: await look() }
}

/** Returns how many bytes, compressed, the page of `runtree ui` loads for a table. */
export function measureLocalLoad(browser: BenchBrowser, folder: string): Promise<number> {
  return withPage(browser, folder, async (page, go) => {
    await go('#/runs/bench/long')
    await page.locator('.grid-row').first().waitFor()
    const loaded = (await page.evaluate(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname.slice(1))`
    )) as readonly string[]
    const files = ['index.html', ...new Set(loaded.filter((path) => /\.(js|css)$/.test(path)))]
    return compressedSize(files.map((path) => readFileSync(`${bundleFolder()}/${path}`)))
  })
}
