import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { openWorkspace } from 'runtree'
import { grid } from './models.js'
import { describe, experiment, project, runStudy } from './study.js'
import { shareStudy } from './team.js'

const SHOWN = 8
const { values: options } = parseArgs({ options: { seed: { type: 'string', default: '1' } } })
const seed = Number(options.seed)
if (!Number.isInteger(seed)) {
  console.error(`--seed must be a whole number, not "${options.seed}".`)
  process.exit(2)
}

const workspace = resolve(process.env.RUNTREE_HOME || '.runtree')
console.log(`Iris: ${grid.length} combinations of parameters, 5 folds each, seed ${seed}.\n`)
let done = 0
const outcomes = await runStudy({ workspace, grid, seed, onRun: printOutcome })
const best = await printBest()
printCommands(best, best && (await share(best)))
if (outcomes.some(({ error }) => error)) process.exitCode = 1

function printOutcome({ combination, scores, error }) {
  done += 1
  const count = `${String(done).padStart(2)}/${grid.length}`
  const outcome = error ? `failed: ${error.message}` : `accuracy ${scores.accuracy.toFixed(3)}`
  console.log(`${count}  ${describe(combination).padEnd(48)} ${outcome}`)
}

/** Shows the best runs as they are read back from the project; returns the address of the best. */
async function printBest() {
  const fromThisStudy = new Set(outcomes.map(({ address }) => address))
  const opened = await openWorkspace({ folder: workspace })
  const table = new Table({
    head: ['run', 'model and parameters', 'accuracy ± std', 'macro F1', 'log loss'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true }
  })
  let best
  let stored = 0
  const sort = ['-metrics.accuracy.last', 'metrics.log-loss.last']
  for await (const run of opened.runs.list({ in: `${project}/${experiment}`, sort })) {
    stored += 1
    const { status, name, metrics } = run.fields
    if (status !== 'finished' || !fromThisStudy.has(run.address) || table.length === SHOWN) continue
    best ??= run.address
    const { accuracy } = metrics
    table.push([
      run.id,
      name,
      `${accuracy.last.toFixed(3)} ± ${accuracy.std.toFixed(3)}`,
      metrics['macro-f1'].last.toFixed(3),
      metrics['log-loss'].last.toFixed(3)
    ])
  }
  await opened.close()
  console.log(`\n${table}\n`)
  console.log(`The best ${table.length} of ${outcomes.length} runs; ${stored} are stored by now.\n`)
  return best
}

/** Shares the study with a second workspace by way of a repository. */
async function share(best) {
  console.log('Shared with a colleague by way of a git repository:')
  const folder = join(workspace, 'team')
  const shared = await shareStudy({
    workspace,
    folder,
    best,
    seed,
    onStep: (line) => console.log(`  ${line}`)
  })
  console.log()
  return shared
}

function printCommands(best, shared) {
  const repository = relative('', join(workspace, `${project}.git`))
  const branch = `experiments/${experiment}`
  console.log('Look further:')
  console.log(`  npx runtree ls ${project}/${experiment}`)
  if (best) console.log(`  npx runtree show ${best}`)
  if (shared) console.log('  npx runtree status --project iris')
  console.log(`  git -C ${repository} log --graph --stat ${branch}`)
  console.log(`  git clone --branch ${branch} ${repository} iris-runs`)
}
