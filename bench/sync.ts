/**
 * Get and push against the git program and isomorphic-git, over HTTP on this machine, with the same
 * data from the same server.
 */
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import isomorphicGit from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import { openWorkspace } from '../src/node.ts'
import { gitEnvironment } from '../test/support/git.ts'
import {
  type Contender,
  describeMachine,
  formatMs,
  formatRatio,
  formatTable,
  measure,
  report
} from './harness.ts'

const BRANCH = 'experiments/train'
const RUNS = 2000

export async function benchSync(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const server = await startServer(folder)
  try {
    await makeExperiment(folder, RUNS)
    const get = await measureGet(folder, server.url)
    const push = await measurePush(folder, server.url)
    const headings = ['', 'Runtree', 'git', 'isomorphic-git']
    const table = formatTable([
      headings,
      rowOf(`get an experiment of ${RUNS} runs`, get),
      rowOf(`push a run to an experiment of ${RUNS}`, push)
    ])
    process.stdout.write(`${table}\n`)
    report('sync', `${table}\n\n${describeMachine('npm run bench -- sync')}`)
  } finally {
    await server.stop()
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

type Times = readonly [number, number, number]

function rowOf(name: string, [own, ...others]: Times): readonly string[] {
  return [name, formatMs(own), ...others.map((ms) => `${formatMs(ms)} (${formatRatio(ms, own)})`)]
}

/** Makes a workspace with an experiment, `ada`, and a bare copy of it that is packed, `origin.git`. */
async function makeExperiment(folder: string, runs: number): Promise<void> {
  const workspace = await openWorkspace({ folder: join(folder, 'ada'), project: 'bench' })
  await workspace.projects.create({ name: 'bench' })
  await workspace.experiments.create({ in: 'bench', name: 'train' })
  await workspace.transaction(async (transaction) => {
    for (let k = 0; k < runs; k++) await transaction.create('run', fieldsOf(k))
  })
  await workspace.close()
  const origin = join(folder, 'origin.git')
  await git(folder, 'clone', '--quiet', '--bare', join(folder, 'ada/bench.git'), origin)
  await git(origin, 'gc', '--quiet')
}

async function measureGet(folder: string, url: string): Promise<Times> {
  const to = join(folder, 'copy')
  const isomorphic = join(folder, 'copy/isomorphic.git')
  const prepare = async (): Promise<void> => {
    fs.rmSync(to, { recursive: true, force: true })
    fs.mkdirSync(to)
  }
  const contenders: readonly Contender[] = [
    {
      name: 'Runtree',
      prepare,
      async run() {
        const workspace = await openWorkspace({ folder: to, background: false })
        await workspace.clone(`${url}/origin.git`)
        await workspace.close()
      }
    },
    {
      name: 'git',
      prepare,
      run: () => git(to, 'clone', '--quiet', '--bare', `${url}/origin.git`, 'git.git')
    },
    {
      name: 'isomorphic-git',
      prepare,
      run: () =>
        isomorphicGit.clone({
          fs,
          http,
          dir: isomorphic,
          gitdir: isomorphic,
          url: `${url}/origin.git`,
          noCheckout: true
        })
    }
  ]
  return medians(await measure(contenders, { turns: 7, warmUps: 2 }))
}

/** Each pushes the run that Ada put last from a repository of its own to an origin of its own. */
async function measurePush(folder: string, url: string): Promise<Times> {
  const ada = join(folder, 'ada/bench.git')
  const names = ['runtree', 'git', 'isomorphic']
  for (const name of names) {
    fs.cpSync(join(folder, 'origin.git'), join(folder, `${name}-origin.git`), { recursive: true })
    await git(join(folder, `${name}-origin.git`), 'config', 'http.receivepack', 'true')
    if (name === 'runtree') continue
    await git(folder, 'clone', '--quiet', '--bare', `${url}/${name}-origin.git`, `${name}.git`)
  }
  const workspace = await openWorkspace({ folder: join(folder, 'ada'), background: false })
  await workspace.remotes.add('origin', `${url}/runtree-origin.git`, { in: 'bench' })
  await workspace.push({ in: 'bench' })
  let number = RUNS
  const fetchFrom = (name: string) => async (): Promise<void> => {
    const ref = `+refs/heads/${BRANCH}:refs/heads/${BRANCH}`
    await git(join(folder, `${name}.git`), 'fetch', '--quiet', ada, ref)
  }
  const contenders: readonly Contender[] = [
    {
      name: 'Runtree',
      async prepare() {
        await workspace.runs.create(fieldsOf(number++))
      },
      async run() {
        await workspace.push({ in: 'bench', experiments: ['train'] })
      }
    },
    {
      name: 'git',
      prepare: fetchFrom('git'),
      run: () => git(join(folder, 'git.git'), 'push', '--quiet', 'origin', BRANCH)
    },
    {
      name: 'isomorphic-git',
      prepare: fetchFrom('isomorphic'),
      async run() {
        const gitdir = join(folder, 'isomorphic.git')
        const ref = BRANCH
        const answer = await isomorphicGit.push({ fs, http, gitdir, remote: 'origin', ref })
        if (!answer.ok) throw new Error(`isomorphic-git did not push: ${JSON.stringify(answer)}`)
      }
    }
  ]
  try {
    return medians(await measure(contenders, { turns: 9, warmUps: 3 }))
  } finally {
    await workspace.close()
  }
}

function medians(measured: readonly { readonly medianMs: number }[]): Times {
  return measured.map(({ medianMs }) => medianMs) as unknown as Times
}

function fieldsOf(k: number) {
  return {
    in: 'bench/train',
    name: `run ${k}`,
    params: {
      lr: 0.001 * (1 + (k % 17)),
      batch_size: 32,
      epochs: 20,
      dropout: 0.1 * (k % 5),
      optimizer: { name: k % 2 ? 'adam' : 'sgd', beta: 0.9, decay: 0.01 },
      depth: 2 + (k % 7),
      width: 64,
      seed: k
    },
    metrics: Object.fromEntries(
      ['loss', 'accuracy', 'precision', 'recall', 'f1'].map((name, n) => {
        const last = Math.sin(k * 7 + n) ** 2
        return [name, { last, min: last / 2, max: 1, count: 10, step: 9 }]
      })
    ),
    tags: ['bench', `group-${k % 10}`]
  }
}

async function startServer(
  folder: string
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const script = fileURLToPath(new URL('git-server.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.on('close', () => reject(new Error('the server ended')))
  })
  return {
    url,
    stop: () => {
      child.stdin.end()
      return ended
    }
  }
}

/** Runs the git program without halting this process, whose server may have to answer it. */
function git(folder: string, ...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: gitEnvironment(), stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`git ${args.join(' ')} ended with ${code}`))
    })
  })
}
