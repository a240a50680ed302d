import { expect } from 'chai'
import fc from 'fast-check'
import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { isOverviewOf } from '../../src/format/overview-check.ts'
import { formatPoint, SERIES_HEADER } from '../../src/format/series.ts'
import { type SeriesColumns, SeriesReader } from '../../src/format/series-columns.ts'
import {
  formatOverview,
  OVERVIEW_POINTS,
  type OverviewColumns,
  parseOverview,
  type SeriesOverview
} from '../../src/format/series-overview.ts'
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

  it('are told from those that say something else', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), fc.nat(), (points, which) => {
        const columns = read(points.map(formatPoint).join(''))
        const { columns: found } = parseOverview(
          formatOverview(OID, columns, LONG) as Uint8Array
        ) as SeriesOverview
        expect(isOverviewOf(found, columns)).to.equal(true)
        expect(isOverviewOf(found.slice(1), columns)).to.equal(false)
        const at = which % found.length
        const change = (changed: (column: OverviewColumns) => Partial<OverviewColumns>): boolean =>
          isOverviewOf(
            found.map((column, index) =>
              index === at ? { ...column, ...changed(column) } : column
            ),
            columns
          )
        expect(change(() => ({ metric: 'another' }))).to.equal(false)
        expect(change(({ count }) => ({ count: count + 1 }))).to.equal(false)
        expect(change(({ values }) => ({ values: values.map((value) => value + 1e300) }))).to.equal(
          found[at]?.values.every((value) => Object.is(value + 1e300, value))
        )
        expect(change(({ times }) => ({ times: times.map((time) => time + 1) }))).to.equal(false)
        expect(change(({ steps }) => ({ steps: steps.slice(1) }))).to.equal(false)
      })
    )
  })

  it('need not have all of long ones, but their ends and extremes', () => {
    const steps = Float64Array.from({ length: OVERVIEW_POINTS * 2 }, (_, step) => step)
    const column = { metric: 'loss', steps, times: steps, values: steps.map(Math.sin) }
    const withSteps = (kept: readonly number[]): boolean => {
      const of = (numbers: Float64Array): Float64Array =>
        Float64Array.from(kept, (step) => numbers[step] as number)
      const [places, values] = [of(steps), of(column.values)]
      const part = { metric: 'loss', steps: places, times: places, values, count: steps.length }
      return isOverviewOf([part], [column])
    }
    const last = steps.length - 1
    const least = column.values.indexOf(Math.min(...column.values))
    const greatest = column.values.indexOf(Math.max(...column.values))
    const needed = [0, last, least, greatest].sort((a, b) => a - b)
    expect(withSteps(needed)).to.equal(true)
    expect(withSteps([...needed, 5].sort((a, b) => a - b))).to.equal(true)
    for (const one of needed) {
      expect(withSteps(needed.filter((step) => step !== one)), `${one}`).to.equal(false)
    }
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
