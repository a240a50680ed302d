import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ActivityEntry } from '../../src/dashboard/source/answers.ts'
import type { CallProgress } from '../../src/dashboard/source/source.ts'
import { filterValues } from '../../src/dashboard/table/filter-values.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import { thinSeries } from '../../src/service/thin-series.ts'
import { git } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { createTestTracking } from '../support/tracking.ts'
import { ATTACK, LAB, makeStudy, type Study } from './study.ts'

describe('a source over a workspace', () => {
  let study: Study

  before(async () => {
    study = await makeStudy()
  })

  after(() => study.close())

  it('says what it is', async () => {
    expect(await study.source.about()).to.deep.include({
      way: 'local',
      writable: true,
      version: '1.2.3',
      projects: ['lab'],
      project: 'lab'
    })
  })

  it('lists projects and their state', async () => {
    const [project] = await study.source.projects()
    expect(project).to.deep.include({
      slug: 'lab',
      experiments: 1,
      runs: 3,
      running: 0,
      remotes: []
    })
    expect(project?.lastStarted).to.match(/^\d{4}-/)
  })

  it("tells a project's page: what is best, datasets, who did what when", async () => {
    const page = await study.source.project({ address: 'lab' })
    expect(page.problems).to.deep.equal([])
    expect(page.readme).to.match(/^# lab/)
    expect(page.datasets.map(({ slug }) => slug)).to.deep.equal(['digits'])
    const [experiment] = page.experiments
    expect(experiment).to.include({ slug: 'train', runs: 3, running: 0, failed: 0 })
    expect(experiment?.best).to.have.length(1)
    expect(experiment?.best[0]).to.include({ metric: 'loss', value: 0.25, run: study.second })
  })

  it('tells what was done, a page at a time', async () => {
    const whole = await study.source.activity({ address: 'lab' })
    expect(whole.next).to.equal(undefined)
    const operations = whole.entries.map(({ operation }) => operation)
    expect(operations).to.include.members(['finish', 'create'])
    const times = whole.entries.map(({ time }) => time)
    expect(times).to.deep.equal([...times].sort().reverse())
    const paged: ActivityEntry[] = []
    let from: string | undefined
    do {
      const page = await study.source.activity({
        address: 'lab',
        limit: 2,
        ...(from === undefined ? {} : { from })
      })
      expect(page.entries.length).to.be.within(1, 2)
      paged.push(...page.entries)
      from = page.next
    } while (from !== undefined)
    expect(paged).to.have.deep.members(whole.entries)
    expect(paged.map(({ time }) => time)).to.deep.equal(times)
  })

  it('tells the history of a run, a page at a time', async () => {
    const request = { address: study.first }
    const { entries, isCut } = await study.source.history(request)
    expect(isCut).to.equal(false)
    expect(entries.length).to.be.at.least(2)
    const first = await study.source.history({ ...request, limit: 1 })
    expect(first).to.deep.equal({ entries: entries.slice(0, 1), isCut: true })
    const rest = await study.source.history({ ...request, skip: 1 })
    expect(rest).to.deep.equal({ entries: entries.slice(1), isCut: false })
  })

  it('lists the fields that there are', async () => {
    const fields = await study.source.fields({ address: 'lab/train' })
    expect(fields.used).to.include.members(['params.lr', 'metrics.loss'])
    expect(fields.known.find(({ name }) => name === 'duration')).to.include({ type: 'number' })
    expect(fields.metrics).to.deep.equal({ loss: { goal: 'minimize' } })
  })

  it('lists the values that fields have, as filters write them', async () => {
    const fields = await study.source.fields({ address: 'lab/train' })
    const valuesOf = (field: string) => filterValues(study.source, 'lab/train', fields, field)
    expect(await valuesOf('tag')).to.deep.equal(['try'])
    expect(await valuesOf('experiment')).to.deep.equal(['train'])
    expect(await valuesOf('status')).to.include.members(['running', 'finished'])
    expect(await valuesOf('params.lr')).to.include('0.1')
  })

  it('finds a window of a sorted and filtered table', async () => {
    const found = await study.source.find({
      address: 'lab',
      filter: 'params.lr > 0.05 or exists(metrics.loss)',
      sort: ['metrics.loss'],
      columns: ['metrics.loss', 'params.lr', 'params.missing'],
      offset: 1,
      limit: 1
    })
    expect(found).to.deep.include({ total: 3, offset: 1, damaged: [] })
    expect(found.rows).to.have.length(1)
    expect(found.rows[0]).to.deep.include({ address: study.first, values: [0.5, 0.1, null] })
    expect(found.unknown.map(({ field }) => field)).to.deep.equal(['params.missing'])
  })

  it('bounds the window, and refuses numbers that are none', async () => {
    expect((await study.source.find({ limit: 1_000_000 })).rows).to.have.length(3)
    for (const wrong of [{ offset: -1 }, { limit: Number.NaN }, { limit: 1.5 }]) {
      await rejects(study.source.find(wrong), 'BAD_REQUEST')
    }
  })

  it('tells where a filter is wrong', async () => {
    const error = await rejects(study.source.find({ filter: 'params.lr >' }), 'QUERY_SYNTAX')
    expect(error.hint).to.be.a('string')
  })

  it('groups', async () => {
    const { groups, total } = await study.source.group({
      address: 'lab',
      by: ['params.lr', 'params.none'],
      aggregate: ['metrics.loss']
    })
    expect(total).to.equal(3)
    expect(groups.map(({ key, count }) => [...key, count])).to.deep.equal([
      [0.01, null, 1],
      [0.1, null, 2]
    ])
    expect(groups[1]?.aggregates['metrics.loss']).to.include({ count: 1, mean: 0.5 })
  })

  it("tells a run's page", async () => {
    const run = await study.source.run({ address: study.first })
    expect(run.problems).to.deep.equal([])
    expect(run).to.include({ project: 'lab', experiment: 'train' })
    expect(run.record).to.include({ name: 'first', status: 'finished' })
    expect(run.declarations).to.deep.equal({ loss: { goal: 'minimize' } })
    expect(run.environment?.platform?.os).to.be.a('string')
    expect(run.execution?.record.tree).to.match(/^[0-9a-f]{40}$/)
    expect(run.splits).to.have.length(1)
    expect(run.splits[0]?.test).to.deep.equal({ count: 2000 })
    expect(run.computations.map(({ name }) => name)).to.deep.equal(['fit'])
    expect(run.structured).to.deep.equal([{ name: 'confusion', type: 'confusion-matrix' }])
    expect(run.results.map(({ name, rows, key }) => [name, rows, key])).to.deep.equal([
      ['cases', 2, 'id']
    ])
    expect(run.artifacts.map(({ path, present }) => [path, present])).to.deep.equal([
      ['notes/a.md', true],
      ['page.html', true]
    ])
    expect(run.children.map(({ address }) => address)).to.deep.equal([study.child])
    expect(run.previous).to.equal(undefined)
    const child = await study.source.run({ address: study.child })
    expect(child.parent?.address).to.equal(study.first)
    const second = await study.source.run({ address: study.second.split('/').at(-1) as string })
    expect(second.previous?.address).to.equal(study.first)
    expect(second.record.name).to.equal(ATTACK)
  })

  it('reads series, whole, thinned, and a part of them', async () => {
    const { series } = await study.source.series({
      runs: [study.first, study.second],
      metrics: ['loss']
    })
    expect(series.map(({ run, total, isThinned }) => [run, total, isThinned])).to.deep.equal([
      [study.first, 101, false],
      [study.second, 101, false]
    ])
    expect([series[0]?.steps[3], series[0]?.values[100]]).to.deep.equal([3, 0.5])
    const thinned = await study.source.series({ runs: [study.first], maxPoints: 20 })
    const loss = thinned.series.find(({ metric }) => metric === 'loss')
    expect(loss?.isThinned).to.equal(true)
    expect(loss?.steps.length).to.be.within(4, 20)
    expect([loss?.values[0], loss?.values.at(-1)]).to.deep.equal([1.5, 0.5])
    const part = await study.source.series({
      runs: [study.first],
      metrics: ['loss'],
      from: 10,
      to: 20
    })
    expect([part.series[0]?.steps[0], part.series[0]?.steps.at(-1)]).to.deep.equal([9, 21])
    const odd = await study.source.series({ runs: [study.first], metrics: ['odd'] })
    expect(odd.series[0]?.values[0]).to.be.NaN
  })

  it('reads a structured metric', async () => {
    const value = await study.source.value({ address: study.first, metric: 'confusion' })
    expect(value).to.deep.include({ name: 'confusion', type: 'confusion-matrix' })
    expect(value.values).to.deep.equal([
      {
        value: [
          [1, 2],
          [3, 4]
        ]
      }
    ])
    await rejects(study.source.value({ address: study.first, metric: 'loss' }), 'STORE_NOT_FOUND')
  })

  it('reads rows by windows, search, filter and order', async () => {
    const base = { address: study.first, result: 'cases' }
    const ids = async (more: object): Promise<readonly unknown[]> =>
      (await study.source.rows({ ...base, ...more })).rows.map(({ id }) => id)
    const all = await study.source.rows(base)
    expect(all).to.deep.include({ total: 2, key: 'id' })
    expect(all.columns.map(({ name }) => name)).to.deep.equal(['id', 'label', 'right', 'score'])
    expect(await ids({ offset: 1 })).to.deep.equal(['b'])
    expect(await ids({ search: 'dOG' })).to.deep.equal(['b'])
    expect(await ids({ filter: { right: false } })).to.deep.equal(['a'])
    expect(await ids({ sort: '-score' })).to.deep.equal(['b', 'a'])
    await rejects(study.source.rows({ ...base, result: 'none' }), 'STORE_NOT_FOUND')
  })

  it('reads the log, and what came since', async () => {
    const log = await study.source.log({ address: study.first })
    expect(log).to.include({ text: `loss is 0.5\n${ATTACK}\n`, isCut: false, isRunning: false })
    expect((await study.source.log({ address: study.first, cursor: log.cursor })).text).to.equal('')
  })

  it('reads artifacts up to a bound', async () => {
    const request = { address: study.first, path: 'page.html' }
    const whole = await study.source.artifact(request)
    expect(whole).to.include({ mediaType: 'text/html', isCut: false, sizeBytes: ATTACK.length })
    const cut = await study.source.artifact({ ...request, maxBytes: 3 })
    expect([cut.bytes.length, cut.bytes.buffer.byteLength, cut.isCut]).to.deep.equal([3, 3, true])
    await rejects(study.source.artifact({ ...request, path: '../run.yaml' }), 'STORE_NOT_FOUND')
  })

  it('tells the code, so that the commands bring it back', async () => {
    const code = await study.source.code({ address: study.first })
    expect(code.patch).to.contain('+rate = 2')
    const clone = join(study.folder, 'clone')
    git(study.folder, ['clone', '--quiet', join(study.folder, 'code'), clone])
    writeFileSync(join(clone, 'run.patch'), code.patch as string)
    for (const command of code.checkout) {
      const [program, ...words] = command.split(' ')
      expect(program).to.equal('git')
      git(clone, words)
    }
    git(clone, ['rm', '--quiet', '--cached', '--ignore-unmatch', 'run.patch'])
    git(clone, ['add', 'train.py'])
    expect(git(clone, ['write-tree']).trim()).to.equal(code.tree)
  })

  it('lists the history of any object', async () => {
    const { entries, isCut } = await study.source.history({ address: study.first })
    expect(entries.at(-1)?.operation).to.equal('start')
    expect(isCut).to.equal(false)
    expect((await study.source.history({ address: 'lab/train', limit: 2 })).isCut).to.equal(true)
    expect((await study.source.history({ address: 'lab' })).entries).not.to.deep.equal([])
  })

  it('sets runs beside each other', async () => {
    const { runs, fields, unreadable } = await study.source.compare({
      runs: [study.first, study.second]
    })
    expect(runs.map(({ address }) => address)).to.deep.equal([study.first, study.second])
    expect(unreadable).to.deep.equal([])
    const lr = fields.find(({ field }) => field === 'params.lr')
    expect(lr).to.deep.include({ name: 'lr', group: 'params', values: [0.1, 0.01], differs: true })
    const loss = fields.find(({ field }) => field === 'metrics.loss')
    expect(loss).to.deep.include({ goal: 'minimize', changes: ['same', 'better'] })
    expect(fields.find(({ field }) => field === 'status')).to.include({ differs: false })
    await rejects(study.source.compare({ runs: [study.first] }), 'BAD_REQUEST')
  })

  it('joins the rows of two runs', async () => {
    const request = { base: study.first, other: study.second, result: 'cases', column: 'right' }
    const joined = await study.source.compareRows(request)
    expect(joined).to.deep.include({ key: 'id', column: 'right', total: 1 })
    expect(joined.counts).to.include({ improved: 1, worsened: 0, same: 1, added: 0, removed: 0 })
    expect(joined.rows).to.deep.equal([
      {
        key: 'a',
        state: 'improved',
        base: { id: 'a', label: 'cat', right: false, score: 0.5 },
        other: { id: 'a', label: 'cat', right: true, score: 0.25 }
      }
    ])
    const all = await study.source.compareRows({ ...request, show: 'all', offset: 1 })
    expect([all.total, all.rows.map(({ state }) => state)]).to.deep.equal([2, ['same']])
    const none = await study.source.compareRows({ ...request, show: 'worsened' })
    expect([none.total, none.rows]).to.deep.equal([0, []])
  })

  it('edits, deletes and brings back', async () => {
    await study.source.edit({
      address: study.child,
      name: 'renamed',
      notes: 'why',
      addTags: ['a', 'b']
    })
    await study.source.edit({ address: study.child, removeTags: ['a'], notes: null })
    const { record } = await study.source.run({ address: study.child })
    expect(record).to.deep.include({ name: 'renamed', tags: ['b'] })
    expect(record.notes).to.equal(undefined)
    const { deleted } = await study.source.delete({
      addresses: [study.child, 'lab/train/zzzzzzzzzzzz']
    })
    expect(deleted).to.deep.equal([study.child])
    await rejects(study.source.run({ address: study.child }), 'STORE_NOT_FOUND')
    const { restored } = await study.source.restore({ addresses: deleted })
    expect(restored).to.deep.equal([study.child])
    expect((await study.source.run({ address: study.child })).record.name).to.equal('renamed')
  })

  it('keeps views in the project', async () => {
    const state = { columns: ['params.lr'], filter: 'metrics.loss < 1' }
    const view = await study.source.saveView({ address: 'lab', name: 'Small loss', state })
    expect(view).to.deep.equal({
      address: 'lab/views/small-loss',
      slug: 'small-loss',
      name: 'Small loss',
      state
    })
    await study.source.saveView({ address: 'lab', name: 'Small loss', state: { columns: [] } })
    expect(await study.source.views({ address: 'lab' })).to.deep.equal([
      { ...view, state: { columns: [] } }
    ])
    const folder = study.tracking.store.folderOf('lab')
    expect(git(folder, ['ls-tree', '-r', '--name-only', 'main', 'views'])).to.equal(
      'views/small-loss.yaml\n'
    )
    await study.source.deleteView({ address: view.address })
    expect(await study.source.views({ address: 'lab' })).to.deep.equal([])
  })

  it('follows runs in progress by what was appended', async () => {
    const before = await study.source.live({})
    const run = await study.tracking.startRun({ ...LAB, name: 'going' })
    run.log({ loss: 3, acc: 0 }, { step: 0 })
    const started = await study.source.live({ cursor: before.cursor })
    expect(started.runs.map(({ address, name }) => [address, name])).to.deep.equal([
      [run.address, 'going']
    ])
    expect(started.runs[0]).to.include({ alive: true })
    expect(started.version).not.to.equal(before.version)
    run.log({ loss: 2 }, { step: 1, split: 'fold' })
    run.text('on it')
    const grown = await study.source.live({ cursor: started.cursor })
    expect(grown.runs[0]?.points.map(({ time: _, ...point }) => point)).to.deep.equal([
      { metric: 'loss', step: 1, value: 2, split: 'fold' }
    ])
    expect(grown.runs[0]?.text).to.equal('on it\n')
    expect(grown.runs[0]?.metrics.loss).to.include({ last: 2, min: 2, max: 3, count: 2, step: 1 })
    // Another page that came at another time is told what it has not seen.
    const late = await study.source.live({ cursor: before.cursor })
    expect(late.runs[0]?.points).to.have.length(3)
    const fresh = await study.source.live({ address: run.address })
    expect(fresh.runs[0]).to.deep.include({ points: [], text: '' })
    expect((await study.source.run({ address: run.address })).live?.alive).to.equal(true)
    run.set({ params: { late: 1 } })
    await run.finish()
    const ended = await study.source.live({ cursor: grown.cursor })
    expect([ended.runs, ended.ended]).to.deep.equal([[], [run.address]])
    await rejects(study.source.live({ cursor: 'nonsense' }), 'BAD_REQUEST')
  })

  it('exchanges with remotes, tells how far it is, and settles what is contested', async () => {
    const origin = join(study.folder, 'origin.git')
    git(study.folder, ['init', '--quiet', '--bare', '--initial-branch=main', origin])
    await study.workspace.remotes.add('origin', origin, { in: 'lab' })
    const told: CallProgress[] = []
    const pushed = await study.source.push(
      { address: 'lab' },
      { onProgress: (progress) => told.push(progress) }
    )
    expect(pushed.refs.map(({ status }) => status)).to.include('new')
    expect(told.at(-1)?.text).to.be.a('string')
    const [project] = await study.source.projects()
    expect(project?.remotes[0]).to.include({ name: 'origin', url: origin, ahead: 0, behind: 0 })
    await study.source.edit({ address: study.first, name: 'mine' })
    expect((await study.source.project({ address: 'lab' })).remotes[0]?.ahead).to.equal(1)
    const synced = await study.source.sync({ address: 'lab' })
    expect(synced.remote).to.equal('origin')
    expect((await study.source.pull({ address: 'lab' })).receivedBytes).to.equal(0)
    expect(await study.source.conflicts({ address: 'lab' })).to.deep.equal([])
    const elsewhere = createTestTracking(join(study.folder, 'other'), { remotes: makeRemoteHost() })
    const theirs = createWorkspace(elsewhere.store, { project: 'lab' })
    await theirs.clone(origin)
    const [ours, other] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [
      string,
      string
    ]
    await theirs.datasets.create({ name: 'faces', in: 'lab', digest: other })
    await theirs.push({ in: 'lab' })
    await theirs.close()
    await study.workspace.datasets.create({ name: 'faces', in: 'lab', digest: ours })
    const merged = await study.source.sync({ address: 'lab' })
    const main = merged.refs.find(({ ref }) => ref === 'refs/heads/main')
    expect(main).to.include({ status: 'merged', conflicts: 1 })
    const address = 'lab/datasets/faces'
    const [conflict, ...more] = await study.source.conflicts({ address: 'lab' })
    expect(more).to.deep.equal([])
    expect(conflict).to.deep.include({ address, fieldPath: 'digest' })
    expect(conflict?.values).to.have.members([ours, other])
    expect(conflict?.current).to.be.oneOf([ours, other])
    await study.source.settle({ address, fieldPath: 'digest', value: other })
    expect(await study.source.conflicts({ address: 'lab' })).to.deep.equal([])
    expect((await study.workspace.datasets.get(address))?.fields.digest).to.equal(other)
  })

  it('changes nothing if it is only read', async () => {
    const source = study.open({ readOnlyReason: 'a test.' })
    expect(await source.about()).to.include({ writable: false, readOnlyReason: 'a test.' })
    await rejects(source.edit({ address: study.first, name: 'x' }), 'READ_ONLY')
    await rejects(source.delete({ addresses: [study.first] }), 'READ_ONLY')
    await rejects(source.push({ address: 'lab' }), 'READ_ONLY')
    expect((await source.run({ address: study.first })).record.name).to.equal('mine')
  })

  it('tells what can be done about a failure', async () => {
    const source = study.open({
      hintOf: (code) => (code === 'STORE_NOT_FOUND' ? 'Look.' : undefined)
    })
    const error = await rejects(source.run({ address: 'lab/none/k3f9q2xab7mt' }), 'STORE_NOT_FOUND')
    expect(error.hint).to.equal('Look.')
    await rejects(source.project({ address: 'none' }), 'STORE_NOT_FOUND')
  })
})

describe('thinned series', () => {
  it('keeps every peak and gap', () => {
    const count = 10_000
    const steps = Float64Array.from({ length: count }, (_, index) => index)
    const values = steps.map((step) => (step === 4321 ? 9 : step === 1234 ? -9 : Math.sin(step)))
    values[7000] = Number.NaN
    const { steps: kept, values: shown } = thinSeries({ steps, times: steps, values }, 300, 'step')
    expect(kept.length).to.be.at.most(300)
    expect([Math.max(...shown.filter((v) => !Number.isNaN(v)))]).to.deep.equal([9])
    expect([...shown].some(Number.isNaN)).to.equal(true)
    expect([...kept]).to.include.members([0, 1234, 4321, 7000, 9999])
  })
})

async function rejects(
  promise: Promise<unknown>,
  code: string
): Promise<{ readonly code: string; readonly message: string; readonly hint?: string }> {
  const error = await promise.then(
    () => expect.fail(`it did not fail with ${code}`),
    (thrown: unknown) => thrown as { code: string; message: string; hint?: string }
  )
  expect(error.code).to.equal(code)
  return error
}
