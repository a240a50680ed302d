import { expect } from 'chai'
import fc from 'fast-check'
import type { SeriesColumns } from '../../src/format/series-column.ts'
import { formatSeriesFile, isSeriesFile, parseSeriesFile } from '../../src/format/series-file.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'

const { hash } = createNodePlatform()
const OID = 'd670460b4b4aece5915caf5c68d12f560a9fe3e4'

const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 2 ** 53, -(2 ** 60), 0.1)
const numbers = (count: number): fc.Arbitrary<Float64Array> =>
  fc
    .oneof(
      fc
        .tuple(fc.oneof(fc.integer(), fc.double({ noNaN: true }), odd), fc.oneof(fc.nat(9), odd))
        .map(([from, by]) => Array.from({ length: count }, (_, at) => from + at * by)),
      fc.array(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_099_999 }), {
        minLength: count,
        maxLength: count
      }),
      fc.array(fc.oneof(fc.double(), odd), { minLength: count, maxLength: count })
    )
    .map((all) => Float64Array.from(all))
const column: fc.Arbitrary<SeriesColumns> = fc.nat(20).chain((count) =>
  fc.record(
    {
      metric: fc.string({ unit: 'grapheme' }),
      split: fc.string(),
      steps: numbers(count),
      times: numbers(count),
      values: numbers(count)
    },
    { requiredKeys: ['metric', 'steps', 'times', 'values'] }
  )
)

/** What tells -0 from 0, too. */
function bitsOf(columns: readonly SeriesColumns[]): readonly object[] {
  return columns.map(({ metric, split, ...arrays }) => ({
    metric,
    split,
    numbers: [arrays.steps, arrays.times, arrays.values].map((all) => [
      ...new BigUint64Array(Float64Array.from(all).buffer)
    ])
  }))
}

describe('files of series', () => {
  it('give back the same numbers, wherever their bytes lie', () => {
    fc.assert(
      fc.property(fc.array(column, { maxLength: 4 }), fc.nat(8), (columns, shift) => {
        const bytes = formatSeriesFile({ treeOid: OID, columns }, hash)
        const shifted = new Uint8Array(shift + bytes.length).subarray(shift)
        shifted.set(bytes)
        const parsed = parseSeriesFile(shifted, hash)
        expect(parsed?.treeOid).to.equal(OID)
        expect(bitsOf(parsed?.columns ?? [])).to.deep.equal(bitsOf(columns))
      }),
      { numRuns: 1000 }
    )
  })

  it('are refused if a byte is another one, or missing', () => {
    const steps = Float64Array.of(1, 2, 3)
    const columns = [{ metric: 'loss', steps, times: Float64Array.of(5, 7, 6), values: steps }]
    const bytes = formatSeriesFile({ treeOid: OID, columns }, hash)
    expect(parseSeriesFile(bytes, hash)).not.to.equal(undefined)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice()
      damaged[at] = (damaged[at] as number) ^ 1
      expect(parseSeriesFile(damaged, hash), `${at}`).to.equal(undefined)
      expect(parseSeriesFile(bytes.subarray(0, at), hash), `${at}`).to.equal(undefined)
      expect(isSeriesFile(damaged)).to.equal(at >= 4)
    }
  })

  it('have no bytes for steps that are evenly apart, and four for each moment of some weeks', () => {
    const count = 10_000
    const even = Float64Array.from({ length: count }, (_, at) => 5 + at * 10)
    const times = even.map((_, at) => 1_700_000_000_000 + at * 250_000 + (at % 7))
    const values = even.map(Math.sqrt)
    const columns = [{ metric: 'loss', steps: even, times, values }]
    const { length } = formatSeriesFile({ treeOid: OID, columns }, hash)
    expect(length).to.be.within(count * 12, count * 12 + 400)
  })
})
