import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { FileSystem } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import { gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { skipBecause } from '../support/programs.ts'
import { createTestTracking } from '../support/tracking.ts'
import { openInFolder, type TestWorkspace } from '../support/workspaces.ts'

const support = (name: string): string =>
  fileURLToPath(new URL(`../support/${name}`, import.meta.url))

function start(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', support(script), ...args], {
    env: { ...gitEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
}

async function outputOf(child: ChildProcess): Promise<string> {
  const ended = once(child, 'close')
  const printed = await text(child.stdout as NodeJS.ReadableStream)
  expect((await ended)[0]).to.equal(0)
  return printed
}

describe('the index and several processes', () => {
  it('gives each of them what a reading of every run gives, while others write', async () => {
    const opened = openInFolder(undefined, { dangling: false })
    try {
      await opened.workspace.projects.create({ name: 'Vision' })
      await opened.workspace.experiments.create({ name: 'Train' })
      const asking = [1, 2, 3].map(() => start('ask-while-written.ts', [opened.folder, '31']))
      const answers = Promise.all(asking.map(outputOf))
      await opened.workspace.runs.create({ in: 'train', params: { done: -1 } })
      const writing = ['a', 'b'].map((name) =>
        start('put-runs.ts', [opened.folder, 'train', name, '15'])
      )
      await Promise.all(writing.map(outputOf))
      for (const answer of await answers) {
        const { asked, wrong } = JSON.parse(answer)
        expect(wrong).to.deep.equal([])
        expect(asked).to.be.greaterThan(0)
      }
      const left = readdirSync(join(opened.folder, 'vision.git/runtree/cache/runs/train'))
      expect(left.filter((name) => !name.endsWith('.idx'))).to.deep.equal([])
    } finally {
      await opened.close()
    }
  }).timeout(120_000)

  it('lies in the cache folder of a user who may only read the project', async function () {
    if (process.platform === 'win32') skipBecause(this, 'rights are other ones on Windows')
    const opened = openInFolder(undefined, { dangling: false })
    const caches = makeTempFolder()
    const change = (mode: string): void =>
      void execFileSync('chmod', ['-R', mode, join(opened.folder, '..')])
    try {
      await putMany(opened, 520)
      change('a-w,a+rX')
      execFileSync('chmod', ['a+rwx', caches])
      const ask = async (): Promise<unknown> => {
        const env = { XDG_CACHE_HOME: caches, HOME: '/nonexistent' }
        return JSON.parse(await outputOf(start('unprivileged.ts', [opened.folder, 'count'], env)))
      }
      expect(await ask()).to.deep.equal({ done: true, value: 520 })
      const files = (): readonly string[] =>
        readdirSync(caches, { recursive: true, encoding: 'utf8' }).filter((path) =>
          path.endsWith('.idx')
        )
      const [first] = files()
      expect(first).to.match(/^runtree\/runs\/[0-9a-f]{16}\/runs\/train\/[0-9a-f]{16}\.idx$/)
      expect(await ask()).to.deep.equal({ done: true, value: 520 })
      expect(files()).to.deep.equal([first])
      expect(readdirSync(join(opened.folder, 'vision.git/runtree'))).to.not.include('cache')
    } finally {
      change('u+rwX')
      await opened.close()
      removeTempFolder(caches)
    }
  }).timeout(120_000)
})

describe('the index and runs in progress', () => {
  it('reads what a run logged once for all questions until it logs more', async () => {
    const home = makeTempFolder()
    try {
      const read: string[] = []
      const plain = createNodeFileSystem()
      const files: FileSystem = {
        ...plain,
        readRange(path, ...where) {
          if (path.endsWith('/entries')) read.push(path)
          return plain.readRange(path, ...where)
        }
      }
      const tracking = createTestTracking(home, { files })
      const run = await tracking.startRun({ project: 'lab', experiment: 'study', quiet: true })
      const workspace = createWorkspace(tracking.store, { project: 'lab' })
      const ask = (): Promise<number> => workspace.runs.count({ in: 'study', filter: 'loss > 0' })
      run.log({ loss: 0.5 })
      expect(await ask()).to.equal(1)
      const before = read.length
      expect(before).to.be.greaterThan(0)
      expect(await ask()).to.equal(1)
      expect(read).to.have.length(before)
      run.log({ loss: 0 })
      expect(await ask()).to.equal(0)
      expect(read.length).to.be.greaterThan(before)
      await run.finish()
      await workspace.close()
    } finally {
      removeTempFolder(home)
    }
  })

  it('finds a run by the newest of what it logged', async () => {
    const home = makeTempFolder()
    try {
      const tracking = createTestTracking(home)
      const other = await tracking.startRun({ project: 'lab', experiment: 'study', quiet: true })
      await other.finish()
      const run = await tracking.startRun({ project: 'lab', experiment: 'study', quiet: true })
      const workspace = createWorkspace(tracking.store, { project: 'lab' })
      const count = (filter: string): Promise<number> =>
        workspace.runs.count({ in: 'study', filter })
      expect(await count('status = running')).to.equal(1)
      expect(await count('exists(metrics.loss)')).to.equal(0)
      run.log({ loss: 0.5 })
      expect(await count('loss = 0.5 and status = running')).to.equal(1)
      run.log({ loss: 0.25 })
      expect(await count('loss = 0.5')).to.equal(0)
      const { rows } = await workspace.runs.find({ in: 'study', filter: 'loss < 0.3' })
      expect(rows.map(({ run: { address } }) => address)).to.deep.equal([run.address])
      await workspace.runs.update(run.address, { notes: 'slow' })
      expect(await count('notes = slow and loss = 0.25')).to.equal(1)
      // What is asked again is not read again, and what is committed meanwhile changes nothing.
      await run.flush()
      expect(await count('notes = slow and loss = 0.25')).to.equal(1)
      run.log({ loss: 0.125 })
      expect(await count('notes = slow and loss = 0.125 and status = running')).to.equal(1)
      run.log({ loss: 0.25 })
      await run.finish()
      expect(await count('loss = 0.25 and status = finished')).to.equal(1)
      expect(await count('status = running')).to.equal(0)
      await workspace.close()
    } finally {
      removeTempFolder(home)
    }
  })
})

async function putMany(opened: TestWorkspace, count: number): Promise<void> {
  await opened.workspace.projects.create({ name: 'Vision' })
  await opened.workspace.experiments.create({ name: 'Train' })
  await opened.workspace.transaction(async (transaction) => {
    for (let k = 0; k < count; k++) await transaction.create('run', { in: 'vision/train' })
  })
}
