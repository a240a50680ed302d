import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'

import { formatHex, parseHex } from '../../src/base/bytes.ts'
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
    // Whatever failed before, the next stream is read as if nothing had been.
    expect(nodeZlib.inflatePart(stream, 700)?.usedBytes).to.equal(stream.length)
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
