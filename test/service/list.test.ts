import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { ListOptions } from '../../src/service/service.ts'
import {
  collect,
  fillWorkspace,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

const SUMMARY = { min: 0, max: 1, count: 1 }

for (const host of WORKSPACE_HOSTS) {
  describe(`a list ${host.name}`, () => {
    let opened: TestWorkspace
    before(async () => {
      opened = host.open()
      await fillWorkspace(opened)
      await opened.workspace.experiments.create({ in: 'vision', name: 'sorted' })
      const make = (id: string, fields: object): Promise<unknown> =>
        opened.workspace.runs.create({ in: 'vision/sorted', id, ...fields })
      await make('aaaaaaaaaaaa', {
        params: { k: 3, optimizer: { name: 'adam' } },
        tags: ['x', 'y']
      })
      await make('bbbbbbbbbbbb', {
        params: { k: 20 },
        metrics: { 'a.b/loss': { last: 0.5, ...SUMMARY } }
      })
      await make('cccccccccccc', { params: { 'k.l': 7 }, notes: 'no k' })
      await make('dddddddddddd', {
        params: { k: 3 },
        metrics: { 'a.b/loss': { last: Number.NaN, ...SUMMARY } }
      })
      await make('eeeeeeeeeeee', {
        params: { k: null },
        metrics: { 'a.b/loss': { last: 0.1, ...SUMMARY } }
      })
    })
    after(() => opened.close())

    const letters = async (options: ListOptions = {}): Promise<string> =>
      (await collect(opened.workspace.runs.list({ in: 'vision/sorted', ...options })))
        .map(({ id }) => id[0])
        .join('')

    it('comes in the order of ids', async () => {
      expect(await letters()).to.equal('abcde')
    })

    it('is sorted by numbers as numbers, missing values last either way', async () => {
      expect(await letters({ sort: 'params.k' })).to.equal('adbce')
      expect(await letters({ sort: '-params.k' })).to.equal('badce')
    })

    it('is sorted by fields whose names have dots and slashes, not-a-number last', async () => {
      expect(await letters({ sort: 'metrics.a.b/loss.last' })).to.equal('ebacd')
      expect(await letters({ sort: '-metrics.a.b/loss.last' })).to.equal('beacd')
    })

    it('is sorted by several fields', async () => {
      expect(await letters({ sort: ['params.k', '-metrics.a.b/loss.max', 'notes'] })).to.equal(
        'dabec'
      )
    })

    it('is limited after it is sorted', async () => {
      expect(await letters({ sort: '-params.k', limit: 2 })).to.equal('ba')
      expect(await letters({ limit: 3 })).to.equal('abc')
      expect(await letters({ limit: 0, sort: 'notes' })).to.equal('')
    })

    it('has what equals all fields of a filter', async () => {
      const cases: readonly [JsonObject, string][] = [
        [{ 'params.k': 3 }, 'ad'],
        [{ 'params.k': '3' }, ''],
        [{ 'params.optimizer.name': 'adam' }, 'a'],
        [{ 'params.optimizer': { name: 'adam' } }, 'a'],
        [{ 'params.k.l': 7 }, 'c'],
        [{ 'params.k': null }, 'e'],
        [{ tags: 'y' }, 'a'],
        [{ tags: ['x', 'y'] }, 'a'],
        [{ tags: ['x'] }, ''],
        [{ status: 'finished', 'params.k': 3, notes: 'x' }, ''],
        [{ 'metrics.a.b/loss.last': 0.5 }, 'b'],
        [{}, 'abcde']
      ]
      for (const [filter, expected] of cases) {
        expect(await letters({ filter }), JSON.stringify(filter)).to.equal(expected)
      }
    })

    it('covers the current project, or all projects without one', async () => {
      await opened.workspace.projects.put({ name: 'speech' })
      await opened.workspace.experiments.put({ in: 'speech', name: 'words' })
      const slugs = async (project: string | undefined): Promise<readonly string[]> => {
        const { workspace } = opened.reopen({ project })
        return (await collect(workspace.experiments.list())).map(({ address }) => address)
      }
      expect(await slugs('vision')).to.deep.equal(['vision/sorted', 'vision/train'])
      expect(await slugs('speech')).to.deep.equal(['speech/words'])
      const all = await collect(opened.workspace.projects.list({ sort: '-name' }))
      expect(all.map(({ id }) => id)).to.deep.equal(['speech', 'vision'])
      expect(await slugs(undefined)).to.deep.equal([
        'speech/words',
        'vision/sorted',
        'vision/train'
      ])
      expect(await slugs('none-such')).to.deep.equal([])
    })

    it('gives things as they were at a commit', async () => {
      const [experiment] = await collect(opened.workspace.experiments.history('vision/sorted'))
      const store = await opened.project()
      const commits = await collect(store.history({ kind: 'experiment', experiment: 'sorted' }))
      expect(await letters({ at: commits.at(-3) as string })).to.equal('ab')
      expect(await letters({ at: experiment?.commitOid as string })).to.equal('abcde')
    })

    it('can be broken off and ends when its signal does', async () => {
      for await (const run of opened.workspace.runs.list({ in: 'vision/sorted' })) {
        expect(run.id[0]).to.equal('a')
        break
      }
      const signal = AbortSignal.abort(new TypeError('enough'))
      const error = await letters({ signal }).catch((thrown) => thrown)
      expect(error).to.be.instanceOf(TypeError)
    })
  })
}

describe('lists of 2,000 runs', () => {
  it('give each once', async () => {
    const opened = WORKSPACE_HOSTS[0]?.open() as TestWorkspace
    await fillWorkspace(opened)
    await opened.workspace.transaction(async (transaction) => {
      for (let k = 0; k < 2000; k++) {
        await transaction.create('run', { in: 'vision/train', params: { k } })
      }
    })
    const listed = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
    expect(new Set(listed.map(({ fields }) => fields.params?.k))).to.have.property('size', 2000)
    expect(listed).to.have.length(2001)
    await opened.close()
  })
})
