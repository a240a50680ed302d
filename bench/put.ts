/**
 * A put of one run against `add` and `commit` of isomorphic-git and of the git program, with the same
 * files. Runtree and git flush to the disk; isomorphic-git never does.
 */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import isomorphicGit from 'isomorphic-git'
import type { FileSystem } from '../src/base/platform.ts'
import { pathOf } from '../src/format/paths.ts'
import { formatRecord } from '../src/format/record.ts'
import { createNodeFileSystem } from '../src/host/node/file-system.ts'
import { createNodePlatform } from '../src/host/node/platform.ts'
import type { StoredObject, Workspace } from '../src/index.ts'
import { openWorkspace } from '../src/node.ts'
import { createWorkspace } from '../src/service/open-workspace.ts'
import { WorkspaceStore } from '../src/store/workspace-store.ts'
import {
  type Contender,
  describeMachine,
  formatMs,
  formatRatio,
  formatTable,
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
    const [durable, unflushed, iso, git] = await measureAt(runs)
    own.push(durable)
    rows.push([
      `${runs}`,
      formatMs(durable),
      `${formatMs(git)} (${formatRatio(git, durable)})`,
      formatMs(unflushed),
      `${formatMs(iso)} (${formatRatio(iso, unflushed)}; ${formatRatio(iso, durable)} the durable put)`
    ])
  }
  const headings = [
    'runs',
    'Runtree',
    'git',
    'Runtree, not flushed',
    'isomorphic-git, never flushed'
  ]
  const table = formatTable([headings, ...rows])
  const growth = formatRatio(own[1] as number, own[0] as number)
  const notes = `At ${RUNS[1]} runs Runtree takes ${growth} what it takes at ${RUNS[0]}. A flush alone took ${formatMs(measureFlush())}.`
  process.stdout.write(`${table}\n\n${notes}\n`)
  report('put', `${table}\n\n${notes}\n\n${describeMachine('npm run bench -- put')}`)
}

/** Returns the medians of Runtree, Runtree without flushes, isomorphic-git and git. */
async function measureAt(runs: number): Promise<readonly [number, number, number, number]> {
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
    const copy = join(folder, 'copy')
    fs.cpSync(join(folder, 'workspace'), copy, { recursive: true })
    const unflushed = openUnflushed(copy)
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
        name: 'Runtree, not flushed',
        async run(turn: number) {
          await unflushed.runs.create(fieldsOf(runs + turn))
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

/** Opens a workspace that leaves it to the system when anything comes to the disk. */
function openUnflushed(folder: string): Workspace {
  const files = createNodeFileSystem()
  const lazy: FileSystem = {
    ...files,
    create: (path, bytes, options) => files.create(path, bytes, { ...options, sync: false }),
    write: (path, bytes, options) => files.write(path, bytes, { ...options, sync: false }),
    async syncFolder() {}
  }
  const host = { files: lazy, platform: createNodePlatform(), committer: async () => AUTHOR }
  return createWorkspace(new WorkspaceStore(host, folder), { project: 'bench' })
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
