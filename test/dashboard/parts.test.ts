import { expect } from 'chai'
import fc from 'fast-check'
import { classScores, mistakesOf, readConfusion } from '../../src/dashboard/charts/confusion.ts'
import { downsample } from '../../src/dashboard/charts/downsample.ts'
import { smooth } from '../../src/dashboard/charts/smooth.ts'
import { parsePatch } from '../../src/dashboard/parts/patch.ts'
import { plainLines } from '../../src/dashboard/parts/plain-text.ts'
import { previewKind } from '../../src/dashboard/parts/preview-kind.ts'
import { parseSeparated, separatorOf } from '../../src/dashboard/parts/separated-values.ts'
import { withPoints } from '../../src/dashboard/run/live-series.ts'
import { placeOfMetric } from '../../src/dashboard/run/metric-groups.ts'

describe('what the dashboard draws', () => {
  it('keeps the extremes and the ends of a line that is thinned', () => {
    const values = fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), {
      minLength: 1,
      maxLength: 600
    })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (y, columns) => {
        const x = y.map((_, i) => i)
        const range = { min: 0, max: Math.max(y.length - 1, 1) }
        const drawn = downsample(x, y, { range, columns })
        const shown = drawn.y as readonly number[]
        expect(Math.min(...shown)).to.equal(Math.min(...y))
        expect(Math.max(...shown)).to.equal(Math.max(...y))
        expect([shown[0], shown.at(-1)]).to.deep.equal([y[0], y.at(-1)])
        expect(shown.length).to.be.at.most(Math.max(4 * (columns + 1), 4 * columns))
        expect([...drawn.x]).to.deep.equal([...new Set(drawn.x)].sort((a, b) => a - b))
      })
    )
  })

  it('leaves gaps where there is no number, and what a log axis can’t show', () => {
    const options = { range: { min: 0, max: 3 }, columns: 100 }
    expect(downsample([0, 1, 2], [1, Number.NaN, 3], options).y).to.deep.equal([1, null, 3])
    expect(downsample([0, 1, 2], [1, -1, 3], { ...options, isLogY: true }).y).to.deep.equal([
      1,
      null,
      3
    ])
    expect(downsample([0, 1, 2], [1, 2, 3], { ...options, isLogX: true }).x).to.deep.equal([1, 2])
  })

  it('draws one point beyond each end of what is looked at', () => {
    const x = [0, 1, 2, 3, 4, 5]
    expect(downsample(x, x, { range: { min: 2, max: 3 }, columns: 9 }).x).to.deep.equal([
      1, 2, 3, 4
    ])
  })

  it('smooths without a bias at the start, and over gaps', () => {
    expect([...Array.from(smooth([2, 2, 2], 0.9))]).to.satisfy((values: readonly number[]) =>
      values.every((value) => Math.abs(value - 2) < 1e-12)
    )
    expect(Array.from(smooth([1, Number.NaN, 1], 0.5))[1]).to.deep.equal(Number.NaN)
    expect(Array.from(smooth([0, 1], 0.5))[1]).to.be.closeTo(2 / 3, 1e-12)
  })

  it('reads a confusion matrix only if it is one', () => {
    expect(readConfusion({ labels: ['a', 'b'], matrix: [[1, 2]] })).to.equal(undefined)
    expect(readConfusion({ labels: ['a'], matrix: [['x']] })).to.equal(undefined)
    expect(readConfusion([[1]])).to.equal(undefined)
    const confusion = readConfusion({
      labels: ['a', 'b'],
      matrix: [
        [3, 1],
        [0, 4]
      ]
    })
    if (confusion === undefined) throw new TypeError('it is one')
    expect(mistakesOf(confusion)).to.deep.equal([
      { actual: 'a', predicted: 'b', count: 1, share: 0.25 }
    ])
    expect(classScores(confusion)[1]).to.deep.equal({
      label: 'b',
      support: 4,
      precision: 0.8,
      recall: 1,
      f1: 8 / 9
    })
  })

  it('puts metrics that belong together into one chart', () => {
    expect(placeOfMetric('train/loss')).to.deep.equal({
      chart: 'loss',
      role: 'train',
      isTraining: true
    })
    expect(placeOfMetric('by-rows/test-accuracy').chart).to.equal('by-rows/accuracy')
    expect(placeOfMetric('loss_val')).to.include({ chart: 'loss', role: 'val' })
    expect(placeOfMetric('trained')).to.include({ chart: 'trained', role: '' })
    expect(placeOfMetric('test')).to.include({ chart: 'test', role: '' })
  })

  it('adds points as they come, each once', () => {
    const point = (step: number) => ({ metric: 'm', step, time: step, value: step })
    const once = withPoints([], 'r', [point(0), point(1)])
    const twice = withPoints(once, 'r', [point(1), point(2)])
    expect(twice.map(({ steps, total }) => [[...steps], total])).to.deep.equal([[[0, 1, 2], 3]])
  })
})

describe('how the dashboard reads what runs keep', () => {
  it('reads patches, renames and files that are no text', () => {
    const patch = [
      'diff --git a/a.py b/a.py',
      'index 1..2 100644',
      '--- a/a.py',
      '+++ b/a.py',
      '@@ -1,2 +1,2 @@ def f():',
      ' same',
      '-old',
      '+new',
      '\\ No newline at end of file',
      'diff --git a/x.bin b/x.bin',
      'new file mode 100644',
      'Binary files /dev/null and b/x.bin differ',
      'diff --git a/old name b/new name',
      'similarity index 100%',
      'rename from old name',
      'rename to new name'
    ].join('\n')
    const [changed, binary, moved] = parsePatch(`${patch}\n`)
    expect(changed).to.include({ path: 'a.py', state: 'changed', added: 1, removed: 1 })
    expect(changed?.lines.map(({ kind, before, after }) => [kind, before, after])).to.deep.equal([
      ['hunk', undefined, undefined],
      ['same', 1, 1],
      ['removed', 2, undefined],
      ['added', undefined, 2],
      ['note', undefined, undefined]
    ])
    expect(binary).to.include({ path: 'x.bin', state: 'added', isBinary: true })
    expect(moved).to.include({ path: 'new name', from: 'old name', state: 'moved' })
    expect(parsePatch('')).to.deep.equal([])
  })

  it('reads tables', () => {
    const text = 'a,b\r\n"x ""y""","1,5"\n,\n"open'
    expect(parseSeparated(text, ',', 9)).to.deep.equal([
      ['a', 'b'],
      ['x "y"', '1,5'],
      ['', ''],
      ['open']
    ])
    expect(parseSeparated('a\nb\nc', ',', 2)).to.have.length(2)
    expect(separatorOf('x.csv', 'a;b;c\n')).to.equal(';')
    expect(separatorOf('x.tsv', 'a;b\n')).to.equal('\t')
  })

  it('reads any table back that is written by the rules', () => {
    const cell = fc.string()
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = rows
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
          .join('\n')
        expect(parseSeparated(text, ',', 1000)).to.deep.equal(rows)
      })
    )
  })

  it('makes what was printed for a terminal plain', () => {
    const link = '\u001b]8;;https://example.org\u0007text\u001b]8;;\u0007'
    expect(
      plainLines(`\u001b[1;31mred\u001b[0m\n${link}\n10 %\r20 %\r\n\u0000\u202e\n`)
    ).to.deep.equal(['red', 'text', '20 %', '\ufffd\ufffd'])
  })

  it('tells by path and bytes how a file is shown', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    expect(previewKind('a.SVG', bytes('<svg/>'))).to.equal('image')
    expect(previewKind('page.html', bytes('<p>'))).to.equal('text')
    expect(previewKind('a.md', bytes('# a'))).to.equal('markdown')
    expect(previewKind('a.tsv', bytes('a'))).to.equal('table')
    expect(previewKind('a.json', new Uint8Array([0, 1]))).to.equal('none')
    expect(previewKind('constructor', bytes('a'))).to.equal('text')
  })
})
