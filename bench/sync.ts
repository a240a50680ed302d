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
import { BRANCH, makeHistory, makeRuns, runFields } from './history.ts'

export async function benchSync(): Promise<void> {
  const rows: (readonly string[])[] = []
  const notes: string[] = []
  await withExperiment(2000, async (folder, url) => {
    rows.push(rowOf('get 2,000 runs', await measureGet(folder, url, true)))
    rows.push(rowOf('push a run to 2,000', await measurePush(folder, url, true)))
  })
  await withExperiment(10_000, async (folder, url) => {
    rows.push(rowOf('get 10,000 runs', await measureGet(folder, url, false)))
    rows.push(rowOf('push 10,000 runs', await measureBulkPush(folder, url, 'ada')))
    await makeRuns(join(folder, 'bob'), 10_000)
    const atOnce = await measureBulkPush(folder, url, 'bob')
    rows.push(rowOf('push 10,000 runs of one transaction', atOnce))
    notes.push(`At most ${await measurePeak(folder, url)} MB of memory for the 10,000 runs.`)
    const { medianMs, receivedBytes, largestMs } = await measureFirstPut(folder, url)
    const [median, largest] = [formatMs(medianMs), formatMs(largestMs)]
    notes.push(
      `A workspace that has nothing puts a run to the experiment of 10,000 in ${median} (at most ${largest}), and receives ${(receivedBytes / 1000).toFixed(1)} kB.`
    )
  })
  await withExperiment(100_000, async (folder, url) => {
    rows.push(rowOf('push a run to 100,000', await measurePush(folder, url, false)))
  })
  const table = formatTable([['', 'Runtree', 'git', 'isomorphic-git'], ...rows])
  const text = `${table}\n\n${notes.join(' ')}`
  process.stdout.write(`${text}\n`)
  report('sync', `${text}\n\n${describeMachine('npm run bench -- sync')}`)
}

type Times = readonly number[]

function rowOf(name: string, [own = 0, ...others]: Times): readonly string[] {
  const cells = others.map((ms) => `${formatMs(ms)} (${formatRatio(ms, own)})`)
  return [name, formatMs(own), ...cells, ...(others.length < 2 ? ['–'] : [])]
}

/**
 * Makes a workspace with an experiment, `ada`, and a bare copy of it, `origin.git`, which is packed as a
 * server packs it and served.
 */
async function withExperiment(
  runs: number,
  body: (folder: string, url: string) => Promise<void>
): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const server = await startServer(folder)
  try {
    await makeHistory(join(folder, 'ada'), runs)
    const origin = join(folder, 'origin.git')
    await git(folder, 'clone', '--quiet', '--bare', join(folder, 'ada/bench.git'), origin)
    if (runs <= 10_000) await git(origin, 'repack', '-adfq')
    await git(origin, 'config', 'uploadpack.allowFilter', 'true')
    await git(origin, 'config', 'http.receivepack', 'true')
    await body(folder, server.url)
  } finally {
    await server.stop()
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function measureGet(folder: string, url: string, all: boolean): Promise<Times> {
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
  const chosen = all ? contenders : contenders.slice(0, 2)
  return medians(await measure(chosen, { turns: 7, warmUps: 2 }))
}

/** Each pushes the run that Ada put last from a repository of its own to an origin of its own. */
async function measurePush(folder: string, url: string, all: boolean): Promise<Times> {
  const ada = join(folder, 'ada/bench.git')
  const names = ['runtree', 'git', ...(all ? ['isomorphic'] : [])]
  for (const name of names) {
    fs.cpSync(join(folder, 'origin.git'), join(folder, `${name}-origin.git`), { recursive: true })
    if (name === 'runtree') continue
    await git(folder, 'clone', '--quiet', '--bare', `${url}/${name}-origin.git`, `${name}.git`)
  }
  const workspace = await openWorkspace({ folder: join(folder, 'ada'), background: false })
  await workspace.remotes.add('origin', `${url}/runtree-origin.git`, { in: 'bench' })
  await workspace.push({ in: 'bench' })
  let number = 1_000_000
  let made = -1
  // Whoever comes first in a turn makes the run that all push in it.
  const makeRun = async (turn: number): Promise<void> => {
    if (made !== turn) await workspace.runs.create(runFields(number++))
    made = turn
  }
  const fetchFrom =
    (name: string) =>
    async (turn: number): Promise<void> => {
      await makeRun(turn)
      const ref = `+refs/heads/${BRANCH}:refs/heads/${BRANCH}`
      await git(join(folder, `${name}.git`), 'fetch', '--quiet', ada, ref)
    }
  const contenders: readonly Contender[] = [
    {
      name: 'Runtree',
      prepare: makeRun,
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
    const chosen = all ? contenders : contenders.slice(0, 2)
    return medians(await measure(chosen, { turns: 9, warmUps: 3 }))
  } finally {
    await workspace.close()
  }
}

/** Pushes all of a workspace to a remote that is empty; each turn has a copy and a remote of its own. */
async function measureBulkPush(folder: string, url: string, name: string): Promise<Times> {
  const copy = join(folder, 'bulk')
  const prepare = async (): Promise<void> => {
    for (const place of [copy, join(folder, 'empty.git')]) {
      fs.rmSync(place, { recursive: true, force: true })
    }
    fs.cpSync(join(folder, name), copy, { recursive: true })
    await git(folder, 'init', '--quiet', '--bare', 'empty.git')
    await git(join(folder, 'empty.git'), 'config', 'http.receivepack', 'true')
  }
  let workspace: Awaited<ReturnType<typeof openWorkspace>> | undefined
  const contenders: readonly Contender[] = [
    {
      name: 'Runtree',
      async prepare() {
        await prepare()
        workspace = await openWorkspace({ folder: copy, background: false })
        await workspace.remotes.add('origin', `${url}/empty.git`, { in: 'bench' })
      },
      async run() {
        await workspace?.push({ in: 'bench' })
      }
    },
    {
      name: 'git',
      async prepare() {
        await workspace?.close()
        await prepare()
      },
      run: () => git(join(copy, 'bench.git'), 'push', '--quiet', '--all', `${url}/empty.git`)
    }
  ]
  try {
    return medians(await measure(contenders, { turns: 5, warmUps: 1 }))
  } finally {
    await workspace?.close()
  }
}

function medians(measured: readonly { readonly medianMs: number }[]): Times {
  return measured.map(({ medianMs }) => medianMs) as unknown as Times
}

/** Returns how many megabytes a process holds at most that gets the experiment. */
async function measurePeak(folder: string, url: string): Promise<number> {
  const script = fileURLToPath(new URL('get-process.ts', import.meta.url))
  const args = ['--import', 'tsx', script, join(folder, 'peak'), `${url}/origin.git`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.on('close', () => reject(new Error('the process ended')))
  })
  return Math.round(Number(line) / 1e6)
}

/** Puts runs from workspaces that have nothing, each with what it needs and no more. */
async function measureFirstPut(
  folder: string,
  url: string
): Promise<{
  readonly medianMs: number
  readonly largestMs: number
  readonly receivedBytes: number
}> {
  const times: number[] = []
  let receivedBytes = 0
  for (let turn = 0; turn < 9; turn++) {
    const to = join(folder, `first-${turn}`)
    const start = performance.now()
    const workspace = await openWorkspace({ folder: to, project: 'bench', background: false })
    await workspace.clone(`${url}/origin.git`, {
      experiments: ['train'],
      depth: 1,
      partial: 'tree:5'
    })
    await workspace.runs.create(runFields(2_000_000 + turn))
    await workspace.push()
    times.push(performance.now() - start)
    await workspace.close()
    receivedBytes = sizeOfPacks(`${to}/bench.git`)
  }
  const sorted = times.slice(2).sort((a, b) => a - b)
  const [medianMs, largestMs] = [sorted[sorted.length >> 1], sorted.at(-1)] as [number, number]
  return { medianMs, largestMs, receivedBytes }
}

/** Sums up what was received: packs that left something out. */
function sizeOfPacks(repository: string): number {
  const packs = join(repository, 'objects/pack')
  const names = fs.readdirSync(packs).filter((name) => name.endsWith('.promisor'))
  const sizes = names.map(
    (name) => fs.statSync(join(packs, name.replace('.promisor', '.pack'))).size
  )
  return sizes.reduce((sum, size) => sum + size, 0)
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
