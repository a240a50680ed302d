import { expect } from 'chai'
import fc from 'fast-check'

import {
  createLineReader,
  parseLenientJson,
  parseLogLine,
  RESERVED_NAMES
} from '../../src/service/log-protocol.ts'

const utf8 = new TextEncoder()

describe('log protocol', () => {
  it('takes numeric members for metrics and reserved ones for what they say', () => {
    expect(parseLogLine('{"step":1,"loss":0.3,"acc":1,"split":2}')).to.deep.equal({
      entry: { metrics: { loss: 0.3, acc: 1 }, step: 1, split: '2' },
      warnings: []
    })
  })

  it('reads params, rows, artifacts, tags and text', () => {
    const line =
      '{"params":{"lr":0.1},"row":{"y":1},"result":"cases","artifact":"m.bin","tag":"a","text":"hi"}'
    expect(parseLogLine(line)).to.deep.equal({
      entry: {
        metrics: {},
        params: { lr: 0.1 },
        row: { y: 1 },
        result: 'cases',
        artifact: 'm.bin',
        tag: 'a',
        text: 'hi'
      },
      warnings: []
    })
  })

  it('puts a row without a result into “rows”', () => {
    expect(parseLogLine('{"row":{"y":1}}').entry?.result).to.equal('rows')
  })

  it('lets “metrics” hold names that are reserved', () => {
    expect(parseLogLine('{"metrics":{"time":3,"step":4},"step":1}').entry).to.deep.equal({
      metrics: { time: 3, step: 4 },
      step: 1
    })
  })

  it('accepts bare NaN and infinities, and their JSON spelling', () => {
    const { entry, warnings } = parseLogLine('{"a":NaN,"b":Infinity,"c":-Infinity,"d":"NaN"}')
    expect(warnings).to.deep.equal([])
    expect(entry?.metrics).to.deep.equal({
      a: Number.NaN,
      b: Number.POSITIVE_INFINITY,
      c: Number.NEGATIVE_INFINITY,
      d: Number.NaN
    })
  })

  it('leaves the words NaN and Infinity inside strings alone', () => {
    const { entry } = parseLogLine('{"text":"NaN \\"Infinity\\" nNaN","x":NaN}')
    expect(entry?.text).to.equal('NaN "Infinity" nNaN')
    expect(entry?.metrics).to.deep.equal({ x: Number.NaN })
  })

  it('reads times as seconds, milliseconds or RFC 3339', () => {
    const time = (text: string) => parseLogLine(`{"x":1,"time":${text}}`).entry?.time
    expect(time('1700000000.25')).to.equal(1700000000250)
    expect(time('1700000000250')).to.equal(1700000000250)
    expect(time('"2023-11-14T22:13:20.250Z"')).to.equal(1700000000250)
  })

  const broken: [string, string][] = [
    ['loss: 3', 'it is not JSON'],
    ['{"loss":', 'it is not JSON'],
    ['{NaN:1}', 'it is not JSON'],
    ['[1,2]', 'it is not a JSON object'],
    ['3', 'it is not a JSON object'],
    ['{}', 'it holds nothing to log'],
    ['{"step":3}', 'it holds nothing to log'],
    ['{"opt":{"lr":1}}', '"opt" is a map, not a number'],
    ['{"loss":null}', '"loss" is null, not a number'],
    ['{"ok":true}', '"ok" is the boolean true, not a number'],
    ['{"params":3}', '"params" is the number 3, not a map'],
    ['{"row":[1]}', '"row" is a list, not a map'],
    ['{"metrics":{"a":"x"}}', 'the metric "a" is the string x, not a number'],
    ['{"tag":""}', '"tag" is empty, not text']
  ]
  for (const [line, warning] of broken) {
    it(`uses nothing of ${line} and says why`, () => {
      expect(parseLogLine(line)).to.deep.equal({ warnings: [warning] })
    })
  }

  it('uses the rest of a line that is wrong in part', () => {
    const { entry, warnings } = parseLogLine('{"step":"one","loss":2,"result":"r"}')
    expect(entry).to.deep.equal({ metrics: { loss: 2 } })
    expect(warnings).to.deep.equal([
      '"result" stands without "row"',
      '"step" is the string one, not a finite number'
    ])
  })

  it('keeps a member named __proto__ as a metric', () => {
    const { entry } = parseLogLine('{"__proto__":1,"x":NaN}')
    expect(Object.entries(entry?.metrics ?? {})).to.deep.equal([
      ['__proto__', 1],
      ['x', Number.NaN]
    ])
  })

  it('never throws, whatever the line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (line) => {
        const { entry, warnings } = parseLogLine(line)
        expect(entry !== undefined || warnings.length > 0).to.equal(true)
      })
    )
  })

  it('gives back every metric that was written, as Python writes it', () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !(RESERVED_NAMES as readonly string[]).includes(text))
    fc.assert(
      fc.property(fc.dictionary(name, fc.double(), { minKeys: 1 }), (metrics) => {
        const members = Object.entries(metrics).map(
          ([key, value]) => `${JSON.stringify(key)}: ${Object.is(value, -0) ? '-0.0' : value}`
        )
        expect(
          Object.entries(parseLogLine(`{${members.join(', ')}}`).entry?.metrics ?? {})
        ).to.deep.equal(Object.entries(metrics))
      })
    )
  })

  it('reads all that JSON can say as JSON does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify([value, 0])
        expect(parseLenientJson(text.replace(/0\]$/, 'NaN]'))).to.deep.equal([
          JSON.parse(JSON.stringify(value)),
          Number.NaN
        ])
      })
    )
  })
})

describe('line reader', () => {
  it('keeps a partial line until its end arrives', () => {
    const reader = createLineReader()
    expect(reader.push(utf8.encode('{"a":'))).to.deep.equal([])
    expect(reader.push(utf8.encode('1}\r\n{"b'))).to.deep.equal(['{"a":1}'])
    expect(reader.end()).to.deep.equal(['{"b'])
    expect(reader.end()).to.deep.equal([])
  })

  it('gives a line without end in pieces', () => {
    const reader = createLineReader(4)
    expect(reader.push(utf8.encode('abc'))).to.deep.equal([])
    expect(reader.push(utf8.encode('def'))).to.deep.equal(['abcdef'])
    expect(reader.end()).to.deep.equal([])
  })

  it('finds the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''))),
        fc.array(fc.nat(40)),
        (lines, cuts) => {
          const bytes = utf8.encode(lines.map((line) => `${line}\n`).join(''))
          const reader = createLineReader()
          const found: string[] = []
          let at = 0
          for (const cut of [...cuts, bytes.length]) {
            found.push(...reader.push(bytes.subarray(at, at + cut)))
            at = Math.min(bytes.length, at + cut)
          }
          expect([...found, ...reader.end()]).to.deep.equal(lines)
        }
      )
    )
  })
})
