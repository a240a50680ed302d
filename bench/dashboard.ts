/**
 * The dashboard as it is built, in Chromium: visits to a project of a remote, against isomorphic-git's clone and
 * reading of every run in the same browser, and the pages of `runtree ui`.
 */
import { makeTempFolder, removeTempFolder } from '../test/support/git.ts'
import type { Painted } from './dashboard/clock.ts'
import { type LocalTable, measureLive, measureTable } from './dashboard/local.ts'
import {
  makeSeries,
  measureLocalLoad,
  measureRemoteSeries,
  measureSeries,
  type SeriesTimes
} from './dashboard/series.ts'
import { type BenchBrowser, openBenchBrowser } from './dashboard/tools.ts'
import { makeRemote, measureVisits, type Visits } from './dashboard/visits.ts'
import {
  describeMachine,
  formatMs,
  formatRatio,
  formatTable,
  report,
  type Table
} from './harness.ts'
import { makeRuns } from './history.ts'

const VISITED_RUNS = 10_000
const VISITS = 3
const TABLE_RUNS = 100_000
const SERIES_POINTS = 1_000_000
const LIVE_RUNS = 50
const LIVE_SECONDS = 20

export async function benchDashboard(): Promise<void> {
  const folder = makeTempFolder()
  try {
    const rows = [
      ...visitRows(
        await inBrowser(async (browser) => {
          const remote = await makeRemote(`${folder}/visited`, VISITED_RUNS)
          return measureVisits(browser, remote, VISITS)
        })
      ),
      ...tableRows(
        await inBrowser(async (browser) => {
          await makeRuns(`${folder}/table`, TABLE_RUNS)
          return measureTable(browser, `${folder}/table`, TABLE_RUNS)
        })
      ),
      ...(await seriesRows(`${folder}/series`)),
      ...liveRows(
        await inBrowser((browser) =>
          measureLive(browser, `${folder}/live`, LIVE_RUNS, LIVE_SECONDS)
        )
      )
    ]
    const text = formatTable([['what', 'measured', 'aim'], ...rows])
    process.stdout.write(`${text}\n`)
    report('dashboard', `${text}\n\n${describeMachine('npm run bench -- dashboard')}`)
  } finally {
    removeTempFolder(folder)
  }
}

/** Each part has a browser of its own, so that none pays for what another left. */
async function inBrowser<T>(measure: (browser: BenchBrowser) => Promise<T>): Promise<T> {
  const browser = await openBenchBrowser()
  try {
    return await measure(browser)
  } finally {
    await browser.close()
  }
}

function visitRows(visits: Visits): Table {
  const { firstMs, secondMs, opponentMs, shallowOpponentMs } = visits
  return [
    ['remote of 10,000 runs, first visit to usable table', formatMs(firstMs), '3 s'],
    [
      'isomorphic-git: clone and read every run',
      `${formatMs(opponentMs)} (${formatRatio(opponentMs, firstMs)})`,
      '8 ×'
    ],
    [
      'isomorphic-git: the same with `depth: 1`',
      `${formatMs(shallowOpponentMs)} (${formatRatio(shallowOpponentMs, firstMs)})`,
      '–'
    ],
    ['second visit', formatMs(secondMs), '0.7 s'],
    ['first load, compressed', formatKb(visits.firstLoadBytes), '250 kB'],
    ['memory of the page and its worker then', formatMb(visits.memoryBytes), '–']
  ]
}

function tableRows({ openedMs, filter, sort, scrolled, memoryBytes }: LocalTable): Table {
  const { frames, longTasks } = scrolled
  const longest = longTasks.length === 0 ? '' : `, at most ${formatMs(Math.max(...longTasks))}`
  return [
    ['`runtree ui` with 100,000 runs, just started, to the table', formatMs(openedMs), '–'],
    ['filter', formatPainted(filter), '150 ms'],
    ['sort', formatPainted(sort), '150 ms'],
    [`tasks over 50 ms in ${frames} frames of scrolling`, `${longTasks.length}${longest}`, 'none'],
    ['memory of the page then', formatMb(memoryBytes), '350 MB']
  ]
}

async function seriesRows(folder: string): Promise<Table> {
  await makeSeries(folder, SERIES_POINTS)
  const loadBytes = await inBrowser((browser) => measureLocalLoad(browser, folder))
  const rowsOf = (
    where: string,
    { first, again }: SeriesTimes,
    format: (painted: Painted) => string
  ): Table => [
    [`run with 1,000,000 points ${where}, to its chart`, format(first), '200 ms'],
    ['the same again', format(again), '200 ms']
  ]
  const local = await inBrowser((browser) => measureSeries(browser, folder))
  const remote = await inBrowser((browser) => measureRemoteSeries(browser, folder))
  return [
    ['first load of `runtree ui`, compressed', formatKb(loadBytes), '250 kB'],
    ...rowsOf('behind `runtree ui`', local, formatPainted),
    // What the page asks its worker is not seen from outside.
    ...rowsOf('at a remote', remote, ({ ms }) => formatMs(ms))
  ]
}

function liveRows({ share }: { readonly share: number }): Table {
  return [['share of a core of the server, 50 live runs', `${(share * 100).toFixed(1)} %`, '2 %']]
}

function formatPainted({ ms, askedMs, answeredMs }: Painted): string {
  return `${formatMs(ms)} (${formatMs(askedMs)} from the question, ${formatMs(answeredMs)} from the answer)`
}

function formatKb(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`
}

function formatMb(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`
}
