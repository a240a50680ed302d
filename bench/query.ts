/**
 * Questions about 100,000 runs with the index, beside the same question with every run read: in this
 * process, as a command of its own, and after one more run. DuckDB answers it from tables that were exported.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWorkspace } from '../src/node.ts'
import type { Workspace } from '../src/service/workspace.ts'
import { COMMAND, exportRuns, runCommand } from './command.ts'
import { copyHistory } from './data.ts'
import { openDuckDb } from './duckdb.ts'
import { describeMachine, formatMs, formatRatio, formatTable, measure, report } from './harness.ts'

const RUNS = 100_000
const FILTER = 'metrics.accuracy >= 0.9'
const ARGS = ['find', FILTER, '--in', 'bench/train', '-s', '-metrics.accuracy', '-n', '50']

export async function benchQuery(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const home = await copyHistory(RUNS, join(folder, 'own'))
  const workspace = await openWorkspace({ folder: home, project: 'bench' })
  try {
    // The first question makes the index.
    const first = await timed(() => ask(workspace))
    const warm = { name: 'index', run: () => ask(workspace) }
    const command = { name: 'command', run: async () => runCommand(home, ARGS) }
    const [inProcess] = await measure([warm], { turns: 21, warmUps: 3 })
    const [whole] = await measure([command], { turns: 5, warmUps: 1 })
    const scan = await timed(() => askByReading(workspace))
    const others = await besideDuckDb(workspace, home, folder)
    const rows: readonly (readonly [string, number])[] = [
      ['filter, sort, first 50; in process', inProcess?.medianMs as number],
      ['the same as a command', whole?.medianMs as number],
      ['one more run: count, with the index up to date', await timeUpdate(workspace)],
      ['the first question, which makes the index', first]
    ]
    const table = formatTable([
      ['100,000 runs', 'time', 'reading every run takes'],
      ...rows.map(([name, ms]) => [name, formatMs(ms), formatRatio(scan, ms)]),
      ['every run read, nothing shown', formatMs(scan), '']
    ])
    const memory = `Most memory of the command: ${peakOf(home)} MB.`
    const text = `${table}\n\n${memory}\n\n${others}`
    process.stdout.write(`${text}\n`)
    report('query', `${text}\n\n${describeMachine('npm run bench -- query')}`)
  } finally {
    await workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ask(workspace: Workspace): Promise<void> {
  const options = { in: 'train', filter: FILTER, sort: '-metrics.accuracy', limit: 50 }
  const { rows, total } = await workspace.runs.find(options)
  if (rows.length !== 50 || total < 50) throw new Error(`found ${rows.length} of ${total}`)
}

/** Returns the median of the times that a count takes after each of some new runs. */
async function timeUpdate(workspace: Workspace): Promise<number> {
  // Upkeep of the history is no part of it: the first question about a history makes what it needs.
  for await (const _ of workspace.experiments.history('train')) break
  const times: number[] = []
  for (let turn = 0; turn < 21; turn++) {
    await workspace.runs.create({ in: 'train', params: { turn } })
    times.push(await timed(() => workspace.runs.count({ in: 'train' })))
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number
}

/** Asks for what is in no index, so that every run is read. */
async function askByReading(workspace: Workspace): Promise<void> {
  await workspace.runs.count({ in: 'train', filter: `${FILTER} and exists(schema)` })
}

/** Measures the question beside DuckDB, which reads what was exported; returns a table. */
async function besideDuckDb(workspace: Workspace, home: string, folder: string): Promise<string> {
  const database = await openDuckDb()
  try {
    const files = { parquet: join(folder, 'runs.parquet'), csv: join(folder, 'runs.csv') }
    const exports = { parquet: 0, csv: 0 }
    for (const form of ['parquet', 'csv'] as const) {
      exports[form] = await timed(async () => exportRuns(home, files[form]))
    }
    const askDatabase = async (file: string): Promise<void> => {
      const { rows, total } = await database.best(file)
      if (rows !== 50 || total < 50) throw new Error(`found ${rows} of ${total} in ${file}`)
    }
    const measured = await measure(
      [
        { name: 'Runtree, index warm', run: () => ask(workspace) },
        { name: 'DuckDB, Parquet', run: () => askDatabase(files.parquet) },
        { name: 'DuckDB, CSV', run: () => askDatabase(files.csv) }
      ],
      { turns: 11, warmUps: 2 }
    )
    const own = measured[0]?.medianMs as number
    const rows = measured.map(({ name, medianMs }, index) => [
      name,
      formatMs(medianMs),
      index === 0 ? '' : formatRatio(medianMs, own)
    ])
    const exported = `Before, \`runtree export\` wrote the Parquet in ${formatMs(exports.parquet)}, the CSV in ${formatMs(exports.csv)}.`
    return `${formatTable([['filter, sort, first 50; in turn', 'time', 'times as long'], ...rows])}\n\n${exported}`
  } finally {
    database.close()
  }
}

/**
 * Returns the most memory that the command took, in MB. Linux counts what a process was before it became
 * another one in its resource usage, so there the file of its own memory is read.
 */
function peakOf(home: string): string {
  const code = `import { existsSync, readFileSync } from 'node:fs'
    const status = '/proc/self/status'
    const peak = () => existsSync(status)
      ? /VmHWM:\\s+(\\d+)/.exec(readFileSync(status, 'utf8'))[1]
      : process.resourceUsage().maxRSS
    process.on('exit', () => console.error('peak', peak()))`
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(code)}`, COMMAND, ...ARGS],
    { env: { ...process.env, RUNTREE_HOME: home }, encoding: 'utf8' }
  )
  const peak = /^peak (\d+)$/m.exec(stderr)?.[1]
  if (peak === undefined) throw new Error(stderr)
  return (Number(peak) / 1024).toFixed(0)
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}
