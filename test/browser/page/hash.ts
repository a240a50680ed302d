import { expect } from 'chai'
import { concatBytes, encodeUtf8, formatHex } from '../../../src/base/bytes.ts'
import { browserHash } from '../../../src/host/browser/hash.ts'
import { browserZlib } from '../../../src/host/browser/zlib.ts'

/** Samples of several lengths: text that can be deflated, and noise that can't. */
const samples = [0, 1, 5, 40, 500, 5000, 70_000, 300_000].flatMap((length) => [
  new Uint8Array(length).map((_, at) => 97 + (at % 7)),
  new Uint8Array(length).map((_, at) => (at * 2654435761) >>> 13)
])

describe('computing in a browser', () => {
  it('digests as the browser itself does, whole and in parts', async () => {
    for (const bytes of samples) {
      for (const [name, whole, open] of [
        ['SHA-1', browserHash.sha1, browserHash.openSha1],
        ['SHA-256', browserHash.sha256, browserHash.openSha256]
      ] as const) {
        const expected = formatHex(
          new Uint8Array(await crypto.subtle.digest(name, bytes as Uint8Array<ArrayBuffer>))
        )
        const cut = bytes.length >> 1
        const digest = open()
        digest.update(bytes.subarray(0, cut))
        digest.update(bytes.subarray(cut))
        expect(formatHex(whole(bytes))).to.equal(expected)
        if (name === 'SHA-1') expect(browserHash.sha1Hex(bytes)).to.equal(expected)
        expect(formatHex(whole(bytes.subarray(0, cut), bytes.subarray(cut)))).to.equal(expected)
        expect(formatHex(digest.finish())).to.equal(expected)
      }
    }
  })

  it('digests every length of a block or two, in parts of any', async () => {
    for (let length = 0; length <= 140; length++) {
      const bytes = new Uint8Array(length).map((_, at) => at * 7 + length)
      const expected = formatHex(new Uint8Array(await crypto.subtle.digest('SHA-1', bytes)))
      for (const step of [1, 13, 64, 140]) {
        const digest = browserHash.openSha1()
        for (let at = 0; at < length; at += step) digest.update(bytes.subarray(at, at + step))
        expect(formatHex(digest.finish())).to.equal(expected)
      }
    }
  })

  it('deflates what the browser itself inflates, and the other way round', async () => {
    for (const bytes of samples) {
      const deflated = browserZlib.deflate(bytes)
      expect(await pipe(deflated, new DecompressionStream('deflate'))).to.deep.equal(bytes)
      const theirs = await pipe(bytes, new CompressionStream('deflate'))
      expect(browserZlib.inflate(theirs, bytes.length)).to.deep.equal(bytes)
      const later = concatBytes([encodeUtf8('before'), theirs])
      expect(browserZlib.inflate(later, bytes.length, 6)).to.deep.equal(bytes)
    }
  })

  it('reads gzip files up to a bound', async () => {
    for (const bytes of samples) {
      const file = await pipe(bytes, new CompressionStream('gzip'))
      expect(browserZlib.gunzip(file, bytes.length)).to.deep.equal(bytes)
      if (bytes.length > 0) {
        expect(() => browserZlib.gunzip(file, bytes.length - 1)).to.throw(RangeError)
      }
    }
    expect(() => browserZlib.gunzip(encodeUtf8('no file at all'), 2 ** 32)).to.throw()
  })

  it('tells where a stream ends that others follow', async () => {
    for (const bytes of samples) {
      const stream = await pipe(bytes, new CompressionStream('deflate'))
      for (const rest of [new Uint8Array(), stream, encodeUtf8('something else')]) {
        const part = browserZlib.inflatePart(concatBytes([stream, rest]), bytes.length)
        expect(part?.usedBytes).to.equal(stream.length)
        expect(part?.bytes.slice()).to.deep.equal(bytes)
      }
      for (const cut of [1, 4, 5, stream.length >> 1]) {
        if (cut >= stream.length) continue
        expect(browserZlib.inflatePart(stream.subarray(0, -cut), bytes.length)).to.equal(undefined)
      }
    }
  })

  it('is not misled by a checksum that lies within its stream', () => {
    // Zeros, as many as bring the checksum of all to what the first four bytes say.
    const [high, low] = [0x0102, 0x0123]
    const head = [1, 2, 1, 0x23, 251]
    let sum = 1
    let sums = 0
    for (const byte of head) {
      sum += byte
      sums += sum
    }
    let zeros = 0
    for (; sums % 65521 !== high; zeros++) sums += low
    const content = new Uint8Array(head.length + zeros)
    content.set(head)
    const size = content.length
    const stored = [0x78, 1, 1, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255]
    const stream = concatBytes([Uint8Array.from(stored), content, Uint8Array.of(1, 2, 1, 0x23)])
    const part = browserZlib.inflatePart(concatBytes([stream, stream]), size)
    expect(part?.usedBytes).to.equal(stream.length)
    expect(part?.bytes.slice()).to.deep.equal(content)
  })

  it('refuses more than is allowed, and what is damaged', () => {
    const bytes = new Uint8Array(5000)
    const stream = browserZlib.deflate(bytes)
    expect(() => browserZlib.inflate(stream, 4999)).to.throw(RangeError)
    expect(() => browserZlib.inflatePart(stream, 100)).to.throw(RangeError)
    const damaged = stream.slice()
    damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1
    expect(() => browserZlib.inflatePart(damaged, 5000)).to.throw('checksum')
    expect(() => browserZlib.inflate(encodeUtf8('no stream at all'), 100)).to.throw()
  })
})

async function pipe(
  bytes: Uint8Array,
  through: CompressionStream | DecompressionStream
): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(through)
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
