/**
 * The first and the second visit of a page to a project of 10,000 runs, against isomorphic-git's clone and
 * reading of every run, in the same Chromium and from the same server.
 */
import {
  bundleForBrowser,
  findChromium,
  launchChromium,
  openPage,
  serveScripts
} from '../test/support/chromium.ts'
import { git, makeTempFolder, removeTempFolder } from '../test/support/git.ts'
import { serveGitHttp } from '../test/support/http-server.ts'
import { readOpponent } from './dashboard/visits.ts'
import { describeMachine, formatMs, formatRatio, formatTable, report } from './harness.ts'
import { BRANCH, makeHistory } from './history.ts'

const RUNS = 10_000
const TURNS = 3

interface Visit {
  readonly runs: number
  readonly ms: number
}

export async function benchBrowser(): Promise<void> {
  const executable = findChromium()
  if (executable === undefined) throw new TypeError('Chromium is not installed.')
  const folder = makeTempFolder()
  const browser = await launchChromium(executable)
  const site = await serveScripts(
    new Map([
      ['own.js', await bundleForBrowser('bench/page/own.ts', { minify: true })],
      ['opponent.js', await readOpponent()]
    ])
  )
  const server = await serveGitHttp(folder, { cors: '*' })
  try {
    await makeHistory(`${folder}/ada`, RUNS)
    git(folder, ['clone', '--quiet', '--mirror', 'ada/bench.git', 'bench.git'])
    git(`${folder}/bench.git`, ['repack', '-adq'])
    const url = `${server.url}/bench.git`
    const times = { first: [] as number[], second: [] as number[], opponent: [] as number[] }
    for (let turn = 0; turn < TURNS; turn++) {
      const context = await browser.newContext()
      for (const kind of ['first', 'second'] as const) {
        const page = await openPage(context, `${site.url}/own.html`)
        times[kind].push(timeOf(await visit(page, [url])))
        await page.close()
      }
      await context.close()
      const other = await browser.newContext()
      const page = await openPage(other, `${site.url}/opponent.html`)
      times.opponent.push(timeOf(await visit(page, [url, BRANCH])))
      await other.close()
    }
    const [first, second, opponent] = Object.values(times).map(median) as [number, number, number]
    const text = formatTable([
      ['10,000 runs', 'Runtree', 'isomorphic-git'],
      [
        'first visit: clone, read and parse every run',
        formatMs(first),
        `${formatMs(opponent)} (${formatRatio(opponent, first)})`
      ],
      ['second visit: read and parse every run', formatMs(second), '–']
    ])
    process.stdout.write(`${text}\n`)
    report('browser', `${text}\n\n${describeMachine('npm run bench -- browser')}`)
  } finally {
    await browser.close()
    await site.close()
    await server.close()
    removeTempFolder(folder)
  }
}

function visit(
  page: Awaited<ReturnType<typeof openPage>>,
  args: readonly string[]
): Promise<Visit> {
  return page.evaluate(
    (given) =>
      (globalThis as unknown as { visit(...given: string[]): Promise<Visit> }).visit(...given),
    [...args]
  )
}

function timeOf({ runs, ms }: Visit): number {
  if (runs !== RUNS) throw new TypeError(`${runs} runs were read, not ${RUNS}.`)
  return ms
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] as number
}
