import { expect } from 'chai'
import fc from 'fast-check'
import { formatCsv } from '../../src/dashboard/parts/csv.ts'
import { formatRoute, parseRoute } from '../../src/dashboard/route.ts'
import { formatFilterValue, placeInFilter } from '../../src/dashboard/table/completion.ts'
import { splitFields } from '../../src/dashboard/table/field-list.ts'
import { heatOf } from '../../src/dashboard/table/heat.ts'
import { readTableState, tableParams, toggleSort } from '../../src/dashboard/table/table-state.ts'
import { parseFilter } from '../../src/service/query.ts'

describe('what the address of the dashboard says', () => {
  it('is read as it was written, whatever the names', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('/'))
    const params = fc.dictionary(
      name.filter((text) => text !== '__proto__'),
      fc.string({ minLength: 1 })
    )
    fc.assert(
      fc.property(fc.array(name, { maxLength: 3 }), params, (names, given) => {
        const route = { page: 'runs', address: names.join('/'), params: { ...given } } as const
        expect(parseRoute(formatRoute(route))).to.deep.equal(route)
      })
    )
  })

  it('may be an address alone', () => {
    expect(parseRoute('#iris/svc/k3f9').page).to.equal('run')
    expect(parseRoute('#iris/svc')).to.deep.include({ page: 'runs', address: 'iris/svc' })
    expect(parseRoute('#/').page).to.equal('projects')
    expect(parseRoute('#/nowhere/iris')).to.deep.equal({
      page: 'unknown',
      address: '',
      params: { path: 'nowhere/iris' }
    })
  })

  it('holds columns, order and groups, with names that have commas', () => {
    const state = readTableState({
      cols: '!metrics."a,b"~120,params.lr',
      sort: '-metrics."a,b",name',
      by: 'params.k'
    })
    expect(state.columns).to.deep.equal([
      { field: 'metrics."a,b"', isPinned: true, width: 120 },
      { field: 'params.lr', isPinned: false }
    ])
    expect(state.sort[0]).to.deep.equal({ field: 'metrics."a,b"', isDescending: true })
    const { cols, sort, by } = tableParams(state)
    expect(readTableState({ cols, sort, by })).to.deep.equal(state)
    expect(splitFields('a, "b,\\",c" ,d')).to.deep.equal(['a', '"b,\\",c"', 'd'])
  })

  it('sorts, turns and ends with one click each', () => {
    const click = (sort: Parameters<typeof toggleSort>[0]) =>
      toggleSort(sort, 'x', { isAdded: false, descendsFirst: true })
    const once = click([])
    expect(once).to.deep.equal([{ field: 'x', isDescending: true }])
    expect(click(once)).to.deep.equal([{ field: 'x', isDescending: false }])
    expect(click(click(once))).to.deep.equal([])
  })
})

describe('the completion of a filter', () => {
  const expected: readonly (readonly [string, string, string])[] = [
    ['', 'field', ''],
    ['par', 'field', 'par'],
    ['params.lr ', 'operator', ''],
    ['params.lr >= ', 'value', ''],
    ['params.lr >= 0.1 ', 'joiner', ''],
    ['params.lr >= 0.1 and not st', 'field', 'st'],
    ['status in [failed, fin', 'value', 'fin'],
    ['status in [failed] o', 'joiner', 'o'],
    ['metrics."train/loss".mi', 'field', 'metrics."train/loss".mi'],
    ['exists(par', 'field', 'par'],
    ['exists(params.lr) ', 'joiner', '']
  ]
  for (const [text, place, word] of expected) {
    it(`knows that a ${place} follows “${text}”`, () => {
      expect(placeInFilter(text, text.length)).to.deep.include({ expected: place, word })
    })
  }

  it('writes values so that they are read as what they are', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(parseFilter(`a = ${formatFilterValue(value)}`)).to.deep.include({ value })
      })
    )
  })
})

describe('the colours of metrics', () => {
  it('go from the worst over the median to the best', () => {
    const numbers = { count: 3, min: 0, median: 1, max: 1000, mean: 300 }
    const heat = heatOf(new Map([['loss', 'minimize']]), { loss: numbers })
    expect([0, 1, 1000].map((value) => heat('loss', value))).to.deep.equal([1, 0.5, 0])
    expect(heat('loss', Number.NaN)).to.equal(undefined)
    expect(heat('other', 1)).to.equal(undefined)
  })
})

describe('a table as CSV', () => {
  it('quotes, and takes the sting out of formulas', () => {
    const values = ['=HYPERLINK("x")', -1, null, 'a\nb', undefined, { a: [1] }, true]
    const text = formatCsv({ head: ['a', 'b, c', '=d'], rows: [values] })
    expect(text).to.equal(
      'a,"b, c",\'=d\r\n"\'=HYPERLINK(""x"")",-1,,"a\nb",,"{""a"":[1]}",true\r\n'
    )
  })
})
