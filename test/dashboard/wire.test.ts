import { expect } from 'chai'
import fc from 'fast-check'
import { formatWire, parseWire } from '../../src/dashboard/source/wire.ts'

describe('wire', () => {
  it('carries numbers that JSON has not, arrays of numbers, and bytes', () => {
    const value = {
      odd: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      floats: Float64Array.of(1, Number.NaN, -0.5),
      bytes: Uint8Array.of(0, 255, 10),
      none: undefined,
      list: [undefined, null]
    }
    const { none: _, ...kept } = value
    expect(parseWire(formatWire(value))).to.deep.equal({ ...kept, list: [null, null] })
  })

  it('is one line', () => {
    expect(formatWire({ text: 'a\nb' })).not.to.contain('\n')
  })

  it('takes no data for what it uses itself', () => {
    for (const value of [
      { $number: 'NaN' },
      { $map: { $map: 1 } },
      { a: { $bytes: 'AA==' } },
      { $floats: { $number: 3 } }
    ]) {
      expect(parseWire(formatWire(value))).to.deep.equal(value)
    }
  })

  it('gives back any JSON', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('$map', '$number', '$bytes', '$floats'))
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('json')),
        fc.dictionary(names, tie('json'), { noNullPrototype: true, maxKeys: 3 })
      )
    }))
    fc.assert(
      fc.property(json, (value) => {
        const plain = JSON.stringify(value).includes('-0')
          ? JSON.parse(JSON.stringify(value))
          : value
        const back = parseWire(formatWire(plain))
        expect(JSON.stringify(back)).to.equal(JSON.stringify(plain))
      })
    )
  })
})
