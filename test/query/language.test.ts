import { expect } from 'chai'
import fc from 'fast-check'
import { EVERYTHING, type Filter } from '../../src/query/language/filter.ts'
import { readFilter } from '../../src/query/language/filter-data.ts'
import { formatField, formatFilter } from '../../src/query/language/format.ts'
import { formatDurationMs, parseDurationMs } from '../../src/query/language/moment.ts'
import { parseField, parseFilter } from '../../src/query/language/parse.ts'
import { filterOf } from './arbitraries.ts'

const one = (text: string): unknown => parseFilter(text)
const mistake = (text: string): { code: string; message: string; data: { at: number } } => {
  try {
    parseFilter(text)
  } catch (error) {
    return error as never
  }
  throw new TypeError(`${text.slice(0, 80)} was understood`)
}

describe('filters as text', () => {
  it('are what was meant', () => {
    expect(
      parseFilter(
        'metrics.accuracy >= 0.9 and (params.optimizer = "adam" or params.lr in [0.1, 0.01]) and not tags has "debug"'
      )
    ).to.deep.equal({
      op: 'and',
      filters: [
        { op: '>=', field: ['metrics', 'accuracy'], value: 0.9 },
        {
          op: 'or',
          filters: [
            { op: '=', field: ['params', 'optimizer'], value: 'adam' },
            { op: 'in', field: ['params', 'lr'], values: [0.1, 0.01] }
          ]
        },
        { op: 'not', filter: { op: 'has', field: ['tags'], value: 'debug' } }
      ]
    })
  })

  it('have every kind of value', () => {
    const values: readonly (readonly [string, unknown])[] = [
      ['1', 1],
      ['-2.5e-3', -0.0025],
      ['+.5', 0.5],
      ['"a\\"b\\u0041"', 'a"bA'],
      [`'it\\'s "so"'`, 'it\'s "so"'],
      ['adam', 'adam'],
      ['3f2a91c0ffee', '3f2a91c0ffee'],
      ['k3f9q2xab7mt', 'k3f9q2xab7mt'],
      ['vision/train', 'vision/train'],
      ['true', true],
      ['false', false],
      ['null', null],
      ['NaN', Number.NaN],
      ['-Infinity', Number.NEGATIVE_INFINITY],
      ['2026-11-23', { time: '2026-11-23' }],
      ['2026-11-23T07:20:00.123Z', { time: '2026-11-23T07:20:00.123Z' }],
      ['2026-11-23T07:20+02:00', { time: '2026-11-23T07:20+02:00' }],
      ['now', { now: 0 }],
      ['now - 7d', { now: -604_800_000 }],
      ['now-7d', { now: -604_800_000 }],
      ['now + 1h30m', { now: 5_400_000 }],
      ['nowhere', 'nowhere'],
      ['10m', { durationMs: 600_000 }],
      ['1.5h', { durationMs: 5_400_000 }],
      ['250ms', { durationMs: 250 }],
      ['[1, "a", null]', { json: [1, 'a', null] }],
      ['{"k": {"l": NaN}}', { json: { k: { l: Number.NaN } } }]
    ]
    for (const [text, value] of values) {
      expect(one(`x = ${text}`), text).to.deep.equal({ op: '=', field: ['x'], value })
      expect(one(`(x=${text} )`), text).to.deep.equal({ op: '=', field: ['x'], value })
    }
  })

  it('name fields with slashes, dashes, dots and quotes', () => {
    expect(parseField('metrics.train/loss.min')).to.deep.equal(['metrics', 'train/loss', 'min'])
    expect(parseField('metrics."a.b c".last')).to.deep.equal(['metrics', 'a.b c', 'last'])
    expect(parseField("params.'it\\'s'.0")).to.deep.equal(['params', "it's", '0'])
    expect(parseField('params.val-acc')).to.deep.equal(['params', 'val-acc'])
    expect(parseField('params.größe')).to.deep.equal(['params', 'größe'])
    expect(formatField(['not', 'a b', 'in'])).to.equal('"not"."a b".in')
  })

  it('bind “not” before “and” before “or”, and know capital letters', () => {
    const as = (text: string): string => formatFilter(parseFilter(text))
    expect(as('a = 1 or b = 2 and not c = 3 or d = 4')).to.equal(
      'a = 1 or b = 2 and not c = 3 or d = 4'
    )
    expect(as('(a = 1 OR b == 2) AND NOT (c<>3)')).to.equal('(a = 1 or b = 2) and not c != 3')
    expect(as('a not in [1] and b not has x and c !~ "y"')).to.equal(
      'not a in [1] and not b has "x" and not c ~ "y"'
    )
    expect(as('exists(params.lr)')).to.equal('exists(params.lr)')
    expect(as('  ')).to.equal('')
  })

  it('show the place of a mistake', () => {
    const cases: readonly (readonly [string, number, string])[] = [
      ['metrics.acc >= and x = 1', 15, ''],
      ['status', 6, 'an operator'],
      ['status = ', 9, 'a value'],
      ['(a = 1', 0, 'not closed'],
      ['a = 1)', 5, 'no parenthesis'],
      ['a = 1 && b = 2', 6, 'Did you mean and?'],
      ['a = 1 || b = 2', 6, 'Did you mean or?'],
      ['!a = 1', 0, 'Did you mean not?'],
      ['a = "b', 4, 'no end'],
      ['a in 1', 5, 'a list'],
      ['a in [1 2]', 8, '“,” or “]”'],
      ['exists x', 7, 'exists(params.lr)'],
      ['and a = 1', 0, 'before “and”'],
      ['a. = 1', 2, 'a name'],
      ['a = 2026-13-45', 4, 'no number, date or duration'],
      ['a ~ 5', 4, 'a regular expression'],
      ['a = 1 b = 2', 6, '“and”, “or” or the end'],
      ['started > now - x', 16, 'now - 7d']
    ]
    for (const [text, at, words] of cases.slice(1)) {
      const { code, data, message } = mistake(text)
      expect([code, data.at], text).to.deep.equal(['QUERY_SYNTAX', at])
      expect(message).to.include(words)
    }
    expect(mistake('status = and').message.split('\n')).to.deep.equal([
      "The filter can't be understood: a value is expected, not the word “and”.",
      '  status = and',
      '           ^',
      'Did you mean "and"?'
    ])
  })

  it('come back from their text', () => {
    fc.assert(
      fc.property(filterOf, (filter) => {
        expect(parseFilter(formatFilter(filter))).to.deep.equal(filter)
      }),
      { numRuns: 2000 }
    )
  })

  it('come back from data, through JSON where JSON can hold them', () => {
    fc.assert(
      fc.property(filterOf, (filter) => {
        expect(readFilter(filter).filter).to.deep.equal(filter)
      }),
      { numRuns: 500 }
    )
  })

  it('are refused in bounded time however hostile', () => {
    const deep = '('.repeat(19_000)
    const cases = [
      deep,
      'not '.repeat(4900),
      `a = ${'['.repeat(19_000)}`,
      'a=1 and '.repeat(2400),
      `${'a.'.repeat(9000)}`,
      `a = "${'\\'.repeat(19_000)}`,
      `a in [${'1,'.repeat(9000)}`,
      'x'.repeat(20_001),
      `a = 1${'-1'.repeat(9000)}`,
      `a = ${'1h.'.repeat(6000)}`,
      `a = '${'"'.repeat(19_000)}`
    ]
    const start = performance.now()
    for (const text of cases) expect(mistake(text).code).to.equal('QUERY_SYNTAX')
    expect(performance.now() - start).to.be.below(2000)
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab.()[]{}"\'\\=<>!~ ,:0129-+ednow') }),
        (text) => {
          try {
            const filter = parseFilter(text)
            expect(parseFilter(formatFilter(filter))).to.deep.equal(filter)
          } catch (error) {
            expect(error).to.have.property('code', 'QUERY_SYNTAX')
          }
        }
      ),
      { numRuns: 3000 }
    )
  })
})

describe('filters as data', () => {
  const read = (data: unknown): Filter => readFilter(data as Filter).filter

  it('may be a map of fields that must equal values', () => {
    expect(read({})).to.deep.equal(EVERYTHING)
    expect(read({ 'params.k': 5 })).to.deep.equal({ op: '=', field: ['params', 'k'], value: 5 })
    expect(read({ op: 'sum' })).to.deep.equal({ op: '=', field: ['op'], value: 'sum' })
    expect(read({ op: '=' })).to.deep.equal({ op: '=', field: ['op'], value: '=' })
    expect(formatFilter(read({ tags: ['x'], parent: undefined }))).to.equal(
      'tags = ["x"] and not exists(parent)'
    )
  })

  it('may name fields by text, and lists of one', () => {
    const filter = { op: 'and', filters: [{ op: 'exists', field: 'params."a.b"' }] }
    expect(read(filter)).to.deep.equal({ op: 'exists', field: ['params', 'a.b'] })
  })

  it('are refused with the place of the mistake', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [5, 'the filter'],
      [{ op: 'not', filter: 5 }, '.filter'],
      [{ op: 'or', filters: [] }, '.filters'],
      [{ op: 'or', filters: [{ op: 'exists', field: [] }] }, '.filters[0].field'],
      [{ op: '=', field: ['a'] }, '.value'],
      [{ op: '=', field: ['a'], value: { time: 'soon' } }, '.value'],
      [{ op: 'in', field: ['a'], values: 1 }, '.values'],
      [{ op: 'has', field: ['a'], value: null }, '.value'],
      [{ op: '~', field: ['a'], pattern: 1 }, '.pattern']
    ]
    for (const [data, path] of cases) {
      expect(() => read(data), JSON.stringify(data))
        .to.throw()
        .with.deep.include({ code: 'QUERY_FILTER' })
        .and.have.nested.property('data.path', path)
    }
  })
})

describe('durations', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(fc.nat(), (durationMs) => {
        expect(parseDurationMs(formatDurationMs(durationMs))).to.equal(durationMs)
      })
    )
    expect(['90s', '1h30m', '2w', '0s', '5', 'h', '1x'].map(parseDurationMs)).to.deep.equal([
      90_000,
      5_400_000,
      1_209_600_000,
      0,
      undefined,
      undefined,
      undefined
    ])
  })
})
