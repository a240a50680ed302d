import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { expect } from 'chai'
import { createSeriesReader } from '../../src/dashboard/source/series.ts'
import { formatSeriesFile, parseSeriesFile } from '../../src/format/series-file.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Run } from '../../src/service/run.ts'
import type { SeriesColumns } from '../../src/service/runs.ts'
import { OVERVIEW_POINTS, thinSeries } from '../../src/service/thin-series.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { viewOfRun } from '../../src/store/live-view.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import {
  dropSeriesColumns,
  type ReadColumnsOptions,
  readSeriesColumns
} from '../../src/store/series-cache.ts'
import { View } from '../../src/store/view.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'

const LAB = { project: 'lab', experiment: 'train', code: false, environment: false } as const
/** Files are made of any series. */
const EAGER: ReadColumnsOptions = { minTextBytes: 0 }
/** With a long name fewer points are many bytes. */
const NAME = 'a'.repeat(200)
const { hash } = createNodePlatform()

/** A workspace whose series can't be read as a whole. */
function withoutColumns(workspace: Workspace): Workspace {
  const { runs } = workspace
  const limited = {
    get: (address: string) => runs.get(address),
    seriesOverview: (address: string) => runs.seriesOverview(address)
  }
  return { runs: limited } as unknown as Workspace
}

describe('columns of long series', () => {
  let home: string
  let tracking: TestTracking
  let workspace: Workspace
  beforeEach(() => {
    home = makeTempFolder()
    tracking = createTestTracking(home)
    workspace = createWorkspace(tracking.store, { project: 'lab' })
  })
  afterEach(async () => {
    await workspace.close()
    removeTempFolder(home)
  })

  const folder = (): string => `${home}/lab.git/runtree/cache/series`
  const names = (): readonly string[] => (existsSync(folder()) ? readdirSync(folder()) : [])
  const keyOf = ({ id }: Run): KeyOf<'run'> => ({ kind: 'run', experiment: 'train', run: id })

  async function start(points: number, metric = 'loss'): Promise<Run> {
    const run = await tracking.startRun(LAB)
    for (let step = 0; step < points; step++) {
      run.log({ [metric]: Math.sin(step) }, { step })
      if (step % 3 === 0) run.log({ [metric]: step }, { step: step - (step % 2), split: 'test' })
    }
    return run
  }
  async function finished(points: number, metric?: string): Promise<Run> {
    const run = await start(points, metric)
    await run.finish()
    return run
  }
  async function read(run: Run, options = EAGER): Promise<readonly SeriesColumns[]> {
    const store = await tracking.project()
    return readSeriesColumns(
      store,
      (await viewOfRun(store, keyOf(run))) as View,
      keyOf(run),
      options
    )
  }
  /** The same by a view that can't read any text. */
  async function readFile(run: Run): Promise<readonly SeriesColumns[]> {
    const store = await tracking.project()
    const { objects, commitOid, treeOid } = (await store.viewOf(keyOf(run))) as View
    const readMany = (): never => {
      throw new TypeError('text is read')
    }
    const view = new View({ read: (oid) => objects.read(oid), readMany }, commitOid, treeOid)
    return readSeriesColumns(store, view, keyOf(run), EAGER)
  }
  /** What the points say that are read one by one. */
  async function pointsOf(run: Run): Promise<readonly object[]> {
    const all = new Map<string, { steps: number[]; times: number[]; values: number[] }>()
    for await (const { metric, split, step, time, value } of workspace.runs.series(run.address)) {
      const key = JSON.stringify([metric, split])
      const one = all.get(key) ?? { steps: [], times: [], values: [] }
      all.set(key, one)
      one.steps.push(step ?? Number.NaN)
      one.times.push(time)
      one.values.push(value)
    }
    return [...all].map(([key, arrays]) => ({ key, ...arrays }))
  }
  const plain = (columns: readonly SeriesColumns[]): readonly object[] =>
    columns.map(({ metric, split, steps, times, values }) => ({
      key: JSON.stringify([metric, split]),
      steps: [...steps],
      times: [...times],
      values: [...values]
    }))

  it('are in a file when the run has ended, which says what the points say', async () => {
    const run = await finished(9000, NAME)
    const path = `experiments/train/runs/${run.id[0]}/${run.id[1]}/${run.id}/series`
    const treeOid = git(`${home}/lab.git`, ['rev-parse', `experiments/train:${path}`]).trim()
    expect(names()).to.deep.equal([`${treeOid}.columns`])
    const expected = await pointsOf(run)
    expect(plain(await readFile(run))).to.deep.equal(expected)
    expect(plain(await workspace.runs.seriesColumns(run.address))).to.deep.equal(expected)
  })

  it('have an overview in the history, as long as it is of the series as they are', async () => {
    const metric = NAME
    const started = await tracking.startRun({ ...LAB, key: 'long' })
    for (let step = 0; step < 18_000; step++) started.log({ [metric]: Math.sin(step) }, { step })
    expect(await workspace.runs.seriesOverview(started.address)).to.equal(undefined)
    await started.finish()
    const [column] = await workspace.runs.seriesColumns(started.address)
    const { steps, times, values } = column as SeriesColumns
    const thinned = thinSeries({ steps, times, values }, OVERVIEW_POINTS, 'step')
    const overview = [{ metric, count: 18_000, ...thinned }]
    expect(await workspace.runs.seriesOverview(started.address)).to.deep.equal(overview)

    const { series } = createSeriesReader(withoutColumns(workspace))
    const answer = await series({ runs: [started.address], maxPoints: OVERVIEW_POINTS }, {})
    expect(answer.series).to.deep.equal([
      { run: started.address, metric, ...thinned, total: 18_000, isThinned: true }
    ])
    const other = await series({ runs: [started.address], metrics: ['other'] }, {})
    expect(other.series).to.deep.equal([])
    const part = createSeriesReader(workspace).series
    const near = await part({ runs: [started.address], from: 100, to: 200 }, {})
    expect(near.series[0]?.steps).to.deep.equal(steps.slice(99, 202))

    const again = await tracking.startRun({ ...LAB, key: 'long' })
    again.log({ [metric]: 7 }, { step: 20_000 })
    expect(await workspace.runs.seriesOverview(started.address)).to.equal(undefined)
    await again.finish()
    const grown = await workspace.runs.seriesOverview(started.address)
    expect(grown?.map(({ count }) => count)).to.deep.equal([18_001])
    expect([...(grown?.[0]?.steps.slice(-2) ?? [])]).to.deep.equal([17_999, 20_000])
    await workspace.metrics.delete(`${started.address}/metrics/${metric}`)
    expect(await workspace.runs.seriesOverview(started.address)).to.equal(undefined)
  })

  it('are read from the text if there is little, or some that is not committed', async () => {
    const short = await finished(50)
    expect(plain(await workspace.runs.seriesColumns(short.address))).to.deep.equal(
      await pointsOf(short)
    )
    expect(names()).to.deep.equal([])
    const live = await start(50)
    expect(plain(await read(live))).to.deep.equal(await pointsOf(live))
    expect(names()).to.deep.equal([])
    await live.finish()
    expect(plain(await read(live))).to.deep.equal(await pointsOf(live))
    expect(names()).to.have.length(1)
  })

  it('are those that are wanted, and that were not removed', async () => {
    const run = await start(20)
    for (let step = 0; step < 20; step++) run.log({ acc: step }, { step })
    await run.finish()
    await read(run)
    const picked = await read(run, { ...EAGER, metrics: new Set(['acc']) })
    expect(picked.map(({ metric }) => metric)).to.deep.equal(['acc'])
    await workspace.metrics.delete(`${run.address}/metrics/loss`)
    const left = await workspace.runs.seriesColumns(run.address)
    expect(plain(left)).to.deep.equal(await pointsOf(run))
    expect(left.map(({ metric }) => metric)).to.deep.equal(['acc'])
  })

  it('make room: those that were asked for longest ago go', async () => {
    const runs = [await finished(30), await finished(30), await finished(30)] as const
    await read(runs[0])
    const [first = ''] = names()
    const { length } = readFileSync(`${folder()}/${first}`)
    await read(runs[1])
    const second = names().find((name) => name !== first) as string
    for (const [name, ageSeconds] of [
      [first, 200],
      [second, 100]
    ] as const) {
      const at = Date.now() / 1000 - ageSeconds
      utimesSync(`${folder()}/${name}`, at, at)
    }
    await read(runs[0])
    await read(runs[2], { ...EAGER, maxBytes: length * 2.5 })
    expect(names()).to.have.length(2)
    expect(names()).to.include(first)
    await read(runs[1], { ...EAGER, maxBytes: length / 2 })
    expect(names()).to.have.length(2)
  })

  it('are read from the text, and made again, if the file is damaged or of another series', async () => {
    const [run, other] = [await finished(40), await finished(60)]
    const expected = plain(await read(run))
    const path = `${folder()}/${names()[0]}`
    const bytes = readFileSync(path)
    const damaged = Buffer.from(bytes)
    damaged[bytes.length - 3] = (damaged[bytes.length - 3] as number) ^ 8
    writeFileSync(path, damaged)
    expect(plain(await read(run))).to.deep.equal(expected)
    expect(readFileSync(path)).to.deep.equal(bytes)
    await read(other)
    const others = names().find((name) => !path.endsWith(name)) as string
    renameSync(`${folder()}/${others}`, path)
    expect(plain(await read(run))).to.deep.equal(expected)
    expect(readFileSync(path)).to.deep.equal(bytes)
  })

  it('are checked by verify, which removes what says something else', async () => {
    const [run, other] = [await finished(40), await finished(60)]
    await read(run)
    await read(other)
    expect((await workspace.verify({ in: 'lab' })).problems).to.deep.equal([])
    const [one, two] = names().map((name) => `${folder()}/${name}`) as [string, string]
    writeFileSync(one, readFileSync(one).subarray(0, -8))
    const stored = parseSeriesFile(readFileSync(two), hash)
    if (stored === undefined) throw new TypeError('it is whole')
    const [column] = stored.columns
    column?.values.set([7], 3)
    writeFileSync(two, formatSeriesFile(stored, hash))
    const { problems } = await workspace.verify({ in: 'lab', repair: true })
    expect(
      problems.map(({ code, where, isMended }) => ({ code, where, isMended }))
    ).to.have.deep.members(
      [one, two].map((where) => ({ code: 'STORE_CACHE_DAMAGED', where, isMended: true }))
    )
    expect(names()).to.deep.equal([])
  })

  it('have an overview that verify compares with the series, and repairs', async () => {
    const run = await tracking.startRun(LAB)
    for (let step = 0; step < 18_000; step++) run.log({ [NAME]: Math.sin(step) }, { step })
    await run.finish()
    const project = `${home}/lab.git`
    const path = `experiments/train/runs/${run.id[0]}/${run.id[1]}/${run.id}/overview.tsv`
    const atHead = (): string => git(project, ['show', `experiments/train:${path}`])
    const good = atHead()
    const put = (text: string): void => {
      const lines = [
        'commit refs/heads/experiments/train',
        'committer Ada <ada@x> 1800000000 +0000'
      ]
      lines.push('data 1', 'x', 'from refs/heads/experiments/train^0')
      lines.push(`M 100644 inline ${path}`, `data ${text.length}`, text)
      git(project, ['fast-import', '--quiet'], { input: `${lines.join('\n')}\n` })
    }
    const verify = async (repair = false): Promise<readonly object[]> =>
      (await workspace.verify({ in: 'lab', repair })).problems
    expect(await verify()).to.deep.equal([])
    const problem = { project: 'lab', where: path, code: 'STORE_OVERVIEW_WRONG', repair: 'remake' }
    for (const wrong of [
      good.replace(/\t[^\t\n]+\n$/, '\t7\n'),
      good.replace(/^count.*\n/m, ''),
      good.slice(0, good.lastIndexOf('\n', good.length - 2) + 1),
      good.slice(0, 46)
    ]) {
      put(wrong)
      const message = `${path} does not say what the series beside it say.`
      expect(await verify()).to.deep.equal([{ ...problem, message }])
    }
    const [mended] = await verify(true)
    expect(mended).to.include({ ...problem, isMended: true })
    expect(atHead()).to.equal(good)
    expect(await verify()).to.deep.equal([])
    // One of other series says nothing, and neither does what is none.
    put(good.replace(/^of\t../, 'of\t00').replace(/\t[^\t\n]+\n$/, '\t7\n'))
    expect(await verify()).to.deep.equal([])
    put('something else\n')
    expect(await verify()).to.deep.equal([])
  })

  it('go with the series: gc removes what is of none', async () => {
    const run = await finished(40)
    await read(run)
    const [kept = ''] = names()
    const gone = `${folder()}/${'3f'.repeat(20)}.columns`
    writeFileSync(gone, readFileSync(`${folder()}/${kept}`))
    await workspace.gc({ in: 'lab' })
    expect(names()).to.deep.equal([kept])
    const store: ProjectStore = await tracking.project()
    await dropSeriesColumns(store)
    expect(names()).to.deep.equal([kept])
  })
})
