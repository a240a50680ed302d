import { expect } from 'chai'
import fc from 'fast-check'
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { LOG_PART_MAX_BYTES } from '../../src/format/log-parts.ts'
import { LineParts, LogParts } from '../../src/store/text-parts.ts'

const HEADER = 'h\n'
const lines = fc.array(
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `${text.replaceAll('\n', ' ')}\n`)
)

describe('parts that grow', () => {
  it('hold all lines in order, each part with its header and within its limit', () => {
    fc.assert(
      fc.property(lines, (texts) => {
        const parts = new LineParts(HEADER, 64)
        for (const text of texts) parts.add(text)
        const grown = parts.grown()
        expect(grown.map(([number]) => number)).to.deep.equal(grown.map((_, index) => index))
        const bodies = grown.map(([, bytes]) => {
          const text = decodeUtf8(bytes)
          expect(text.startsWith(HEADER)).to.equal(true)
          const count = text.split('\n').length - 2
          if (count > 1) expect(bytes.length).to.be.at.most(64)
          return text.slice(HEADER.length)
        })
        expect(bodies.join('')).to.equal(texts.join(''))
      })
    )
  })

  it('are the same however often they were taken in between', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 5 })), (texts, pauses) => {
        const once = new LineParts(HEADER, 50)
        const often = new LineParts(HEADER, 50)
        const taken = new Map<number, Uint8Array>()
        texts.forEach((text, index) => {
          once.add(text)
          often.add(text)
          if ((pauses[index] ?? 0) > 2) {
            for (const [number, bytes] of often.grown()) {
              const before = taken.get(number)
              if (before) expect(decodeUtf8(bytes).startsWith(decodeUtf8(before))).to.equal(true)
              taken.set(number, bytes)
            }
            often.settle()
          }
        })
        for (const [number, bytes] of often.grown()) taken.set(number, bytes)
        expect([...taken]).to.deep.equal([...once.grown()])
      })
    )
  })

  it('split a log at lines, the same in pieces and at once', () => {
    const whole = new LogParts()
    const pieces = new LogParts()
    const taken = new Map<number, Uint8Array>()
    for (let i = 0; i < 40_000; i++) {
      const line = `line ${i} é ${'-'.repeat(i % 40)}\n`
      whole.add(line)
      pieces.add(line)
      if (i % 777 !== 0) continue
      for (const [number, bytes] of pieces.grown()) taken.set(number, bytes)
      pieces.settle()
    }
    const long = `${'y'.repeat(LOG_PART_MAX_BYTES * 2)}\n`
    for (const parts of [whole, pieces]) parts.add(long)
    for (const [number, bytes] of pieces.grown()) taken.set(number, bytes)
    expect(taken.size).to.be.greaterThan(5)
    expect([...taken]).to.deep.equal([...whole.grown()])
    for (const [, bytes] of taken) expect(bytes.length).to.be.at.most(LOG_PART_MAX_BYTES)
    const text = decodeUtf8(concatBytes([...taken.values()]))
    expect(text.endsWith(long)).to.equal(true)
    expect(encodeUtf8(text).length).to.equal(concatBytes([...taken.values()]).length)
  })
})
