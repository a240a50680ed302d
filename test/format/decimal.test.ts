import { expect } from 'chai'
import fc from 'fast-check'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { DecimalReader } from '../../src/format/decimal.ts'

const FORM = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

describe('decimal numbers among bytes', () => {
  const reader = new DecimalReader()
  const read = (text: string): number => reader.read(encodeUtf8(`x${text}\n`), 1)

  /** Expects the double that `Number` gives, to the bit, or that the number is left to it. */
  function expectSame(text: string): boolean {
    const value = read(text)
    if (Number.isNaN(value)) return false
    expect(Object.is(value, Number(text)), `${text}: ${value}`).to.equal(true)
    expect(reader.end, text).to.equal(text.length + 1)
    return true
  }

  it('are what Number makes of them', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789'),
      minLength: 1,
      maxLength: 22
    })
    const written = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits,
        fc.option(digits, { nil: undefined }),
        fc.option(fc.integer({ min: -80, max: 80 }), { nil: undefined }),
        fc.constantFrom('e', 'E', 'e+')
      )
      .map(([sign, whole, fraction, exponent, mark]) => {
        const end = exponent === undefined ? '' : `${exponent < 0 ? 'e' : mark}${exponent}`
        return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${end}`
      })
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
    const near = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(fc.oneof(written, doubles.map(String), near.map(String)), (text) => {
        expectSame(Object.is(Number(text), -0) ? '-0' : text)
      }),
      { numRuns: 20_000 }
    )
  })

  it('are what Number makes of them halfway between two doubles', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 59n }),
        fc.constantFrom(-1n, 0n, 1n),
        (near, off) => {
          // The middle between two neighbours among doubles, or a whole number beside it.
          const step = 2n ** BigInt(near.toString(2).length - 53)
          expectSame(String((near / step) * step + step / 2n + off))
        }
      ),
      { numRuns: 5000 }
    )
  })

  it('are read here wherever they are usual', () => {
    for (const text of ['0', '-0', '12', '0.5', '1e21', '0.1', '2.1429690181472022e-7']) {
      expect(expectSame(text), text).to.equal(true)
    }
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e15, noNaN: true }), (value) => {
        expect(expectSame(String(value)), String(value)).to.equal(true)
      }),
      { numRuns: 2000 }
    )
  })

  it('are none of another form', () => {
    const unit = fc.constantFrom(...'0123456789.eE+-x')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
        const value = read(text)
        const isWhole = reader.end === text.length + 1
        if (!Number.isNaN(value) && isWhole) expect(text).to.match(FORM)
      }),
      { numRuns: 20_000 }
    )
    for (const text of ['', '-', '.5', '5.', '5.e1', '1e', '1e+', 'NaN', 'Infinity']) {
      expect(Number.isNaN(read(text)), text).to.equal(true)
    }
  })
})
