import { expect } from 'chai'
import fc from 'fast-check'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import {
  comparePoints,
  formatPoint,
  joinSeries,
  mergeParts,
  parseSeries,
  SERIES_HEADER,
  type SeriesPoint,
  summarizeSeries
} from '../../src/format/series.ts'
import { SeriesReader, selectSeries, sortParts } from '../../src/format/series-columns.ts'

const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('a\tb', 'a\\tb', '\\', '\n', '\r\n')
  )
  .filter((name) => name !== '' && !/\p{Cs}/u.test(name))
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const point: fc.Arbitrary<SeriesPoint> = fc.record(
  {
    step: fc.oneof(fc.integer(), finite),
    time: fc.integer({ min: 0, max: 4e12 }),
    metric: text,
    split: text,
    value: fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e21))
  },
  { requiredKeys: ['time', 'metric', 'value'] }
)

function at(step: number | undefined, value: number, more: Partial<SeriesPoint> = {}): SeriesPoint {
  return { ...(step !== undefined && { step }), time: 1000, metric: 'loss', value, ...more }
}

describe('series', () => {
  it('come back, point by point', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 5 }), (points) => {
        const part = SERIES_HEADER + points.map(formatPoint).join('')
        const read = parseSeries(encodeUtf8(part))
        expect(read).to.deep.equal({ points, broken: 0 })
        read.points.forEach((found, i) => {
          expect(Object.is(found.value, points[i]?.value)).to.equal(true)
        })
      }),
      { numRuns: 500 }
    )
  })

  it('leave out a torn last line and broken ones, and count them', () => {
    const lines = [
      '1\t1000\tloss\t\t0.5',
      'a\t1000\tloss\t\t0.5',
      '1\t1000\tloss\t0.5',
      '1\t1000\t\t\t0.5',
      '1\t\tloss\t\t0.5',
      '1\t1000\tloss\t\t',
      '1\t1000\tloss\t\t0x10',
      'Infinity\t1000\tloss\t\t1',
      '1\t1000\tloss\t\t1\t1',
      '',
      '2\t1000\tloss\t\t0.25',
      '3\t1000\tloss\t\t0.1'
    ]
    const read = parseSeries(encodeUtf8(SERIES_HEADER + lines.join('\n')))
    expect(read).to.deep.equal({ points: [at(1, 0.5), at(2, 0.25)], broken: 10 })
  })

  it('never throw for bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(parseSeries(bytes).broken).to.be.at.least(0)
      })
    )
    expect(parseSeries(new Uint8Array())).to.deep.equal({ points: [], broken: 0 })
  })

  it('refuse a step or time that is no finite number', () => {
    expect(() => formatPoint(at(Number.NaN, 1))).to.throw(TypeError)
    expect(() => formatPoint(at(1, 1, { time: Infinity }))).to.throw(TypeError)
  })

  it('are ordered by step, time, writer and line', () => {
    const placed = [
      { ...at(undefined, 0), writer: 'b' },
      { ...at(1, 0, { time: 1 }), writer: 'b' },
      { ...at(1, 0, { time: 2 }), writer: 'a' },
      { ...at(1, 1, { time: 2 }), writer: 'b' },
      { ...at(1, 2, { time: 2 }), writer: 'b' },
      { ...at(2, 0, { time: 0 }), writer: 'a' }
    ]
    const shuffled = [5, 3, 0, 4, 2, 1].map((index) => placed[index] as (typeof placed)[number])
    expect(shuffled.sort(comparePoints)).to.deep.equal(placed)
  })

  it('keep the later value of a repeated step, metric and split by themselves', () => {
    const points = [
      at(1, 10),
      at(1, 20, { split: 'a' }),
      at(1, 30, { metric: 'acc' }),
      at(1, 11, { time: 1001 }),
      at(undefined, 1),
      at(undefined, 2)
    ]
    const joined = joinSeries([{ writer: 'a', points }])
    expect(joined.map(({ value }) => value)).to.deep.equal([1, 2, 20, 30, 11])
  })

  it('join the parts of a writer by their numbers', () => {
    const joined = joinSeries([
      { writer: 'a', number: 1, points: [at(undefined, 3)] },
      { writer: 'a', number: 0, points: [at(undefined, 1), at(undefined, 2)] }
    ])
    expect(joined.map(({ value }) => value)).to.deep.equal([1, 2, 3])
  })
})

describe('summaries of series', () => {
  const summarize = (points: readonly SeriesPoint[], removed = {}): object =>
    summarizeSeries([{ writer: 'a', points }], removed)

  it('say last, least, greatest, how many and the last step', () => {
    expect(summarize([at(2, 5), at(1, 7), at(3, 6), at(3, 4, { time: 1001 })])).to.deep.equal({
      loss: { last: 4, min: 4, max: 7, count: 3, step: 3 }
    })
  })

  it('leave NaN out of the extremes unless all are NaN', () => {
    expect(summarize([at(1, NaN), at(2, 3), at(3, NaN)])).to.deep.equal({
      loss: { last: NaN, min: 3, max: 3, count: 3, step: 3 }
    })
    expect(summarize([at(1, NaN)])).to.deep.equal({
      loss: { last: NaN, min: NaN, max: NaN, count: 1, step: 1 }
    })
    expect(summarize([at(1, Infinity), at(2, -Infinity)])).to.deep.equal({
      loss: { last: -Infinity, min: -Infinity, max: Infinity, count: 2, step: 2 }
    })
  })

  it('of splits have mean and deviation over the last values, and the mean as last', () => {
    const points = [
      at(1, 0, { split: '0' }),
      at(2, 1, { split: '0' }),
      at(2, 2, { split: '1' }),
      at(2, 6, { split: '2' })
    ]
    expect(summarize(points)).to.deep.equal({
      loss: { last: 3, min: 0, max: 6, count: 4, step: 2, mean: 3, std: Math.sqrt(7) }
    })
    expect(summarize(points.slice(0, 2))).to.deep.equal({
      loss: { last: 1, min: 0, max: 1, count: 2, step: 2, mean: 1 }
    })
  })

  it('take a last value without split where there is one', () => {
    const points = [at(1, 9), at(5, 1, { split: '0' }), at(5, 3, { split: '1' })]
    expect(summarize(points)).to.deep.equal({
      loss: { last: 9, min: 1, max: 9, count: 3, step: 1, mean: 2, std: Math.SQRT2 }
    })
  })

  it('leave out what came before the metric was removed', () => {
    const points = [at(1, 1), at(2, 2, { time: 2000 }), at(3, 3, { time: 2001 })]
    expect(summarize(points, { loss: 2000 })).to.deep.equal({
      loss: { last: 3, min: 3, max: 3, count: 1, step: 3 }
    })
    expect(summarize(points, { loss: 2001 })).to.deep.equal({})
  })

  it('do not depend on the order in which the parts are given', () => {
    const names = fc.record({ writer: fc.constantFrom('a', 'b', 'c'), number: fc.nat({ max: 2 }) })
    const part = fc.tuple(names, fc.array(point, { maxLength: 4 }))
    const parts = fc.uniqueArray(part, { selector: ([{ writer, number }]) => writer + number })
    fc.assert(
      fc.property(parts, (list) => {
        const given = list.map(([place, points]) => ({ ...place, points }))
        expect(summarizeSeries([...given].reverse())).to.deep.equal(summarizeSeries(given))
      })
    )
  })

  it('hold a metric of any name', () => {
    const summary = summarize([at(1, 1, { metric: '__proto__' })])
    expect(Object.keys(summary)).to.deep.equal(['__proto__'])
    expect(summarize([at(1, 1, { metric: 'constructor' })], {})).to.have.own.property('constructor')
  })
})

describe('two versions of a part', () => {
  it('join to the longer, and to the greater of equally long ones', () => {
    const bytes = fc.uint8Array({ maxLength: 4 })
    fc.assert(
      fc.property(bytes, bytes, bytes, (a, b, c) => {
        expect(mergeParts(a, b)).to.deep.equal(mergeParts(b, a))
        expect(mergeParts(a, mergeParts(b, c))).to.deep.equal(mergeParts(mergeParts(a, b), c))
        expect(mergeParts(a, a)).to.deep.equal(a)
        expect(mergeParts(a, b).length).to.equal(Math.max(a.length, b.length))
      })
    )
    expect(mergeParts(encodeUtf8('ab'), encodeUtf8('ac'))).to.deep.equal(encodeUtf8('ac'))
  })
})

describe('series in columns', () => {
  const names = fc.constantFrom('loss', 'a\tb', 'a\\', 'ü')
  const near = fc.record(
    {
      step: fc.integer({ min: 0, max: 6 }),
      time: fc.integer({ min: 1000, max: 1004 }),
      metric: names,
      split: fc.constantFrom('0', 'x\ty'),
      value: fc.oneof(fc.double(), fc.integer({ max: 9 }))
    },
    { requiredKeys: ['time', 'metric', 'value'] }
  )
  const broken = fc.constantFrom(
    '1\t1000\tloss\t1',
    '\ufeff1\t1000\tloss\t\t1',
    '',
    '1\t1\t\t\t1',
    'x'
  )
  const other = fc.constantFrom(
    '1e1\t1000\tloss\t\tNaN',
    '007\t-12\tloss\t\t-0',
    '1.5\t1000\tlo\\ss\t\t1E+2',
    '2\t9999999999999999\tloss\t\t12345678901234567890123'
  )
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.oneof(point, near).map((each) => formatPoint(each).slice(0, -1)) },
    { weight: 1, arbitrary: broken },
    { weight: 1, arbitrary: other }
  )
  const part = fc.record({
    writer: fc.constantFrom('aaaaaa', 'bbbbbb'),
    head: fc.constantFrom(SERIES_HEADER, '', '\ufeff'),
    lines: fc.array(line, { maxLength: 12 }),
    end: fc.constantFrom('\n', '', '\n1\t1000\tlo')
  })

  /** What the points that count come to, by metric and split. */
  function joined(
    parts: readonly {
      readonly writer: string
      readonly number: number
      readonly bytes: Uint8Array
    }[],
    removed: { readonly [metric: string]: number }
  ): object {
    const all = new Map<string, { steps: number[]; times: number[]; values: number[] }>()
    const points = joinSeries(
      parts.map(({ bytes, ...rest }) => ({ ...rest, points: parseSeries(bytes).points })),
      removed
    )
    for (const { metric, split, step, time, value } of points) {
      const key = JSON.stringify([metric, split])
      const columns = all.get(key) ?? { steps: [], times: [], values: [] }
      all.set(key, columns)
      columns.steps.push(step ?? Number.NaN)
      columns.times.push(time)
      columns.values.push(value)
    }
    return Object.fromEntries(all)
  }

  it('are what the points that count come to', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 4 }),
        fc.constantFrom({}, { loss: 1001 }),
        (made, removed) => {
          const parts = made.map(({ writer, head, lines, end }, number) => ({
            writer,
            number,
            bytes: encodeUtf8(head + lines.join('\n') + end)
          }))
          const reader = new SeriesReader({ removed })
          for (const { bytes } of sortParts(parts)) reader.add(bytes)
          const all = new SeriesReader()
          for (const { bytes } of sortParts(parts)) all.add(bytes)
          expect(selectSeries(all.found(), { removed })).to.deep.equal(reader.columns())
          const read = reader
            .columns()
            .map(({ metric, split, steps, times, values }) => [
              JSON.stringify([metric, split]),
              { steps: [...steps], times: [...times], values: [...values] }
            ])
          expect(Object.fromEntries(read)).to.deep.equal(joined(parts, removed))
        }
      ),
      { numRuns: 3000 }
    )
  })

  it('are in order of their beginnings, and only those that are wanted', () => {
    const bytes = encodeUtf8('2\t5\tb\t\t1\n1\t5\ta\t\t1\n1\t4\tc\t0\t1\n1\t5\td\t\t1\n')
    const names = (metrics?: ReadonlySet<string>): readonly string[] => {
      const reader = new SeriesReader(metrics === undefined ? {} : { metrics })
      reader.add(bytes)
      return reader.columns().map(({ metric }) => metric)
    }
    expect(names()).to.deep.equal(['c', 'a', 'd', 'b'])
    expect(names(new Set(['b', 'a']))).to.deep.equal(['a', 'b'])

    const all = new SeriesReader()
    all.add(bytes)
    const picked = selectSeries(all.found(), { metrics: new Set(['b', 'a']) })
    expect(picked.map(({ metric }) => metric)).to.deep.equal(['a', 'b'])
  })
})
