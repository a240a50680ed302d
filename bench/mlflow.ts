/**
 * Questions about 3,000 runs, to Runtree and to MLflow with its stores in files and in SQLite. MLflow is
 * installed for the measurement, where Python and PyPI are at hand.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openWorkspace } from '../src/node.ts'
import { exportRuns } from './command.ts'
import { historyOf } from './data.ts'
import { describeMachine, formatMs, formatRatio, formatTable, measure, report } from './harness.ts'

const RUNS = 3000
const SCRIPT = fileURLToPath(new URL('mlflow/ask.py', import.meta.url))
const PACKAGES = ['mlflow-skinny', 'sqlalchemy', 'alembic']

const run = promisify(execFile)

/** What MLflow answered, and how long it took. */
interface Answer {
  readonly counted: number
  readonly countMs: number
  readonly found: number
  readonly searchMs: number
}

export async function benchMlflow(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const home = await historyOf(RUNS)
  const workspace = await openWorkspace({ folder: home, project: 'bench', background: false })
  try {
    const filter = 'metrics.accuracy >= 0.9'
    const search = { in: 'train', filter, sort: '-metrics.accuracy', limit: 50 }
    const [count, find] = await measure([
      { name: 'count', run: async () => void (await workspace.runs.count({ in: 'train' })) },
      { name: 'find', run: async () => void (await workspace.runs.find(search)) }
    ])
    const own = { countMs: count?.medianMs as number, searchMs: find?.medianMs as number }
    const { rows } = await workspace.runs.find(search)
    const python = await install(folder)
    const file = exportRuns(home, join(folder, 'runs.jsonl'))
    const version = python === undefined ? '' : ` ${await versionOf(python)}`
    const table = [
      [`${RUNS.toLocaleString('en')} runs`, 'count', 'filter, sort, first 50'],
      ['Runtree, index warm', formatMs(own.countMs), formatMs(own.searchMs)]
    ]
    for (const [name, uri] of [
      [`MLflow${version}, SQLite`, `sqlite:///${join(folder, 'mlflow.db')}`],
      [`MLflow${version}, files`, `file://${join(folder, 'mlruns')}`]
    ] as const) {
      const answer = python === undefined ? undefined : await askMlflow(python, uri, file)
      if (answer === undefined) table.push([name, 'not installed', 'not installed'])
      else {
        if (answer.counted !== RUNS || answer.found !== rows.length) {
          throw new Error(`${name} found ${answer.found} of ${answer.counted}`)
        }
        table.push([
          name,
          `${formatMs(answer.countMs)} (${formatRatio(answer.countMs, own.countMs)})`,
          `${formatMs(answer.searchMs)} (${formatRatio(answer.searchMs, own.searchMs)})`
        ])
      }
    }
    const text = formatTable(table)
    process.stdout.write(`${text}\n`)
    report('mlflow', `${text}\n\n${describeMachine('npm run bench -- mlflow')}`)
  } finally {
    await workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Installs MLflow in a folder; returns its Python, `undefined` if that can't be done here. */
async function install(folder: string): Promise<string | undefined> {
  const place = join(folder, 'python')
  const python = join(place, 'bin/python')
  try {
    await run('python3', ['-m', 'venv', place])
    await run(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES])
    return python
  } catch {
    return undefined
  }
}

async function versionOf(python: string): Promise<string> {
  const { stdout } = await run(python, ['-c', 'import mlflow; print(mlflow.__version__)'])
  return stdout.trim()
}

async function askMlflow(python: string, uri: string, file: string): Promise<Answer> {
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_ALLOW_FILE_STORE: 'true' }
  const { stdout } = await run(python, [SCRIPT, uri, file], { env })
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Answer
}
