import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { FindOptions } from '../../src/service/query.ts'
import { failure, type TestWorkspace, WORKSPACE_HOSTS } from '../support/workspaces.ts'

const metric = (last: number): JsonObject => ({ last, min: last / 2, max: last, count: 2 })

for (const host of WORKSPACE_HOSTS) {
  describe(`questions ${host.name}`, () => {
    let opened: TestWorkspace
    before(async () => {
      opened = host.open()
      const { workspace } = opened
      await workspace.projects.create({ name: 'Vision' })
      await workspace.experiments.create({
        name: 'Train',
        tags: ['main'],
        metrics: { accuracy: { goal: 'maximize' } }
      })
      await workspace.experiments.create({ name: 'Test', metrics: { loss: { goal: 'minimize' } } })
      await workspace.datasets.create({ name: 'iris', license: 'CC0' })
      const runs: readonly [string, string, object][] = [
        [
          'train',
          'a',
          { params: { optimizer: 'adam', lr: 0.1 }, metrics: { accuracy: metric(0.9) } }
        ],
        [
          'train',
          'b',
          { params: { optimizer: 'sgd', lr: 0.01 }, metrics: { accuracy: metric(0.8) } }
        ],
        [
          'train',
          'c',
          { params: { optimizer: 'adam' }, metrics: { accuracy: metric(0.7) }, tags: ['debug'] }
        ],
        [
          'train',
          'd',
          { params: { optimizer: 'adam', lr: 1 }, notes: 'no metric', datasets: { iris: {} } }
        ],
        ['test', 'e', { params: { lr: 0.5 }, metrics: { loss: metric(3), accuracy: metric(0.95) } }]
      ]
      for (const [experiment, letter, fields] of runs) {
        await workspace.runs.create({ in: experiment, id: letter.repeat(12), ...fields })
      }
      await workspace.environments.put({ in: `train/${'b'.repeat(12)}`, host: 'node7' })
    })
    after(() => opened.close())

    const found = async (options: FindOptions): Promise<string> =>
      (await opened.workspace.runs.find({ sort: 'id', ...options })).rows
        .map(({ run }) => run.id[0])
        .join('')

    it('find runs by every kind of field', async () => {
      const cases: readonly (readonly [string, string])[] = [
        ['metrics.accuracy >= 0.8', 'abe'],
        ['accuracy > 0.8 and not optimizer = sgd', 'ae'],
        ['params.lr in [0.1, 0.01] or tags has debug', 'abc'],
        ['exists(params.lr) and not exists(accuracy)', 'd'],
        ['metrics.accuracy.min < 0.4', 'c'],
        ['optimizer ~ "^ad"', 'acd'],
        ['experiment = test', 'e'],
        ['experiment.tags has main', 'abcd'],
        ['environment.host = node7', 'b'],
        ['dataset.license = CC0', 'd'],
        ['created > now - 1h', opened.onDisk ? 'abcde' : ''],
        ['created < now + 100w', 'abcde'],
        ['notes ~ metric', 'd'],
        ['', 'abcde']
      ]
      for (const [filter, expected] of cases) {
        if (filter === 'created > now - 1h' && !opened.onDisk) continue
        expect(await found({ filter }), filter).to.equal(expected)
      }
      expect(await found({ filter: { 'params.optimizer': 'sgd' } })).to.equal('b')
      expect(
        await found({ filter: { op: '<', field: ['metrics', 'accuracy'], value: 0.8 } })
      ).to.equal('c')
    })

    it('sort by several fields, missing ones last, and cut', async () => {
      expect(await found({ sort: '-metrics.accuracy' })).to.equal('eabcd')
      expect(await found({ sort: 'accuracy' })).to.equal('cbaed')
      expect(await found({ sort: ['optimizer', '-lr'] })).to.equal('dacbe')
      expect(await found({ sort: 'accuracy', offset: 1, limit: 2 })).to.equal('ba')
      const { total, rows, columns } = await opened.workspace.runs.find({
        in: 'train',
        sort: 'id',
        limit: 1,
        columns: ['params.lr', 'accuracy', 'nothing']
      })
      expect({ total, columns }).to.deep.equal({
        total: 4,
        columns: ['params.lr', 'accuracy', 'nothing']
      })
      expect(rows[0]?.values).to.deep.equal([0.1, 0.9, undefined])
    })

    it('give the fields of runs as a table, without the runs', async () => {
      const { runs } = opened.workspace
      const some = await runs.table({ in: 'train', sort: 'lr', limit: 2, columns: ['id', 'lr'] })
      expect({ ...some, rows: [...some.rows] }).to.deep.equal({
        columns: ['id', 'lr'],
        rows: [
          ['bbbbbbbbbbbb', 0.01],
          ['aaaaaaaaaaaa', 0.1]
        ],
        count: 2,
        total: 4,
        unknown: []
      })
      const all = await runs.table({ filter: 'notes ~ metric' })
      expect(all.columns).to.include.members(['address', 'notes', 'params.lr', 'params.optimizer'])
      expect(all.columns).to.not.include('tags').and.to.not.include('metrics.accuracy')
      expect((await runs.table({ columns: ['acuracy'] })).unknown[0]).to.include({
        field: 'acuracy',
        suggestion: 'accuracy'
      })
    })

    it('list the names that runs gave, not those of runs that are gone', async () => {
      const { runs } = opened.workspace
      const names = (): Promise<readonly string[]> => runs.names({ in: 'train' })
      const before = await names()
      expect(before).to.include.members(['params.optimizer', 'metrics.accuracy'])
      const { address } = await runs.create({ in: 'train', params: { odd: 1 } })
      expect(await names()).to.deep.equal([...before, 'params.odd'].sort())
      await runs.delete(address)
      expect(await names()).to.deep.equal(before)
    })

    it('count, and group with aggregates', async () => {
      const { runs } = opened.workspace
      expect(await runs.count({ filter: 'accuracy < 0.9' })).to.equal(2)
      const { groups, total } = await runs.group({ by: ['optimizer'], aggregate: ['accuracy'] })
      expect(total).to.equal(5)
      expect(groups.map(({ key, count }) => [...key, count])).to.deep.equal([
        ['adam', 3],
        ['sgd', 1],
        [undefined, 1]
      ])
      const adam = groups[0]?.aggregates.accuracy
      expect(adam).to.include({ count: 2, min: 0.7, max: 0.9 })
      expect(adam?.mean).to.be.closeTo(0.8, 1e-12)
      expect(adam?.median).to.be.closeTo(0.8, 1e-12)
      expect(adam?.std).to.be.closeTo(Math.SQRT2 / 10, 1e-12)
    })

    it('give the best by the declared goal, and refuse to guess one', async () => {
      const { runs } = opened.workspace
      const best = await runs.best({ in: 'train' })
      expect(best.rows.map(({ run, values }) => [run.id[0], ...values])).to.deep.equal([['a', 0.9]])
      expect((await runs.best({ in: 'train', goal: 'minimize', limit: 2 })).rows).to.have.length(2)
      expect((await runs.best({ in: 'train', limit: undefined })).rows).to.have.length(1)
      expect(await failure(runs.best({ in: 'train', metric: 'loss' }))).to.include({
        code: 'QUERY_GOAL'
      })
      expect(await failure(runs.best())).to.include({ code: 'QUERY_GOAL' })
    })

    it('tell of fields that no run has, and of those that can’t be', async () => {
      const { runs } = opened.workspace
      const { unknown } = await runs.find({ filter: 'metrics.acuracy > 1', sort: 'params.l' })
      expect(unknown).to.deep.include({
        field: 'metrics.acuracy',
        suggestion: 'metrics.accuracy',
        at: 0
      })
      const wrong = await failure(runs.find({ filter: 'environment.hots = x' }))
      expect(wrong).to.include({ code: 'QUERY_FIELD' })
      expect(wrong.message).to.include('environment.host')
      for (const [filter, meant] of [
        ['started > yesterday', 'started > now - 7d'],
        ['finished < 12h', 'finished < now - 12h'],
        ['k = 1 and time >= 5', 'time >= now - 7d']
      ]) {
        const refused = await failure(runs.find({ filter }))
        expect(refused, filter).to.include({ code: 'QUERY_FIELD' })
        expect(refused.message).to.include('is a moment').and.to.include(`Did you mean ${meant}?`)
      }
      const asText = { op: '>', field: ['started'], value: '2026-11-01' } as const
      expect(await runs.count({ filter: asText })).to.be.a('number')
      expect(await runs.count({ filter: 'started > 2026-11-01 and not started < now' })).to.equal(0)
    })
  })
}
