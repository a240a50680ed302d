import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ProcessHooks } from '../../src/base/process-hooks.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import type { RunRecord } from '../../src/model/records.ts'
import { deleteBranch, restoreBranch } from '../../src/store/deleted.ts'
import { listJournals } from '../../src/store/journal-folder.ts'
import { recoverRuns } from '../../src/store/recovery.ts'
import { createFaultyFileSystem, type FaultyFileSystem } from '../support/faulty-file-system.ts'
import { fsck, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  createTestTracking,
  killScripts,
  runScript,
  type TestTracking
} from '../support/tracking.ts'

const LAB = { project: 'lab', experiment: 'train', code: false, quiet: true } as const

describe('tracking with trouble in the store', () => {
  let folder: string
  let files: FaultyFileSystem
  let tracking: TestTracking

  beforeEach(() => {
    folder = makeTempFolder()
    files = createFaultyFileSystem(createNodeFileSystem())
    tracking = createTestTracking(join(folder, 'home'), { files })
  })

  afterEach(() => {
    killScripts()
    removeTempFolder(folder)
  })

  async function recordOf(run: string): Promise<RunRecord | undefined> {
    const key: KeyOf<'run'> = { kind: 'run', experiment: 'train', run }
    return (await (await tracking.project()).viewOf(key))?.record<'run'>(key)
  }

  it('keeps in memory what a full disk does not take, and stores it when there is room', async () => {
    const run = await tracking.startRun(LAB)
    files.fault = (call) => (call === 'append' ? 'ENOSPC' : undefined)
    for (let step = 0; step < 100; step++) run.log({ loss: step })
    run.text('still here')
    await run.flush()
    files.fault = () => undefined
    run.log({ loss: 100 })
    const report = await run.finish()
    expect(report.status).to.equal('finished')
    expect((await recordOf(run.id))?.metrics?.loss).to.include({ count: 101, last: 100 })
    expect(report.problems.join()).to.include('ENOSPC')
    expect(tracking.printed.length).to.equal(1)
  })

  it('reports a disk that stays full, throws nothing, and keeps what is there for a later opener', async () => {
    const run = await tracking.startRun(LAB)
    run.log({ loss: 1 })
    files.fault = (call, path) =>
      path.includes('/objects/') && call !== 'read' ? 'ENOSPC' : undefined
    run.log({ loss: 2 })
    const report = await run.finish()
    expect(report.commitOid).to.equal(undefined)
    expect(report.problems.join(' ')).to.match(/ENOSPC.*is kept in .*journal/s)
    files.fault = () => undefined
    const store = await tracking.project()
    expect((await listJournals(store)).length).to.equal(1)
    expect((await recordOf(run.id))?.status).to.equal('running')
  })

  it('starts a run in memory when the workspace cannot be made, and stores it later if it can', async () => {
    files.fault = (call) => (call === 'makeFolder' ? 'EROFS' : undefined)
    const run = await tracking.startRun({ ...LAB, params: { a: 1 } })
    expect(tracking.printed[0]).to.include('EROFS')
    run.log({ loss: 1 })
    run.row('r', { a: 1 })
    await run.artifact('x', 'content')
    await run.flush()
    files.fault = () => undefined
    const report = await run.finish()
    expect(report.status).to.equal('finished')
    const record = await recordOf(run.id)
    expect(record).to.deep.include({ status: 'finished', params: { a: 1 } })
    expect(record?.metrics?.loss?.count).to.equal(1)
    expect(report.problems.join()).to.include('artifact x')
    expect(tracking.printed.length).to.equal(1)
  })

  it('goes on without any store', async () => {
    files.fault = (call) => (call === 'makeFolder' ? 'EROFS' : undefined)
    const value = await tracking.track(LAB, async (run) => {
      for (let step = 0; step < 10; step++) run.log({ loss: step })
      await run.flush()
      return 42
    })
    expect(value).to.equal(42)
  })

  it('begins a journal anew when somebody removed it, and continues the run', async () => {
    const run = await tracking.startRun(LAB)
    const store = await tracking.project()
    run.log({ loss: 1 })
    await run.flush()
    rmSync(join(store.folder, 'runtree', 'journal'), { recursive: true })
    await run.flush()
    run.log({ loss: 2 })
    const report = await run.finish()
    expect(report).to.include({ status: 'finished' })
    expect(report.problems.join()).to.include('begun anew')
    expect((await recordOf(run.id))?.metrics?.loss).to.include({ count: 2, last: 2 })
    expect(fsck(store.folder)).to.equal('')
  })

  it('does not make a project again that was removed under a run', async () => {
    const run = await tracking.startRun(LAB)
    const { folder: repository } = await tracking.project()
    rmSync(repository, { recursive: true })
    run.log({ loss: 2 })
    const report = await run.finish()
    expect(report.commitOid).to.equal(undefined)
    expect(report.problems.length).to.be.greaterThan(0)
    expect(await files.stat(repository)).to.equal(undefined)
  })

  it('reports a run whose experiment was deleted, keeps its rows and commits them once it is restored', async () => {
    const script = runScript(
      folder,
      `const run = await startRun({ project: 'lab', experiment: 'train', code: false, quiet: true })
say(run.id)
run.log({ loss: 1 })
say('logged')
setInterval(() => undefined, 1000)`
    )
    const id = await script.line(() => true)
    await script.line((line) => line === 'logged')
    script.kill('SIGKILL')
    await script.ended
    const store = await tracking.project()
    await deleteBranch(store.repository, 'train', Date.now())
    const report = await recoverRuns(store)
    expect(report.orphans.map(({ key }) => key.run)).to.deep.equal([id])
    expect((await listJournals(store)).length).to.equal(1)
    await restoreBranch(store.repository, 'train')
    expect((await recoverRuns(store)).recovered.length).to.equal(1)
    expect(await recordOf(id)).to.include({ status: 'interrupted' })
    expect((await recordOf(id))?.metrics?.loss?.count).to.equal(1)
  })

  it('leaves out what is logged after the end, with one warning', async () => {
    const run = await tracking.startRun(LAB)
    const first = await run.finish()
    run.log({ loss: 1 })
    run.log({ loss: 1 })
    expect(await run.finish()).to.equal(first)
    expect(await run.fail(new Error('late'))).to.equal(first)
    expect(tracking.printed.length).to.equal(1)
    expect((await recordOf(run.id))?.metrics).to.equal(undefined)
  })

  it('stops to watch the process when the run has ended', async () => {
    let watched = 0
    const hooks: ProcessHooks = {
      watch: () => {
        watched++
        return () => void watched--
      }
    }
    const own = createTestTracking(join(folder, 'home'), { hooks })
    const runs = await Promise.all([own.startRun(LAB), own.startRun(LAB)])
    expect(watched).to.equal(2)
    await Promise.all(runs.map((run) => run.finish()))
    expect(watched).to.equal(0)
  })
})
