import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'chai'
import { concatBytes } from '../../src/base/bytes.ts'
import type { RunReader, WantedIndex } from '../../src/base/run-reader.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { ReceivedRuns } from '../../src/query/index/received-runs.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { COMMITTER, openInFolder, type TestWorkspace } from '../support/workspaces.ts'

const RUNS = 640
const platform = createNodePlatform()
const QUESTION = {
  in: 'vision/train',
  columns: ['params', 'params.lr', 'metrics.loss', 'tags', 'name', 'notes', 'id', 'created'],
  sort: ['-params.lr', 'name'],
  limit: RUNS
}

/** Waits for the file of an index, which nobody else waits for. */
async function writtenIn(folder: string): Promise<void> {
  const untilMs = Date.now() + 60_000
  const isThere = (): boolean =>
    existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.idx'))
  while (!isThere()) {
    if (Date.now() > untilMs) throw new TypeError(`nothing was written to ${folder}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function rowsOf(
  { runs }: Workspace,
  filter?: string
): Promise<readonly (readonly unknown[])[]> {
  return [...(await runs.table({ ...QUESTION, ...(filter === undefined ? {} : { filter }) })).rows]
}

/** A reader in this thread, which misses those of the objects that `misses` says. */
function openReader(misses: (type: string, number: number) => boolean) {
  const received = new ReceivedRuns()
  const prepared: WantedIndex[] = []
  const asked: WantedIndex[] = []
  let count = 0
  const reader: RunReader = {
    get hasRuns() {
      return count > 0
    },
    start: () => undefined,
    take(type, name, bytes) {
      if (!misses(type, count++)) received.take(type, name, bytes)
    },
    drain: () => undefined,
    prepare: (commits) => prepared.push(...received.listWanted(commits)),
    async index(wanted) {
      asked.push(wanted)
      const parts = received.format(wanted, platform.hash)
      return parts && concatBytes(parts)
    }
  }
  return { reader, prepared, asked, count: () => count }
}

describe('records of runs that are read while they come', () => {
  let origin: TestWorkspace
  let expected: readonly (readonly unknown[])[]
  let names: readonly string[]

  before(async () => {
    origin = openInFolder()
    const { workspace } = origin
    await workspace.projects.create({ name: 'Vision' })
    for (const name of ['train', 'other']) await workspace.experiments.create({ name })
    await workspace.transaction(async (transaction) => {
      for (let k = 0; k < RUNS; k++) {
        await transaction.create('run', {
          in: 'vision/train',
          name: `run ${k}`,
          params: {
            lr: k % 7,
            ...(k % 3 === 0 ? { deep: { er: `é ${k}` } } : { list: [k, null] })
          },
          ...(k % 5 === 0
            ? {}
            : { metrics: { loss: { last: Math.sin(k), min: -1, max: 1, count: 1 } } }),
          tags: [`t${k % 4}`]
        })
      }
      await transaction.create('run', { in: 'vision/other', name: 'elsewhere', params: { q: 1 } })
    })
    expected = await rowsOf(workspace)
    names = await workspace.runs.names({ in: 'vision/train' })
    expect(expected).to.have.length(RUNS)
  })

  after(() => origin.close())

  const cases: readonly (readonly [string, (type: string, number: number) => boolean])[] = [
    ['all of them', () => false],
    ['some records', (type, number) => type === 'blob' && number % 3 === 0],
    ['some folders', (type, number) => type === 'tree' && number % 7 === 0],
    ['some of all', (_, number) => number % 3 === 0],
    ['none of them', () => true]
  ]
  for (const [name, misses] of cases) {
    it(`answer as if each was read at its place: ${name}`, async () => {
      const folder = makeTempFolder()
      const { reader, prepared, asked, count } = openReader(misses)
      const store = new WorkspaceStore(
        {
          files: createNodeFileSystem(),
          platform,
          committer: async () => COMMITTER,
          remotes: makeRemoteHost(),
          runReader: reader
        },
        `${folder}/clone`
      )
      const workspace = createWorkspace(store, { project: 'vision' })
      try {
        await workspace.clone(`${origin.folder}/vision.git`)
        expect(count()).to.be.at.least(RUNS)
        expect(await rowsOf(workspace)).to.deep.equal(expected)
        expect(await workspace.runs.names({ in: 'vision/train' })).to.deep.equal(names)
        expect(asked).to.have.length(1)
        if (name === 'all of them') {
          expect(prepared.map(({ experiment }) => experiment)).to.include.members([
            'other',
            'train'
          ])
          expect(prepared).to.deep.include(asked[0])
        }
        await writtenIn(`${folder}/clone/vision.git/runtree/cache/runs/train`)
        // An experiment of few runs is read at once.
        expect((await workspace.runs.table({ in: 'vision/other' })).total).to.equal(1)
        // What changes later is found, too.
        const id = expected[0]?.[6]
        await workspace.runs.update(`vision/train/${id}`, { notes: 'changed' })
        const changed = await rowsOf(workspace, 'notes = changed')
        expect(changed.map((row) => row[6])).to.deep.equal([id])
        expect(await rowsOf(workspace)).to.have.length(RUNS)
      } finally {
        await workspace.close()
        removeTempFolder(folder)
      }
    })
  }
})
