import type { Page } from 'playwright-core'
import { openWorkspace } from '../../src/node.ts'
import type { Painted, Scrolled } from './clock.ts'
import {
  type BenchBrowser,
  countOf,
  cpuSecondsOf,
  median,
  onClock,
  startProgram,
  tableOf
} from './tools.ts'

/** What a table of many runs behind `runtree ui` came to; medians. */
export interface LocalTable {
  /** From the start of the navigation; the server has just been started. */
  readonly openedMs: number
  readonly filter: Painted
  readonly sort: Painted
  readonly scrolled: Scrolled
  readonly memoryBytes: number
}

const CLI = '../../dist/cli/main.js'
const SCROLL_MS = 6000

/** Opens `runtree ui` over a workspace in a page, and closes it afterwards. */
export async function withPage<T>(
  browser: BenchBrowser,
  folder: string,
  look: (page: Page, go: (route: string) => Promise<void>, pid: number) => Promise<T>
): Promise<T> {
  const server = await startProgram(CLI, ['ui', '--no-open'], { RUNTREE_HOME: folder })
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(server.line)
    await page.locator('.shell').waitFor()
    const go = async (route: string): Promise<void> => {
      await page.evaluate(`location.hash = ${JSON.stringify(route)}`)
    }
    return await look(page, go, server.pid)
  } finally {
    await context.close()
    await server.stop()
  }
}

/** Measures a table of so many runs. */
export async function measureTable(
  browser: BenchBrowser,
  folder: string,
  runs: number
): Promise<LocalTable> {
  return withPage(browser, folder, async (page, go) => {
    const start = performance.now()
    await go('#/runs/bench/train')
    await onClock(page, 'shown', tableOf(runs))
    const openedMs = performance.now() - start
    const filters = ['>= 0.9', '>= 0.5', '< 0.25', '>= 0.99', '< 0.1']
    const filtered: Painted[] = []
    for (const bound of filters) {
      filtered.push(
        await until(page, '.runs-title .count', async () => {
          await page.locator('.filter-input').selectText()
          await page.keyboard.insertText(`metrics.accuracy ${bound}`)
        })
      )
    }
    await until(page, '.runs-title .count', () =>
      page.getByRole('button', { name: 'Clear the filter' }).click()
    )
    const sorted: Painted[] = []
    for (const name of ['loss', 'accuracy', 'recall', 'loss', 'accuracy']) {
      sorted.push(
        await until(page, '.grid-row[data-index="0"]', () =>
          page.getByRole('columnheader', { name, exact: true }).click()
        )
      )
    }
    const scrolled = await onClock(page, 'scroll', '.grid', SCROLL_MS)
    return {
      openedMs,
      filter: medianOf(filtered),
      sort: medianOf(sorted),
      scrolled,
      memoryBytes: await browser.pageMemory()
    }
  })
}

/** Does something, and waits until an element tells of it. */
export async function until(
  page: Page,
  selector: string,
  action: () => Promise<unknown>
): Promise<Painted> {
  await page.waitForTimeout(1000)
  await onClock(page, 'watch', selector)
  await action()
  return onClock(page, 'changed')
}

function medianOf(all: readonly Painted[]): Painted {
  const of = (name: keyof Painted): number => median(all.map((each) => each[name]))
  return { ms: of('ms'), askedMs: of('askedMs'), answeredMs: of('answeredMs') }
}

/** Measures what share of a core the server takes while a page looks at so many runs in progress. */
export async function measureLive(
  browser: BenchBrowser,
  folder: string,
  runs: number,
  seconds: number
): Promise<{ readonly share: number }> {
  const workspace = await openWorkspace({ folder, project: 'bench', background: false })
  await workspace.projects.create({ name: 'bench' })
  await workspace.close()
  const logging = await startProgram('live-runs.ts', [folder, `${runs}`])
  try {
    return await withPage(browser, folder, async (page, go, pid) => {
      await go('#/runs/bench/live')
      await onClock(page, 'shown', { '.runs-title .count': countOf(runs) })
      await page.waitForTimeout(5000)
      const before = cpuSecondsOf(pid)
      await page.waitForTimeout(seconds * 1000)
      return { share: (cpuSecondsOf(pid) - before) / seconds }
    })
  } finally {
    await logging.stop()
  }
}
