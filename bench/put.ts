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
import type { StoredObject, Workspace } from '../src/index.ts'
import { openWorkspace } from '../src/node.ts'
import { copyHistory } from './data.ts'
import {
  type Contender,
  describeMachine,
  formatMs,
  formatRatio,
  formatTable,
  measure,
  report
} from './harness.ts'
import { runFields } from './history.ts'
import { openUnflushed } from './unflushed.ts'

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

const RUNS = 1000
const MANY_RUNS = 100_000

export async function benchPut(): Promise<void> {
  const [durable, unflushed, iso, git] = await measureAt(RUNS)
  const many = await measureMany()
  const headings = [
    'runs',
    'Runtree',
    'git',
    'Runtree, not flushed',
    'isomorphic-git, never flushed'
  ]
  const table = formatTable([
    headings,
    [
      `${RUNS}`,
      formatMs(durable),
      `${formatMs(git)} (${formatRatio(git, durable)})`,
      formatMs(unflushed),
      `${formatMs(iso)} (${formatRatio(iso, unflushed)}; ${formatRatio(iso, durable)} the durable put)`
    ]
  ])
  const growth = `In turn with one at ${RUNS} runs (${formatMs(many.few)}), a put at ${MANY_RUNS} took ${formatMs(many.many)}: ${formatRatio(many.many, many.few)}.`
  const notes = `${growth} A flush alone took ${formatMs(measureFlush())}.`
  process.stdout.write(`${table}\n\n${notes}\n`)
  report('put', `${table}\n\n${notes}\n\n${describeMachine('npm run bench -- put')}`)
}

/** Returns the medians of a durable put at few and at many runs, in turn. */
async function measureMany(): Promise<{ readonly few: number; readonly many: number }> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const contenders: Contender[] = []
    const opened: Workspace[] = []
    for (const runs of [RUNS, MANY_RUNS]) {
      const own = await copyHistory(runs, join(folder, `${runs}`))
      const workspace = await openWorkspace({ folder: own, project: 'bench', background: false })
      opened.push(workspace)
      contenders.push({
        name: `${runs}`,
        async run(turn) {
          await workspace.runs.create(runFields(runs + turn))
        }
      })
    }
    const [few, many] = await measure(contenders, { turns: 101, warmUps: 10 })
    for (const workspace of opened) await workspace.close()
    return { few: few?.medianMs as number, many: many?.medianMs as number }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns the medians of Runtree, Runtree without flushes, isomorphic-git and git. */
async function measureAt(runs: number): Promise<readonly [number, number, number, number]> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const workspace = await openWorkspace({ folder: join(folder, 'workspace'), project: 'bench' })
    await workspace.projects.create({ name: 'bench' })
    await workspace.experiments.create({ in: 'bench', name: 'train' })
    await workspace.transaction(async (transaction) => {
      for (let k = 0; k < runs; k++) await transaction.create('run', runFields(k))
    })
    const trees = ['isomorphic', 'git'].map((name) => join(folder, name))
    const repository = join(folder, 'workspace/bench.git')
    for (const tree of trees) {
      git(folder, 'clone', '--quiet', '--branch', 'experiments/train', repository, tree)
    }
    const copy = join(folder, 'copy')
    fs.cpSync(join(folder, 'workspace'), copy, { recursive: true })
    const unflushed = openUnflushed(copy)
    // The others store what Runtree stored last.
    let last = await workspace.runs.create(runFields(runs))
    const runtree: Contender = {
      name: 'Runtree',
      async run(turn) {
        last = await workspace.runs.create(runFields(runs + turn))
      }
    }
    const [isomorphicTree, gitTree] = trees as [string, string]
    const contenders = [
      runtree,
      {
        name: 'Runtree, not flushed',
        async run(turn: number) {
          await unflushed.runs.create(runFields(runs + turn))
        }
      },
      {
        name: 'isomorphic-git',
        run: (turn: number) => putIsomorphic(isomorphicTree, last, turn)
      },
      { name: 'git', run: (turn: number) => putGit(gitTree, last, turn) }
    ]
    const measured = await measure(contenders, { turns: 21, warmUps: 6 })
    await workspace.close()
    await unflushed.close()
    return measured.map(({ medianMs }) => medianMs) as [number, number, number, number]
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns the median of a hundred flushes of one block. */
function measureFlush(): number {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const fd = fs.openSync(join(folder, 'file'), 'w')
  const times = Array.from({ length: 101 }, () => {
    fs.writeSync(fd, 'x'.repeat(4096))
    const start = performance.now()
    fs.fsyncSync(fd)
    return performance.now() - start
  })
  fs.closeSync(fd)
  fs.rmSync(folder, { recursive: true, force: true })
  return times.sort((a, b) => a - b)[50] as number
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
