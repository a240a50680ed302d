/**
 * A put of one run against `add` and `commit` of isomorphic-git and of the git program, with the same
 * files. Runtree and git flush to the disk; isomorphic-git never does.
 */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import isomorphicGit from 'isomorphic-git'
import { pathOf } from '../src/format/paths.ts'
import { formatRecord } from '../src/format/record.ts'
import type { StoredObject } from '../src/index.ts'
import { openWorkspace } from '../src/node.ts'
import {
  type Contender,
  describeMachine,
  formatMs,
  formatRatio,
  formatTable,
  type Measurement,
  measure,
  report
} from './harness.ts'

const AUTHOR = { name: 'Ada', email: 'ada@example.org' }
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: AUTHOR.name,
  GIT_AUTHOR_EMAIL: AUTHOR.email,
  GIT_COMMITTER_NAME: AUTHOR.name,
  GIT_COMMITTER_EMAIL: AUTHOR.email
}

/** What isomorphic-git may keep in memory between calls. */
const CACHE = {}

const RUNS = [100, 1000]

export async function benchPut(): Promise<void> {
  const rows: string[][] = []
  const own: number[] = []
  for (const runs of RUNS) {
    const [runtree, iso, git] = (await measureAt(runs)) as readonly [
      Measurement,
      Measurement,
      Measurement
    ]
    own.push(runtree.medianMs)
    rows.push([
      `${runs}`,
      formatMs(runtree.medianMs),
      formatMs(iso.medianMs),
      formatMs(git.medianMs),
      formatRatio(iso.medianMs, runtree.medianMs),
      formatRatio(git.medianMs, runtree.medianMs)
    ])
  }
  const headings = ['runs', 'Runtree', 'isomorphic-git', 'git', 'isomorphic-git ÷', 'git ÷']
  const table = formatTable([headings, ...rows])
  const growth = `Runtree at ${RUNS[1]} runs takes ${formatRatio(own[1] as number, own[0] as number)} what it takes at ${RUNS[0]}.`
  process.stdout.write(`${table}\n\n${growth}\n`)
  report('put', `${table}\n\n${growth}\n\n${describeMachine('npm run bench -- put')}`)
}

async function measureAt(runs: number): Promise<readonly Measurement[]> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const workspace = await openWorkspace({ folder: join(folder, 'workspace'), project: 'bench' })
    await workspace.projects.create({ name: 'bench' })
    await workspace.experiments.create({ in: 'bench', name: 'train' })
    await workspace.transaction(async (transaction) => {
      for (let k = 0; k < runs; k++) await transaction.create('run', fieldsOf(k))
    })
    const trees = ['isomorphic', 'git'].map((name) => join(folder, name))
    const repository = join(folder, 'workspace/bench.git')
    for (const tree of trees) {
      git(folder, 'clone', '--quiet', '--branch', 'experiments/train', repository, tree)
    }
    // The others store what Runtree stored last.
    let last = await workspace.runs.create(fieldsOf(runs))
    const runtree: Contender = {
      name: 'Runtree',
      async run(turn) {
        last = await workspace.runs.create(fieldsOf(runs + turn))
      }
    }
    const [isomorphicTree, gitTree] = trees as [string, string]
    const contenders = [
      runtree,
      {
        name: 'isomorphic-git',
        run: (turn: number) => putIsomorphic(isomorphicTree, last, turn)
      },
      { name: 'git', run: (turn: number) => putGit(gitTree, last, turn) }
    ]
    const measured = await measure(contenders, { turns: 21, warmUps: 6 })
    await workspace.close()
    return measured
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function fieldsOf(k: number) {
  return {
    in: 'bench/train',
    name: `run ${k}`,
    params: { k, lr: 0.01, optimizer: { name: 'adam', beta: 0.9 } },
    metrics: { loss: { last: 1 / (k + 1), min: 1 / (k + 1), max: 1, count: 10, step: 9 } },
    tags: ['bench']
  }
}

/** Writes a run's file into a work tree, under another name each turn, and returns its path. */
function writeRun(tree: string, run: StoredObject<'run'>, turn: number): string {
  const path = pathOf(run.key).replace('/run.yaml', `-${turn}/run.yaml`)
  fs.mkdirSync(dirname(join(tree, path)), { recursive: true })
  fs.writeFileSync(join(tree, path), formatRecord('run', run.fields))
  return path
}

async function putIsomorphic(dir: string, run: StoredObject<'run'>, turn: number): Promise<void> {
  const filepath = writeRun(dir, run, turn)
  const message = `put run ${run.id}`
  await isomorphicGit.add({ fs, dir, filepath, cache: CACHE })
  await isomorphicGit.commit({ fs, dir, message, author: AUTHOR, cache: CACHE })
}

async function putGit(dir: string, run: StoredObject<'run'>, turn: number): Promise<void> {
  const path = writeRun(dir, run, turn)
  git(dir, '-c', 'core.fsync=all', 'add', path)
  git(dir, '-c', 'core.fsync=all', 'commit', '--quiet', '-m', `put run ${run.id}`)
}

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: folder, env: ENVIRONMENT, stdio: 'ignore' })
}
