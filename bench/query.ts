/**
 * Questions about 100,000 runs with the index, beside the same question with every run read: in this
 * process, as a command of its own, and after one more run.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openWorkspace } from '../src/node.ts'
import type { Workspace } from '../src/service/workspace.ts'
import { copyHistory } from './data.ts'
import { describeMachine, formatMs, formatRatio, formatTable, measure, report } from './harness.ts'

const RUNS = 100_000
const FILTER = 'metrics.accuracy >= 0.9'
const COMMAND = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

export async function benchQuery(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const home = await copyHistory(RUNS, join(folder, 'own'))
  const open = (): Promise<Workspace> => openWorkspace({ folder: home, project: 'bench' })
  const workspace = await open()
  try {
    // The first question makes the index.
    const first = await timed(() => ask(workspace))
    const warm = { name: 'index', run: () => ask(workspace) }
    const command = { name: 'command', run: async () => runCommand(home) }
    const [inProcess] = await measure([warm], { turns: 21, warmUps: 3 })
    const [whole] = await measure([command], { turns: 5, warmUps: 1 })
    const scan = await timed(() => askByReading(workspace))
    const updates: number[] = []
    for (let turn = 0; turn < 9; turn++) {
      await workspace.runs.create({ in: 'train', params: { turn } })
      updates.push((await timed(() => workspace.runs.count({ in: 'train' }))) as number)
    }
    const update = updates.sort((a, b) => a - b)[4] as number
    const [own, cli] = [inProcess?.medianMs as number, whole?.medianMs as number]
    const table = formatTable([
      ['100,000 runs', 'time', 'reading every run takes'],
      ['filter, sort, first 50; in process', formatMs(own), formatRatio(scan, own)],
      ['the same as a command', formatMs(cli), formatRatio(scan, cli)],
      ['count after one more run', formatMs(update), formatRatio(scan, update)],
      ['the first question, which makes the index', formatMs(first), formatRatio(scan, first)],
      ['every run read, nothing shown', formatMs(scan), '']
    ])
    const memory = `Most memory of the command: ${peakOf(home)} MB.`
    process.stdout.write(`${table}\n\n${memory}\n`)
    report('query', `${table}\n\n${memory}\n\n${describeMachine('npm run bench -- query')}`)
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

/** Asks for what is in no index, so that every run is read. */
async function askByReading(workspace: Workspace): Promise<void> {
  await workspace.runs.count({ in: 'train', filter: `${FILTER} and exists(schema)` })
}

function commandArgs(): readonly string[] {
  return [COMMAND, 'find', FILTER, '--in', 'bench/train', '-s', '-metrics.accuracy', '-n', '50']
}

function runCommand(home: string): void {
  execFileSync(process.execPath, commandArgs(), {
    stdio: 'pipe',
    env: { ...process.env, RUNTREE_HOME: home }
  })
}

/** Returns the most memory that the command took, in MB. */
function peakOf(home: string): string {
  const code = 'process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS))'
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(code)}`, ...commandArgs()],
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
