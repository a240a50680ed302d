import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseSeries } from '../../src/format/series.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import type { RunRecord } from '../../src/model/records.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Run } from '../../src/service/run.ts'
import { listJournals } from '../../src/store/journal-folder.ts'
import { readLive } from '../../src/store/live-runs.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { fsck, git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'

const LAB = { project: 'lab', experiment: 'train', code: false, environment: false } as const

async function recordOf(
  store: ProjectStore,
  run: Pick<Run, 'id' | 'experiment'>
): Promise<RunRecord> {
  const key: KeyOf<'run'> = { kind: 'run', experiment: run.experiment, run: run.id }
  const record = await (await store.viewOf(key))?.record<'run'>(key)
  if (record === undefined) throw new TypeError(`there is no run ${run.id}`)
  return record
}

/** Returns the files of a run by their path in its folder. */
function filesOf(store: ProjectStore, run: Run): Map<string, Buffer> {
  const folder = `experiments/train/runs/${run.id[0]}/${run.id[1]}/${run.id}`
  const names = git(store.folder, ['ls-tree', '-r', '--name-only', 'experiments/train', folder])
  return new Map(
    names
      .split('\n')
      .filter(Boolean)
      .map((path) => [
        path.slice(folder.length + 1),
        execFileSync('git', ['show', `experiments/train:${path}`], { cwd: store.folder })
      ])
  )
}

describe('tracking', () => {
  let folder: string
  let tracking: TestTracking

  beforeEach(() => {
    folder = makeTempFolder()
    tracking = createTestTracking(join(folder, 'home'))
  })

  afterEach(() => removeTempFolder(folder))

  it('commits a run at its start and at its end, with all that was logged', async () => {
    const run = await tracking.startRun({
      ...LAB,
      name: 'first',
      params: { lr: 0.1, net: { depth: 3 } },
      tags: ['try'],
      seed: 7
    })
    const store = await tracking.project()
    expect((await recordOf(store, run)).status).to.equal('running')
    for (let step = 0; step < 3; step++) run.log({ loss: 1 / (step + 1), acc: step }, { step })
    run.log({ loss: Number.NaN })
    run.text('hello\n50%\r100%')
    run.row('cases', { id: 'a', truth: 1, score: Number.POSITIVE_INFINITY }, { key: 'id' })
    run.row('cases', { id: 'b', truth: 2, score: 0.5 })
    run.value(
      'confusion',
      [
        [1, 2],
        [3, 4]
      ],
      { type: 'confusion-matrix' }
    )
    run.split('fold-1', { train: { count: 3 } }).log({ acc: 0.5 })
    run.computation('fit', { component: 'Net' }).finish()
    run.set({ params: { late: true }, tags: ['good'], notes: 'n' })
    await run.artifact('notes/a.txt', 'text')
    const report = await run.finish()
    expect(report.problems).to.deep.equal([])
    expect(report.status).to.equal('finished')
    const record = await recordOf(store, run)
    expect(record.status).to.equal('finished')
    expect(record.params).to.deep.equal({ lr: 0.1, net: { depth: 3 }, late: true })
    expect(record.tags).to.deep.equal(['good', 'try'])
    expect(record.metrics?.loss).to.deep.include({ last: Number.NaN, count: 4, max: 1 })
    expect(record.metrics?.acc).to.include({ last: 2, count: 4, mean: 0.5 })
    expect(record.artifacts?.['notes/a.txt']).to.include({ sizeBytes: 4 })
    const files = filesOf(store, run)
    const names = [...files.keys()].map((name) => name.replace(/[a-z0-9]{6}-0000/, 'W-0000')).sort()
    expect(names).to.deep.equal([
      'artifacts/notes/a.txt',
      'computations/fit.yaml',
      'log/W-0000.txt',
      'metrics/confusion.yaml',
      'results/cases/W-0000.jsonl',
      'results/cases/result.yaml',
      'run.yaml',
      'series/W-0000.tsv',
      'splits/fold-1.yaml'
    ])
    const log = [...files].find(([name]) => name.startsWith('log/'))?.[1].toString()
    expect(log).to.equal('hello\n100%\n')
    expect(files.get('results/cases/result.yaml')?.toString())
      .to.include('rows: 2')
      .and.include('key: id')
    expect(
      git(store.folder, ['log', '--format=%s', 'experiments/train', '--not', 'main'])
    ).to.equal(`finish run ${run.id}\nstart run ${run.id}\n`)
    expect(await listJournals(store)).to.deep.equal([])
    expect(fsck(store.folder)).to.equal('')
  })

  it('refuses at once what is no metric, row, name or artifact, and logs nothing of it', async () => {
    const run = await tracking.startRun(LAB)
    const wrong: (() => unknown)[] = [
      () => run.log({ loss: '1' as unknown as number }),
      () => run.log({ '': 1 }),
      () => run.log({ loss: 1 }, { step: Number.NaN }),
      () => run.log({ loss: 1 }, { split: '' }),
      () => run.text(1 as unknown as string),
      () => run.row('r', [] as never),
      () => run.row('r', { id: 1 }, { key: 2 as never }),
      () => run.row('r', { f: (() => 1) as never }),
      () => run.row('r', { t: new Float64Array(2) as never }),
      () => run.value('m', undefined as never)
    ]
    for (const call of wrong) expect(call).to.throw(TypeError)
    expect(() => run.set({ tags: 'x' as never })).to.throw(/tags/)
    expect(() => run.split('s', { train: 'all' as never })).to.throw(/train/)
    let refused: unknown
    await run.artifact('../up', 'x').catch((error: unknown) => {
      refused = error
    })
    expect(String(refused)).to.include('..')
    const report = await run.finish()
    expect(report.problems).to.deep.equal([])
    const record = await recordOf(await tracking.project(), run)
    expect(record.metrics).to.equal(undefined)
  })

  it('hides all points of a deleted metric, also those of a clock that goes ahead', async () => {
    const run = await tracking.startRun(LAB)
    run.log({ loss: 1, acc: 2 }, { step: 0, time: Date.now() + 3_600_000 })
    await run.finish()
    const workspace = createWorkspace(tracking.store, { project: 'lab' })
    expect(await workspace.metrics.delete(`train/${run.id}/metrics/loss`)).to.equal(true)
    expect(await workspace.metrics.exists(`train/${run.id}/metrics/loss`)).to.equal(false)
    const points = []
    for await (const { metric } of workspace.runs.series(`train/${run.id}`)) points.push(metric)
    expect(points).to.deep.equal(['acc'])
  })

  it('lets only the last parts grow when it is flushed', async () => {
    const run = await tracking.startRun(LAB)
    const store = await tracking.project()
    for (let step = 0; step < 30_000; step++) run.log({ loss: step / 7, other: step })
    await run.flush()
    const first = filesOf(store, run)
    for (let step = 0; step < 5000; step++) run.log({ loss: step / 7, other: step })
    await run.finish()
    const last = filesOf(store, run)
    const series = (files: Map<string, Buffer>): [string, Buffer][] =>
      [...files].filter(([name]) => name.startsWith('series/'))
    expect(series(first).length).to.be.greaterThan(1)
    for (const [name, bytes] of series(first)) {
      expect(last.get(name)?.subarray(0, bytes.length).equals(bytes), name).to.equal(true)
    }
    for (const [, bytes] of series(last)) expect(bytes.length).to.be.at.most(1_000_000)
    const points = series(last).flatMap(([, bytes]) => parseSeries(bytes).points)
    expect(points.length).to.equal(70_000)
    expect((await recordOf(store, run)).metrics?.loss).to.include({ count: 35_000, step: 34_999 })
  })

  it('shows readers what is not committed yet, exactly as it will be committed', async () => {
    const run = await tracking.startRun(LAB)
    const store = await tracking.project()
    run.log({ loss: 1 })
    run.row('cases', { id: 1 })
    run.text('a line')
    run.set({ notes: 'later' })
    const key: KeyOf<'run'> = { kind: 'run', experiment: 'train', run: run.id }
    const live = await readLive(store, key)
    await run.flush()
    const prefix = `experiments/train/runs/${run.id[0]}/${run.id[1]}/${run.id}/`
    const committed = filesOf(store, run)
    expect(live.size).to.equal(5)
    for (const [path, bytes] of live) {
      const stored = committed.get(path.slice(prefix.length))?.toString()
      expect(stored, path).to.equal(Buffer.from(bytes).toString())
    }
    expect((await readLive(store, key)).size).to.equal(0)
    await run.finish()
  })

  it('continues the run of a key, with steps that go on, and keeps the later value of a step', async () => {
    const first = await tracking.startRun({ ...LAB, key: 'job-1', params: { a: 1 } })
    first.log({ loss: 3 })
    first.log({ loss: 2 })
    await first.finish()
    const again = await tracking.startRun({ ...LAB, key: 'job-1', params: { b: 2 } })
    const store = await tracking.project()
    expect(again.id).to.equal(first.id)
    expect((await recordOf(store, again)).status).to.equal('running')
    again.log({ loss: 1 })
    again.log({ loss: 9 }, { step: 1 })
    await again.finish()
    const record = await recordOf(store, again)
    expect(record.status).to.equal('finished')
    expect(record.params).to.deep.equal({ a: 1, b: 2 })
    expect(record.metrics?.loss).to.include({ last: 1, step: 2, count: 3, max: 9 })
    expect(tracking.printed[1]).to.include('continued')
    expect(fsck(store.folder)).to.equal('')
  })

  it('keeps large content beside the history and references where they are', async () => {
    const run = await tracking.startRun(LAB)
    const large = Buffer.alloc(2_500_000, 7)
    writeFileSync(join(folder, 'large.bin'), large)
    await run.artifact('model.bin', { file: join(folder, 'large.bin'), mediaType: 'x/y' })
    await run.artifact(
      'stream.txt',
      (async function* () {
        yield Buffer.from('ab')
        yield Buffer.from('cd')
      })()
    )
    await run.artifact('data', { uri: 's3://bucket/data', sizeBytes: 12 })
    expect((await run.finish()).problems).to.deep.equal([])
    const store = await tracking.project()
    const files = filesOf(store, run)
    const pointer = files.get('artifacts/model.bin')?.toString() ?? ''
    expect(pointer).to.match(
      /^version https:\/\/git-lfs.github.com\/spec\/v1\noid sha256:[0-9a-f]{64}\nsize 2500000\n$/
    )
    const oid = /sha256:(\w+)/.exec(pointer)?.[1] as string
    const path = join(store.folder, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid)
    expect(execFileSync('sha256sum', [path]).toString().slice(0, 64)).to.equal(oid)
    expect(files.get('artifacts/stream.txt')?.toString()).to.equal('abcd')
    expect(files.get('artifacts/data.ref.yaml')?.toString()).to.include('s3://bucket/data')
    const record = await recordOf(store, run)
    expect(record.artifacts?.['model.bin']).to.deep.include({
      mediaType: 'x/y',
      digest: `sha256:${oid}`
    })
  })

  it('throws what a stream throws, or a missing file, to the caller', async () => {
    const run = await tracking.startRun(LAB)
    const failing = (async function* () {
      yield Buffer.from('ab')
      throw new RangeError('broken source')
    })()
    const errors: unknown[] = []
    await run.artifact('a', failing).catch((error: unknown) => errors.push(error))
    await run
      .artifact('b', { file: join(folder, 'none') })
      .catch((error: unknown) => errors.push(error))
    expect(errors[0]).to.be.instanceOf(RangeError)
    expect(errors[1]).to.be.instanceOf(TypeError)
    expect((await run.finish()).problems).to.deep.equal([])
  })

  it('runs 200 runs at once in one process', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        tracking.track({ ...LAB, params: { number } }, async (run) => {
          for (let step = 0; step < 5; step++) run.log({ loss: number + step })
          await new Promise((resolve) => setImmediate(resolve))
        })
      )
    )
    const store = await tracking.project()
    const names = git(store.folder, ['ls-tree', '-r', '--name-only', 'experiments/train'])
    const runs = names.split('\n').filter((name) => name.endsWith('/run.yaml'))
    expect(runs.length).to.equal(200)
    const done = await Promise.all(
      runs.map((path) =>
        recordOf(store, { id: path.split('/').at(-2) as string, experiment: 'train' })
      )
    )
    expect(
      done.every(({ status, metrics }) => status === 'finished' && metrics?.loss?.count === 5)
    ).to.equal(true)
    expect(new Set(done.map(({ params }) => params?.number)).size).to.equal(200)
    expect(await listJournals(store)).to.deep.equal([])
    expect(fsck(store.folder)).to.equal('')
  })

  it('ends a run as failed when the body throws, and as interrupted when it was aborted', async () => {
    let id = ''
    const failed = tracking.track(LAB, async (run) => {
      id = run.id
      throw new RangeError('diverged')
    })
    expect(await failed.catch((error: unknown) => error)).to.be.instanceOf(RangeError)
    const store = await tracking.project()
    const record = await recordOf(store, { id, experiment: 'train' })
    expect(record).to.deep.include({ status: 'failed' })
    expect(record.error).to.include({ name: 'RangeError', message: 'diverged' })
    const controller = new AbortController()
    const aborted = tracking.track({ ...LAB, signal: controller.signal }, async (run) => {
      id = run.id
      controller.abort(new Error('enough'))
      controller.signal.throwIfAborted()
    })
    expect(String(await aborted.catch((error: unknown) => error))).to.include('enough')
    expect((await recordOf(store, { id, experiment: 'train' })).status).to.equal('interrupted')
  })

  it('records children with their parent', async () => {
    const run = await tracking.startRun(LAB)
    const child = await run.child({ name: 'inner' })
    const store = await tracking.project()
    expect((await recordOf(store, child)).parent).to.equal(run.id)
    const named = await tracking.startRun({ ...LAB, parent: run.id.slice(0, 6) })
    expect((await recordOf(store, named)).parent).to.equal(run.id)
    await Promise.all([child.finish(), named.finish(), run.finish()])
  })

  it('tells listeners of start, progress, text and end', async () => {
    const heard: string[] = []
    tracking.events.onAny((name) => void heard.push(name))
    const run = await tracking.startRun(LAB)
    run.log({ a: 1, b: 2 })
    run.log({ a: 1 })
    run.log({ a: 1, b: 2 })
    run.text('x')
    await run.finish()
    expect(heard).to.deep.equal([
      'start',
      'progress',
      'progress',
      'progress',
      'progress',
      'log',
      'finish'
    ])
  })

  it('needs no configuration: names, code and machine follow from where it runs', async () => {
    const code = join(folder, 'vision')
    mkdirSync(code)
    git(code, ['init', '-q', '-b', 'main'])
    writeFileSync(join(code, 'train-net.py'), 'print(1)\n')
    git(code, ['add', '.'])
    git(code, ['commit', '-q', '-m', 'one'])
    writeFileSync(join(code, 'train-net.py'), 'print(2)\n')
    const own = createTestTracking(join(folder, 'home'), {
      cwd: code,
      script: join(code, 'train-net.py'),
      capture: true,
      env: gitEnvironment() as Record<string, string>
    })
    const run = await own.startRun({ command: ['python', 'train-net.py', '--token', 'abc'] })
    await run.finish()
    expect(run.address).to.equal(`vision/train-net/${run.id}`)
    const store = await own.store.project('vision')
    const record = await recordOf(store as ProjectStore, run)
    expect(own.printed).to.deep.equal([
      `run ${run.id.slice(0, 8)} · vision/train-net · code ${record.execution?.slice(0, 6)} (1 file changed)`
    ])
    expect(record.entry).to.deep.equal({
      file: 'train-net.py',
      command: ['python', 'train-net.py', '--token', '***']
    })
    const names = git(store?.folder as string, [
      'ls-tree',
      '-r',
      '--name-only',
      'experiments/train-net'
    ])
    expect(names).to.match(/executions\/..\/\w{12}\/execution.yaml/)
    expect(names).to.match(/executions\/..\/\w{12}\/patches\/\w{40}.diff/)
    expect(names).to.match(/environment.yaml/)
    expect(fsck(store?.folder as string)).to.equal('')
  })
})
