import { deflateSync, inflateSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { concatBytes, encodeUtf8 } from '../../src/base/bytes.ts'
import { browserZlib } from '../../src/host/browser/zlib.ts'

/** Content of all kinds: noise, repetition near and far, few and many different bytes. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 400 }))
    .map(([part, times]) => concatBytes(new Array<Uint8Array>(times).fill(part))),
  fc
    .array(fc.constantFrom('loss: 0.25\n', 'accuracy: ', '  last: 17\n', 'é', '\0'), {
      maxLength: 999
    })
    .map((parts) => encodeUtf8(parts.join('')))
)

/** Every level and strategy, so that all kinds of blocks and codes come up. */
const way = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.integer({ min: 0, max: 4 }),
  memLevel: fc.integer({ min: 1, max: 9 })
})

describe('inflating in a page', () => {
  it('gives what was deflated, and tells where the stream ends', () => {
    const property = fc.property(content, way, fc.uint8Array(), (bytes, how, rest) => {
      const stream = new Uint8Array(deflateSync(bytes, how))
      const part = browserZlib.inflatePart(concatBytes([stream, rest]), bytes.length)
      expect(part?.usedBytes).to.equal(stream.length)
      expect(Buffer.compare(part?.bytes as Uint8Array, bytes)).to.equal(0)
      const later = browserZlib.inflate(concatBytes([rest, stream]), bytes.length, rest.length)
      expect(Buffer.compare(later, bytes)).to.equal(0)
    })
    fc.assert(property, { numRuns: 400, seed: 20261129 })
  })

  it('says of every part of a stream that it is cut short', () => {
    const property = fc.property(
      content,
      way,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (bytes, how, share) => {
        const stream = new Uint8Array(deflateSync(bytes, how))
        const part = stream.subarray(
          0,
          Math.min(stream.length - 1, Math.floor(share * stream.length))
        )
        expect(browserZlib.inflatePart(part, bytes.length)).to.equal(undefined)
        expect(() => browserZlib.inflate(part, bytes.length)).to.throw('cut short')
      }
    )
    fc.assert(property, { numRuns: 400, seed: 20261129 })
  })

  it('takes of damaged streams what zlib takes, and nothing else', () => {
    const damage = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)),
      {
        minLength: 1,
        maxLength: 4
      }
    )
    const property = fc.property(content, way, damage, (bytes, how, changes) => {
      const stream = new Uint8Array(deflateSync(bytes, how))
      for (const [place, byte] of changes) stream[Math.floor(place * stream.length)] = byte
      const theirs = attempt(
        () => new Uint8Array(inflateSync(stream, { maxOutputLength: 200_000 }))
      )
      const ours = attempt(() => browserZlib.inflate(stream, 200_000))
      expect(ours === undefined).to.equal(theirs === undefined)
      if (ours !== undefined) expect(Buffer.compare(ours, theirs as Uint8Array)).to.equal(0)
    })
    fc.assert(property, { numRuns: 1000, seed: 20261129 })
  })

  it('gives no byte more than is allowed', () => {
    for (const level of [0, 1, 9]) {
      for (const bytes of [new Uint8Array(5000), encodeUtf8('a'.repeat(300) + 'b'.repeat(300))]) {
        const stream = new Uint8Array(deflateSync(bytes, { level }))
        expect(() => browserZlib.inflatePart(stream, bytes.length - 1)).to.throw(RangeError)
        expect(() => browserZlib.inflate(stream, 0)).to.throw(RangeError)
      }
    }
    const bomb = new Uint8Array(deflateSync(new Uint8Array(50_000_000)))
    expect(() => browserZlib.inflatePart(bomb, 1000)).to.throw(RangeError)
  })

  it('refuses what is no stream', () => {
    const wrong = [
      [0x79, 0x9c, 0, 0, 0, 0, 0, 0],
      // With a dictionary, which git never has.
      [0x78, 0x20, 0, 0, 0, 0, 0, 0],
      // A block of the kind that there is not.
      [0x78, 0x9c, 7, 0, 0, 0, 0, 0],
      // A copy from before the beginning: length 3, distance 1.
      [0x78, 0x9c, 0x03, 0x02, 0, 0, 0, 0]
    ]
    for (const bytes of wrong) {
      expect(() => browserZlib.inflatePart(Uint8Array.from(bytes), 1000)).to.throw('damaged')
    }
  })
})

function attempt<T>(body: () => T): T | undefined {
  try {
    return body()
  } catch {
    return undefined
  }
}
