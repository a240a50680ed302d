import { expect } from 'chai'
import { parseAssignments, parseFilters, sortRuns, TEXT_FIELDS } from '../../src/cli/listing.ts'
import type { StoredObject } from '../../src/service/objects.ts'

function run(id: string, fields: object): StoredObject<'run'> {
  return {
    kind: 'run',
    id,
    address: `p/e/${id}`,
    project: 'p',
    fields
  } as unknown as StoredObject<'run'>
}

const runs = [
  run('a', {
    status: 'finished',
    params: { k: 3, model: { depth: 2 } },
    metrics: { acc: { last: 0.9 } },
    tags: ['x']
  }),
  run('b', { status: 'failed', params: { k: 5 }, metrics: { acc: { last: 0.5, mean: 0.95 } } }),
  run('c', {
    status: 'finished',
    params: { 'model.depth': 7 },
    metrics: { acc: { last: Number.NaN } }
  })
]
const ids = (filters: string[]) => runs.filter(parseFilters(filters)).map(({ id }) => id)
const sorted = (sort: string) =>
  sortRuns(runs, sort)
    .map(({ id }) => id)
    .join('')

describe('filters', () => {
  it('know fields, parameters and tags', () => {
    expect(ids([])).to.deep.equal(['a', 'b', 'c'])
    expect(ids(['status=finished'])).to.deep.equal(['a', 'c'])
    expect(ids(['k=5'])).to.deep.equal(['b'])
    expect(ids(['params.k=3'])).to.deep.equal(['a'])
    expect(ids(['tag=x'])).to.deep.equal(['a'])
    expect(ids(['k=3', 'status=failed'])).to.deep.equal([])
  })

  it('reach into maps and names with dots', () => {
    expect(ids(['model.depth=2'])).to.deep.equal(['a'])
    expect(ids(['model.depth=7'])).to.deep.equal(['c'])
    expect(ids(['metrics.acc.last=0.5'])).to.deep.equal(['b'])
  })

  it('are refused without a name', () => {
    for (const filter of ['k', '=5']) {
      expect(() => parseFilters([filter]))
        .to.throw()
        .with.property('code', 'CLI_USAGE')
    }
  })
})

describe('sorting', () => {
  it('takes the mean of a metric, else the last value, and puts what is missing last', () => {
    expect(sorted('acc')).to.equal('abc')
    expect(sorted('-acc')).to.equal('bac')
    expect(sorted('k')).to.equal('abc')
    expect(sorted('-k')).to.equal('bac')
    expect(sorted('-status')).to.equal('acb')
  })

  it('refuses a name that no run knows', () => {
    expect(() => sorted('accuracy'))
      .to.throw('accuracy')
      .with.property('code', 'CLI_USAGE')
  })
})

describe('assignments', () => {
  it('make nested maps of typed values', () => {
    expect(
      parseAssignments(['lr=0.1', 'model.depth=3', 'model.kind=tree', 'note=a=b'])
    ).to.deep.equal({
      lr: 0.1,
      model: { depth: 3, kind: 'tree' },
      note: 'a=b'
    })
  })

  it('leave text fields text', () => {
    expect(parseAssignments(['version=1', 'rows=150'], TEXT_FIELDS)).to.deep.equal({
      version: '1',
      rows: 150
    })
  })

  it('are refused without a name', () => {
    expect(() => parseAssignments(['lr']))
      .to.throw()
      .with.property('code', 'CLI_USAGE')
  })
})
