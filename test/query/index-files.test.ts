import { expect } from 'chai'
import { createIndexCaches, type IndexLimits } from '../../src/query/index/index-cache.ts'
import { openRows } from '../../src/query/open-rows.ts'
import { type QueryScope, scanRuns } from '../../src/query/scan.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { View } from '../../src/store/view.ts'
import { git } from '../support/git.ts'
import { filesBelow, openInFolder, type TestWorkspace } from '../support/workspaces.ts'

const REF = 'refs/heads/experiments/train'
const FIELD = ['params', 'k']

/** Files are written after each change. */
const EAGER: IndexLimits = { minSavedRuns: 1, minUnsavedRuns: 1, minWornRows: 64 }

describe('the files of an index', () => {
  let opened: TestWorkspace
  let store: ProjectStore
  let folder: string
  beforeEach(async () => {
    opened = openInFolder(undefined, { dangling: false })
    await opened.workspace.projects.create({ name: 'Vision' })
    await opened.workspace.experiments.create({ name: 'Train' })
    store = await opened.project()
    folder = `${store.folder}/runtree/cache/runs/train`
  })
  afterEach(() => opened.close())

  const putRuns = (from: number, to: number): Promise<void> =>
    opened.workspace.transaction(async (transaction) => {
      for (let k = from; k < to; k++) {
        await transaction.create('run', { in: 'vision/train', params: { k } })
      }
    })
  const viewNow = async (): Promise<View> => (await store.view(REF)) as View
  const names = async (): Promise<readonly string[]> =>
    (await filesBelow(opened.files, folder)).map((path) => path.slice(folder.length + 1)).sort()

  /** Asks as a new process does; returns the values of the field and how many objects were read. */
  async function ask(
    limits = EAGER
  ): Promise<{ readonly values: readonly unknown[]; readonly read: number }> {
    const { objects, commitOid, treeOid } = await viewNow()
    let read = 0
    const counted = new Proxy(objects, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (name !== 'readMany') return typeof member === 'function' ? member.bind(target) : member
        return (oids: readonly string[]) => {
          read += oids.length
          return target.readMany(oids)
        }
      }
    })
    const scope: QueryScope = {
      store,
      view: new View(counted, commitOid, treeOid),
      below: { kind: 'experiment', experiment: 'train' },
      isNow: true,
      onDamaged: ({ error }) => {
        throw error
      }
    }
    const caches = createIndexCaches(store, 'train', limits)
    const sets = await openRows(scope, { fields: [FIELD], maps: [] }, 0, () => caches)
    const values = sets.flatMap((set) => {
      const reader = set.reader(FIELD)
      return Array.from({ length: set.count }, (_, row) => row)
        .filter((row) => set.isAlive?.(row))
        .map(reader)
    })
    const scanned = await scanRuns({ ...scope, view: await viewNow() }, new Set(), 0)
    const expected = Array.from({ length: scanned.count }, (_, row) => scanned.reader(FIELD)(row))
    expect(values.sort()).to.deep.equal(expected.sort())
    return { values, read }
  }

  it('are written once there are many runs, and spare the next process the reading', async () => {
    await putRuns(0, 600)
    const count = (on: TestWorkspace): Promise<number> =>
      on.workspace.runs.count({ in: 'train', filter: 'params.k < 300' })
    expect(await count(opened)).to.equal(300)
    expect(await names()).to.have.length(1)
    const other = opened.reopen()
    expect(await count(other)).to.equal(300)
    expect((await ask()).read).to.equal(0)
    await opened.workspace.runs.create({ in: 'vision/train', params: { k: -1 } })
    expect(await count(other)).to.equal(301)
    expect(await count(opened)).to.equal(301)
    expect(await names()).to.have.length(1)
  })

  it('take changes in a second file, until all are written anew', async () => {
    await putRuns(0, 70)
    await ask()
    const [base] = await names()
    await putRuns(70, 80)
    await opened.workspace.delete((await findRun(5)).address)
    await ask()
    const both = await names()
    expect(both)
      .to.have.length(2)
      .and.include(base as string)
    expect((await ask()).read).to.equal(0)
    await putRuns(80, 90)
    await ask()
    expect(await names())
      .to.have.length(2)
      .and.include(base as string)
      .and.not.deep.equal(both)
    await putRuns(90, 150)
    await ask()
    expect(await names())
      .to.have.length(1)
      .and.not.include(base as string)
    expect((await ask()).read).to.equal(0)
  })

  it('are made anew when any byte of them has changed, or is missing', async () => {
    await putRuns(0, 70)
    await ask()
    await putRuns(70, 80)
    await ask()
    const sound = new Map<string, Uint8Array>()
    for (const name of await names()) {
      sound.set(name, (await opened.files.read(`${folder}/${name}`)) as Uint8Array)
    }
    for (const [name, bytes] of sound) {
      for (const damage of damagesOf(bytes)) {
        await opened.files.removeFolder(folder, { recursive: true })
        await opened.files.makeFolder(folder)
        for (const [other, whole] of sound) {
          await opened.files.write(`${folder}/${other}`, other === name ? damage : whole)
        }
        await ask()
      }
    }
  }).timeout(120_000)

  it('of another experiment, of environments or of another form are not used', async () => {
    await putRuns(0, 70)
    await ask()
    const [name = ''] = await names()
    const path = `${folder}/${name}`
    const bytes = (await opened.files.read(path)) as Uint8Array
    const text = new TextDecoder('latin1').decode(bytes)
    for (const [from, to] of [
      ['"experiment":"train"', '"experiment":"other"'],
      ['"version":2', '"version":3']
    ] as const) {
      expect(text).to.contain(from)
      const { hash } = store.host.platform
      const foreign = Uint8Array.from(text.replace(from, to), (character) =>
        character.charCodeAt(0)
      )
      const length = new DataView(foreign.buffer).getUint32(4)
      foreign.set(hash.sha1(foreign.subarray(28, 28 + length)), 8)
      await opened.files.write(path, foreign)
      expect((await ask()).read).to.be.greaterThan(70)
    }
    await ask()
    await opened.files.makeFolder(folder.replace('/runs/', '/environments/'))
    await opened.files.write(path.replace('/runs/', '/environments/'), bytes)
    const filter = 'exists(environment)'
    expect(await opened.workspace.runs.count({ in: 'train', filter })).to.equal(0)
  })

  it('that another process replaced are found again', async () => {
    await putRuns(0, 70)
    const caches = createIndexCaches(store, 'train', EAGER)
    const view = await viewNow()
    const wanted = (name: string) => [{ field: ['params', name], raw: false }]
    await caches.run.open(view, wanted('k'), () => undefined)
    await caches.run.open(view, wanted('k'), () => undefined)
    await opened.files.removeFolder(folder, { recursive: true })
    const field = { field: ['created'], raw: false }
    const { result } = await caches.run.open(view, [field], (snapshot) => snapshot.count)
    expect(result).to.equal(70)
  })

  it('are right after a repack, a collection of garbage and a purge', async () => {
    await putRuns(0, 70)
    await ask()
    git(store.folder, ['repack', '-adfq'])
    expect((await ask()).read).to.equal(0)
    await opened.workspace.gc({ graceMs: 0 })
    expect((await ask()).read).to.equal(0)
    await opened.workspace.purge((await findRun(5)).address)
    const { values } = await ask()
    expect(values).to.have.length(69).and.not.include(5)
  })

  async function findRun(k: number): Promise<{ readonly address: string }> {
    const { rows } = await opened.workspace.runs.find({ in: 'train', filter: `params.k = ${k}` })
    return (rows[0] as { readonly run: { readonly address: string } }).run
  }
})

/** Yields a file with one byte changed here and there, and cut short. */
function* damagesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 24)) {
    const damaged = bytes.slice()
    damaged[at] = (damaged[at] as number) ^ 1
    yield damaged
  }
  for (const length of [0, 3, 27, 100, bytes.length >> 1, bytes.length - 9]) {
    yield bytes.slice(0, length)
  }
}
