import { expect } from 'chai'
import fc from 'fast-check'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { equalJson, type Json, type JsonObject } from '../../src/base/json.ts'
import {
  aggregateRows,
  formatRow,
  inferColumns,
  joinColumns,
  parseRows
} from '../../src/format/rows.ts'
import type { ResultColumn } from '../../src/model/records.ts'

const cell: fc.Arbitrary<Json> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, -Infinity, true, null, 'NaN', 'x', [1, 2], { a: 1 })
)
const row: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', '__proto__', 'c'), cell), { maxLength: 4 })
  .map(Object.fromEntries)
const plain = (columns: readonly ResultColumn[]): object =>
  new Map(columns.map(({ name, type }) => [name, type]))

describe('rows', () => {
  it('come back, with NaN and the infinities where a column is of numbers', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        const columns = rows.reduce(inferColumns, [] as readonly ResultColumn[])
        const numeric = columns.filter(({ type }) => type === 'number').map(({ name }) => name)
        const expected = rows.map((item) =>
          Object.fromEntries(
            Object.entries(item).map(([name, value]) => {
              const isWord = typeof value === 'number' && !Number.isFinite(value)
              const kept = isWord && !numeric.includes(name) ? String(value) : value
              return [name, Object.is(kept, -0) ? 0 : kept]
            })
          )
        )
        const read = parseRows(encodeUtf8(rows.map(formatRow).join('')), columns)
        expect(read.broken).to.equal(0)
        expect(equalJson(read.rows, expected), JSON.stringify(rows)).to.equal(true)
      }),
      { numRuns: 500 }
    )
  })

  it('leave out a torn last line and broken ones, and count them', () => {
    const bytes = encodeUtf8('{"a":1}\nnonsense\n[1]\n3\n\n{"a":2}\n{"a":')
    expect(parseRows(bytes)).to.deep.equal({ rows: [{ a: 1 }, { a: 2 }], broken: 5 })
    expect(parseRows(new Uint8Array())).to.deep.equal({ rows: [], broken: 0 })
  })

  it('have columns in the order in which they came', () => {
    const rows: readonly JsonObject[] = [
      { id: 1, truth: 'a', note: null },
      { id: 2, score: 0.5, truth: 'b', ok: true },
      { id: NaN, score: 1, probabilities: [0.5], note: 'x', ok: 'maybe' }
    ]
    expect(rows.reduce(inferColumns, [])).to.deep.equal([
      { name: 'id', type: 'number' },
      { name: 'truth', type: 'string' },
      { name: 'score', type: 'number' },
      { name: 'ok', type: 'json' },
      { name: 'probabilities', type: 'json' },
      { name: 'note', type: 'string' }
    ])
  })

  it('have types that do not depend on their order', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (a, b) => {
        const columnsOf = (rows: readonly JsonObject[]): readonly ResultColumn[] =>
          rows.reduce(inferColumns, [] as readonly ResultColumn[])
        const all = plain(columnsOf([...a, ...b]))
        expect(plain(columnsOf([...b, ...a].reverse()))).to.deep.equal(all)
        expect(plain(joinColumns(columnsOf(b), columnsOf(a)))).to.deep.equal(all)
      })
    )
  })

  it('are summed up by column of numbers', () => {
    const rows: readonly JsonObject[] = [{ x: 1, y: NaN }, { x: 3, y: 2 }, { z: 'a' }, { x: null }]
    const columns = [
      { name: 'y', type: 'number' },
      { name: 'x', type: 'integer' },
      { name: 'z', type: 'string' },
      { name: 'constructor', type: 'number' }
    ] as const
    expect(aggregateRows(rows, columns)).to.deep.equal({
      x: { count: 2, min: 1, max: 3, mean: 2 },
      y: { count: 2, min: 2, max: 2, mean: NaN }
    })
  })
})
