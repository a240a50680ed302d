import { join } from 'node:path'
import { expect } from 'chai'
import { parseSeries } from '../../src/format/series.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import type { RunRecord } from '../../src/model/records.ts'
import { listJournals } from '../../src/store/journal-folder.ts'
import { listLiveRuns, readLive } from '../../src/store/live-runs.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { recoverRuns } from '../../src/store/recovery.ts'
import { fsck, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  createTestTracking,
  killScripts,
  runScript,
  type TestTracking
} from '../support/tracking.ts'

const START = `startRun({ project: 'lab', experiment: 'train', code: false, quiet: true })`

/** Logs steps for ever and says each as soon as it is acknowledged. */
const ENDLESS = `
const run = await ${START}
say(run.id)
for (let step = 0; ; step++) {
  run.log({ loss: 1 / (step + 1) }, { step })
  say('step ' + step)
  if (step % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
}`

describe('a run and its process', () => {
  let folder: string
  let tracking: TestTracking

  beforeEach(() => {
    folder = makeTempFolder()
    tracking = createTestTracking(join(folder, 'home'))
  })

  afterEach(() => {
    killScripts()
    removeTempFolder(folder)
  })

  async function read(
    store: ProjectStore,
    run: string
  ): Promise<{ record: RunRecord; steps: Set<number> }> {
    const key: KeyOf<'run'> = { kind: 'run', experiment: 'train', run }
    const view = await store.viewOf(key)
    const record = await view?.record<'run'>(key)
    if (view === undefined || record === undefined) throw new TypeError(`there is no run ${run}`)
    const series = `experiments/train/runs/${run[0]}/${run[1]}/${run}/series`
    const steps = new Set<number>()
    for (const { name } of await view.folder(series)) {
      const bytes = (await view.file(`${series}/${name}`)) as Uint8Array
      for (const { step } of parseSeries(bytes).points) steps.add(step as number)
    }
    return { record, steps }
  }

  /** Recovers, with several at once, and returns the one run. */
  async function recover(): Promise<{ record: RunRecord; steps: Set<number> }> {
    const store = await tracking.project()
    const reports = await Promise.all([recoverRuns(store), recoverRuns(store), recoverRuns(store)])
    for (const { failed, orphans, problems } of reports) {
      expect({ failed, orphans, problems }).to.deep.equal({ failed: [], orphans: [], problems: [] })
    }
    const recovered = reports.flatMap((report) => report.recovered)
    expect(recovered.length).to.equal(1)
    expect(await listJournals(store)).to.deep.equal([])
    expect(fsck(store.folder)).to.equal('')
    return read(store, recovered[0]?.key.run as string)
  }

  it('loses nothing that was acknowledged when it is killed in the middle', async () => {
    const script = runScript(folder, ENDLESS)
    await script.line((line) => line === 'step 2000')
    const store = await tracking.project()
    expect((await listLiveRuns(store))[0]?.alive).to.equal(true)
    expect((await recoverRuns(store)).recovered).to.deep.equal([])
    script.kill('SIGKILL')
    const { lines } = await script.ended
    expect((await listLiveRuns(store))[0]?.alive).to.equal(false)
    const acknowledged = lines.filter((line) => line.startsWith('step ')).length
    const { record, steps } = await recover()
    expect(record.status).to.equal('interrupted')
    expect(record.finished).to.match(/Z$/)
    expect(steps.size).to.be.at.least(acknowledged)
    for (let step = 0; step < acknowledged; step++) expect(steps.has(step)).to.equal(true)
    expect(record.metrics?.loss?.count).to.equal(steps.size)
  })

  it('lets readers see every acknowledged row while it goes on', async () => {
    const script = runScript(folder, ENDLESS)
    const run = await script.line(() => true)
    await script.line((line) => line === 'step 500')
    const store = await tracking.project()
    const live = await readLive(store, { kind: 'run', experiment: 'train', run })
    const series = [...live].find(([path]) => path.includes('/series/'))?.[1] as Uint8Array
    expect(parseSeries(series).points.length).to.be.greaterThan(500)
    script.kill('SIGKILL')
    await script.ended
  })

  for (const [name, body, expected] of [
    ['finished when it returns', '', { status: 'finished', exitCode: 0 }],
    ['finished by process.exit(0)', 'process.exit(0)', { status: 'finished', exitCode: 0 }],
    ['failed by another exit code', 'process.exit(3)', { status: 'failed', exitCode: 3 }],
    ['failed by an exit code set', 'process.exitCode = 4', { status: 'failed', exitCode: 4 }],
    [
      'failed by an uncaught error',
      'throw new RangeError("no")',
      { status: 'failed', exitCode: 1 }
    ],
    [
      'failed by a rejection nobody handles',
      'void Promise.reject(new RangeError("no")); await new Promise((r) => setTimeout(r, 5000))',
      { status: 'failed', exitCode: 1 }
    ]
  ] as const) {
    it(`ends a run that its program did not end: ${name}`, async () => {
      const script = runScript(
        folder,
        `const run = await ${START}\nsay(run.id)\nrun.log({ a: 1 })\n${body}`
      )
      const { lines, stderr } = await script.ended
      const store = await tracking.project()
      await recoverRuns(store)
      const { record, steps } = await read(store, lines[0] as string)
      expect(record).to.include(expected)
      expect(steps.size).to.equal(1)
      if (stderr.includes('RangeError')) {
        expect(record.error).to.include({ name: 'RangeError', message: 'no' })
      }
      expect(await listJournals(store)).to.deep.equal([])
    })
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`ends a run as interrupted by ${signal}, and the process by the signal`, async () => {
      const script = runScript(folder, ENDLESS)
      await script.line((line) => line === 'step 100')
      script.kill(signal)
      const ended = await script.ended
      expect(ended.signal).to.equal(signal)
      const { record, steps } = await recover()
      expect(record).to.include({ status: 'interrupted', signal })
      expect(steps.size).to.be.at.least(
        ended.lines.filter((line) => line.startsWith('step ')).length
      )
    })
  }

  it('leaves a signal that the program handles to the program', async () => {
    const script = runScript(
      folder,
      `process.on('SIGTERM', async () => { run.log({ late: 1 }); await run.finish(); process.exit(0) })
const run = await ${START}
const alive = setInterval(() => undefined, 1000)
say(run.id)`
    )
    const id = await script.line(() => true)
    script.kill('SIGTERM')
    expect((await script.ended).code).to.equal(0)
    const { record } = await read(await tracking.project(), id)
    expect(record.status).to.equal('finished')
    expect(record.metrics).to.have.property('late')
  })

  it('does not keep the process alive, and warns of no listeners with 50 runs', async () => {
    const script = runScript(
      folder,
      `for (let i = 0; i < 50; i++) await ${START}\nsay(String(process.listenerCount('exit')))`
    )
    const { code, stderr, lines } = await script.ended
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(Number(lines[0])).to.be.below(10)
    expect(await listJournals(await tracking.project())).to.deep.equal([])
  })

  it('lets further processes join, each with parts of its own', async () => {
    const run = await tracking.startRun({ project: 'lab', experiment: 'train', code: false })
    const joined = Array.from({ length: 4 }, (_, rank) =>
      runScript(
        folder,
        `const run = await startRun({ quiet: true, tags: ['rank-${rank}'] })
for (let step = 0; step < 100; step++) run.log({ 'loss/${rank}': step })
const report = await run.finish()
say(run.id + ' ' + report.status + ' ' + report.problems.length)`,
        { RUNTREE_RUN: run.address }
      )
    )
    for (const { ended } of joined) {
      expect((await ended).lines).to.deep.equal([`${run.id} running 0`])
    }
    run.log({ main: 1 })
    expect((await run.finish()).problems).to.deep.equal([])
    const store = await tracking.project()
    const { record } = await read(store, run.id)
    expect(record.status).to.equal('finished')
    expect(Object.keys(record.metrics ?? {})).to.deep.equal([
      'loss/0',
      'loss/1',
      'loss/2',
      'loss/3',
      'main'
    ])
    expect(Object.values(record.metrics ?? {}).map(({ count }) => count)).to.deep.equal([
      100, 100, 100, 100, 1
    ])
    expect(record.tags?.length).to.equal(4)
    expect(fsck(store.folder)).to.equal('')
  })

  it('keeps the rows of a process that joined and was killed, and lets the run go on', async () => {
    const run = await tracking.startRun({ project: 'lab', experiment: 'train', code: false })
    const script = runScript(folder, ENDLESS.replace('say(run.id)', ''), {
      RUNTREE_RUN: run.address
    })
    await script.line((line) => line === 'step 10')
    script.kill('SIGKILL')
    await script.ended
    const store = await tracking.project()
    await recoverRuns(store)
    const { record, steps } = await read(store, run.id)
    expect(record.status).to.equal('running')
    expect(steps.has(10)).to.equal(true)
    expect((await run.finish()).status).to.equal('finished')
  })

  it('continues the run of a killed process by its key', async () => {
    const keyed = ENDLESS.replace('code: false', "code: false, key: 'job'")
    const script = runScript(folder, keyed)
    const id = await script.line(() => true)
    await script.line((line) => line === 'step 20')
    script.kill('SIGKILL')
    await script.ended
    const options = { project: 'lab', experiment: 'train', code: false, key: 'job' } as const
    const run = await tracking.startRun(options)
    expect(run.id).to.equal(id)
    const store = await tracking.project()
    const before = await read(store, id)
    expect(before.record.status).to.equal('running')
    run.log({ loss: 0 })
    await run.finish()
    const { record } = await read(store, id)
    expect(record.status).to.equal('finished')
    expect(record.metrics?.loss?.step).to.equal(Math.max(...before.steps) + 1)
  })
})
