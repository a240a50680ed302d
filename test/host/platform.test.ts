import { createHash } from 'node:crypto'
import { constants, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'

import { encodeUtf8, formatHex, parseHex } from '../../src/base/bytes.ts'
import { nodeHash, nodeZlib } from '../../src/host/node/platform.ts'

const SIZES = [0, 1, 100, 5000, 300_000]

describe('what Node computes', () => {
  it('inflates a stream that other bytes follow, and says how long it is', () => {
    for (const size of SIZES) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) % 251)
      const stream = deflateSync(bytes)
      const followed = Buffer.concat([stream, Buffer.from('what follows')])
      const part = nodeZlib.inflatePart(followed, size)
      expect(part?.usedBytes).to.equal(stream.length)
      expect(Buffer.from(part?.bytes ?? []).equals(bytes)).to.equal(true)
      expect(Buffer.from(nodeZlib.inflate(followed, size)).equals(bytes)).to.equal(true)
    }
  })

  it('tells a stream that is cut short from one that is damaged or too large', () => {
    const bytes = Uint8Array.from({ length: 700 }, (_, i) => (i * i) % 251)
    const stream = deflateSync(bytes)
    for (let at = 0; at < stream.length; at++) {
      expect(nodeZlib.inflatePart(stream.subarray(0, at), 700), `${at}`).to.equal(undefined)
    }
    const damaged = Uint8Array.from(stream)
    damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1
    expect(() => nodeZlib.inflatePart(damaged, 700)).to.throw(/incorrect data check/)
    expect(() => nodeZlib.inflatePart(stream, 699)).to.throw(RangeError)
    expect(() => nodeZlib.inflate(stream, 699)).to.throw(RangeError)
    expect(() => nodeZlib.inflate(stream.subarray(0, 20), 700)).to.throw(Error)
    for (const start of [0, 1, 2000]) {
      expect(() => nodeZlib.inflate(stream, 700, stream.length + start)).to.throw(Error)
    }
    // Whatever failed before, the next stream is read as if nothing had been.
    expect(nodeZlib.inflatePart(stream, 700)?.usedBytes).to.equal(stream.length)
  })

  it('reads gzip files up to a bound', () => {
    for (const size of SIZES) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) % 251)
      expect(Buffer.from(nodeZlib.gunzip(gzipSync(bytes), size + 1)).equals(bytes)).to.equal(true)
    }
    const file = gzipSync(new Uint8Array(5000))
    expect(() => nodeZlib.gunzip(file, 4999)).to.throw(RangeError)
    expect(() => nodeZlib.gunzip(file.subarray(0, 20), 5000)).to.throw(Error)
  })

  it('inflates what zlib deflates, from anywhere, and nothing that is damaged', () => {
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY]
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc
        .string({ unit: fc.constantFrom('a', 'b', 'loss: ', '\n'), maxLength: 3000 })
        .map(encodeUtf8)
    )
    fc.assert(
      fc.property(
        content,
        fc.nat(9),
        fc.constantFrom(...strategies),
        fc.nat(40),
        fc.nat(),
        (bytes, level, strategy, before, place) => {
          const stream = deflateSync(bytes, { level, strategy })
          const within = Buffer.concat([Buffer.alloc(before, 120), stream, Buffer.from('after')])
          expect(nodeZlib.inflate(within, bytes.length, before)).to.deep.equal(
            new Uint8Array(bytes)
          )
          expect(nodeZlib.inflate(within, 9000, before)).to.deep.equal(new Uint8Array(bytes))
          if (bytes.length > 0) {
            const less = place % bytes.length
            expect(() => nodeZlib.inflate(within, less, before)).to.throw(RangeError)
          }
          const bit = place % (stream.length * 8)
          stream[bit >> 3] = (stream[bit >> 3] as number) ^ (1 << (bit & 7))
          expect(tryInflate(stream, 9000) ?? bytes).to.deep.equal(bytes)
        }
      ),
      { numRuns: 500 }
    )
  })

  it('keeps apart what it inflated one after the other', () => {
    const streams = ['one', 'other'].map((text) => deflateSync(text))
    const inflated = streams.map((stream) => nodeZlib.inflate(stream, 5))
    expect(inflated.map((bytes) => Buffer.from(bytes).toString())).to.deep.equal(['one', 'other'])
  })

  it('digests parts as if they were joined', () => {
    const bytes = fc.uint8Array({ maxLength: 40_000 })
    const check = (parts: readonly Uint8Array[]): void => {
      for (const name of ['sha1', 'sha256'] as const) {
        const expected = createHash(name).update(Buffer.concat(parts)).digest()
        expect(Buffer.from(nodeHash[name](...parts)).equals(expected)).to.equal(true)
      }
      expect(nodeHash.sha1Hex(...parts)).to.equal(formatHex(nodeHash.sha1(...parts)))
    }
    fc.assert(fc.property(fc.array(bytes, { maxLength: 4 }), check), { numRuns: 40 })
  })

  it('reads the hexadecimal digits that it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseHex(formatHex(bytes))).to.deep.equal(bytes)
        expect(parseHex(formatHex(bytes).toUpperCase())).to.deep.equal(bytes)
      })
    )
  })
})

/** Inflates a stream; `undefined` if it is refused. */
function tryInflate(stream: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return nodeZlib.inflate(stream, maxBytes)
  } catch {
    return undefined
  }
}
