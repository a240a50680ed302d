import { expect } from 'chai'
import fc from 'fast-check'
import { compareCodePoints } from '../../src/base/bytes.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { RunRecord } from '../../src/model/records.ts'
import { aggregate } from '../../src/query/aggregate.ts'
import { compareValues } from '../../src/query/language/evaluate.ts'
import { prepareFilter } from '../../src/query/language/prepare.ts'
import { readSort } from '../../src/query/language/sort-key.ts'
import { rankRows } from '../../src/query/ranks.ts'
import type { RowSet } from '../../src/query/row-set.ts'
import { matchRows, sortRows } from '../../src/query/search.ts'
import { createSubjectRows } from '../../src/query/subject-rows.ts'
import { paramValue } from './arbitraries.ts'

/** A run of the test: where it lies, in which of the sets, and what it has. */
interface Placed {
  readonly address: string
  readonly set: number
  readonly params: JsonObject
}

const value: fc.Arbitrary<Json> = fc.oneof(
  paramValue,
  fc.constantFrom<Json>(
    -0,
    0,
    Number.POSITIVE_INFINITY,
    true,
    false,
    '\ue000',
    '😀',
    '',
    '10',
    '9'
  ),
  fc.constantFrom<Json>('2026-11-20T10:00:00.000Z', '2026-11-23T07:20:00.123Z'),
  fc.double(),
  fc.string({ maxLength: 3, unit: 'binary' })
)

const placed: fc.Arbitrary<readonly Placed[]> = fc.uniqueArray(
  fc.record({
    address: fc.stringMatching(/^p\/[ab]\/[0-9a-c]{3}$/),
    set: fc.nat(2),
    params: fc.record({ k: value, lr: value }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>
  }),
  { maxLength: 60, selector: ({ address }) => address }
)

/** Makes a set, whose rows come in any order; `isRanked`: it knows the orders of its fields. */
function setOf(runs: readonly Placed[], isRanked: boolean): RowSet {
  const subjects = runs.map(({ address, params }) => {
    const [project = '', experiment = '', id = ''] = address.split('/')
    return { id, address, project, experiment, fields: { params } }
  })
  const loaded = subjects.map(({ id, experiment, fields }) => ({
    store: { slug: 'p' } as never,
    key: { kind: 'run', experiment, run: id } as const,
    record: fields as unknown as RunRecord,
    commitOid: ''
  }))
  const set = createSubjectRows(subjects, loaded, 0)
  if (!isRanked) return set
  const every = Uint32Array.from(runs.keys())
  return { ...set, ranks: (field) => rankRows(every, runs.length, set.reader(field)) }
}

describe('orders of rows', () => {
  it('are those of their values, whatever sets they lie in', async () => {
    const everything = await prepareFilter('run', undefined)
    const sort = fc.uniqueArray(
      fc.constantFrom('params.k', '-params.k', 'params.lr', '-params.lr'),
      {
        maxLength: 2,
        selector: (key) => key.replace('-', '')
      }
    )
    fc.assert(
      fc.property(placed, sort, fc.nat(9), fc.nat(30), fc.boolean(), (...given) => {
        const [runs, keys, offset, limit, isRanked] = given
        const sets = [0, 1, 2].map((which) =>
          setOf(
            runs.filter((run) => run.set === which),
            which === 0 || isRanked
          )
        )
        const wanted = readSort(keys)
        const expected = [...runs].sort((a, b) => {
          for (const { field, isDescending } of wanted) {
            const [one, other] = [a, b].map(({ params }) => params[field[1] as string])
            const order = compareValues(one, other, isDescending ? -1 : 1)
            if (order !== 0) return order
          }
          return compareCodePoints(a.address, b.address)
        })
        const found = sortRows(matchRows(sets, everything, 0), wanted, { offset, limit })
        expect(found.map(({ set, row }) => set.addressOf(row))).to.deep.equal(
          expected.slice(offset, offset + limit).map(({ address }) => address)
        )
      }),
      { seed: Number(process.env.RUNTREE_SEED ?? 7), numRuns: 500 }
    )
  })
})

describe('sums of numbers', () => {
  it('have the median that the numbers have in order', () => {
    const number = fc.oneof(
      fc.constantFrom(0, 1, 2, 5, Number.NEGATIVE_INFINITY),
      fc.double({ noNaN: true, max: 1e300, min: -1e300 })
    )
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 50 }), (numbers) => {
        const sorted = [...numbers].sort((a, b) => a - b)
        const middle = sorted.length >> 1
        const [lower, upper] = [sorted[middle - 1] as number, sorted[middle] as number]
        const sums = aggregate(Float64Array.from(numbers))
        expect(sums?.count).to.equal(numbers.length)
        expect(sums?.min).to.equal(Math.min(...numbers))
        expect(sums?.max).to.equal(Math.max(...numbers))
        expect(sums?.median).to.equal(sorted.length % 2 === 1 ? upper : (lower + upper) / 2)
      }),
      { seed: Number(process.env.RUNTREE_SEED ?? 7), numRuns: 500 }
    )
    expect(aggregate(new Float64Array(0))).to.equal(undefined)
  })
})
