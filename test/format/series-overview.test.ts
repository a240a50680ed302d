import { expect } from 'chai'
import fc from 'fast-check'
import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { formatPoint, SERIES_HEADER } from '../../src/format/series.ts'
import { type SeriesColumns, SeriesReader } from '../../src/format/series-columns.ts'
import { formatOverview, OVERVIEW_POINTS, parseOverview } from '../../src/format/series-overview.ts'
import { thinSeries } from '../../src/format/thin-series.ts'

const OID = 'd670460b4b4aece5915caf5c68d12f560a9fe3e4'
const LONG = Number.MAX_SAFE_INTEGER

const name = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constantFrom('a\tb', '\\', '\n', 'count'))
  .filter((text) => text !== '' && !/\p{Cs}/u.test(text))
const point = fc.record(
  {
    step: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    time: fc.integer({ min: 0, max: 4e12 }),
    metric: name,
    split: name,
    value: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -0))
  },
  { requiredKeys: ['step', 'time', 'metric', 'value'] }
)

function read(text: string): readonly SeriesColumns[] {
  const reader = new SeriesReader()
  reader.add(encodeUtf8(text))
  return reader.found()
}

describe('overviews of series', () => {
  it('give back the points of short ones, and how many there are', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), (points) => {
        const columns = read(points.map(formatPoint).join(''))
        const overview = parseOverview(formatOverview(OID, columns, LONG) as Uint8Array)
        expect(overview).to.deep.equal({
          treeOid: OID,
          columns: columns.map((column) => ({ ...column, count: column.steps.length }))
        })
      }),
      { numRuns: 1000 }
    )
  })

  it('have of long ones what is left when they are thinned', () => {
    const lines = Array.from({ length: 40_000 }, (_, step) => {
      const value = step % 1013 === 7 ? Number.NaN : Math.sin(step) * step
      return formatPoint({ step, time: 1000 + step, metric: 'loss', value })
    })
    const text = SERIES_HEADER + lines.join('')
    const [column] = read(text)
    const bytes = formatOverview(OID, [column as SeriesColumns], text.length) as Uint8Array
    expect(bytes.length).to.be.below(text.length / 4)
    const [found] = parseOverview(bytes)?.columns ?? []
    const { metric, split: _, ...points } = column as SeriesColumns
    const thinned = thinSeries(points, OVERVIEW_POINTS, 'step')
    expect(found).to.deep.equal({ metric, count: 40_000, ...thinned })
    expect(thinned.steps.length).to.be.within(4000, OVERVIEW_POINTS)
  })

  it('are not made if they spare little, or if points have no step', () => {
    const text = formatPoint({ step: 1, time: 5, metric: 'loss', value: 2 })
    expect(formatOverview(OID, read(text), text.length * 4)).to.equal(undefined)
    expect(formatOverview(OID, read(`\t5\tloss\t\t1\n${text}`), LONG)).to.equal(undefined)
  })

  it('are refused if they are of another form, or say less than they show', () => {
    const text = formatPoint({ step: 1, time: 5, metric: 'loss', value: 2 })
    const good = decodeUtf8(formatOverview(OID, read(text), LONG) as Uint8Array)
    const parse = (bad: string): unknown => parseOverview(encodeUtf8(bad))
    expect(parse(good)).not.to.equal(undefined)
    expect(parse(good.replace('of\t', 'if\t'))).to.equal(undefined)
    expect(parse(good.replace('\t\t1\n', '\t\t0\n'))).to.equal(undefined)
    expect(parse(good.replace('count\tloss', 'count\tacc'))).to.equal(undefined)
    expect(parse(good.replace('step\t', 'steps\t'))).to.equal(undefined)
    expect(parse('')).to.equal(undefined)
  })
})
