import { expect } from 'chai'
import fc from 'fast-check'

import { applyDelta } from '../../src/git/delta.ts'
import { formatPackIndex, PackIndex } from '../../src/git/pack-index.ts'
import { nodeHash } from '../../src/host/node/platform.ts'

describe('pack index', () => {
  it('holds offsets beyond 2 and 4 gigabytes', () => {
    const offsets = [12, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 32, 2 ** 40 + 5]
    const entries = offsets.map((offset, i) => ({ oid: `${i}f`.padEnd(40, '0'), offset, crc: i }))
    const index = new PackIndex(formatPackIndex(entries, new Uint8Array(20), nodeHash), 'test.idx')
    for (const { oid, offset } of entries) expect(index.offsetAt(index.find(oid))).to.equal(offset)
    expect(offsets.map((offset) => index.endOf(offset))).to.deep.equal([
      ...offsets.slice(1),
      undefined
    ])
  })

  it('finds nothing that is not in it', () => {
    const entries = ['00', 'ff', 'fe'].map((oid) => ({
      oid: oid.padEnd(40, '1'),
      offset: 12,
      crc: 0
    }))
    const index = new PackIndex(formatPackIndex(entries, new Uint8Array(20), nodeHash), 'test.idx')
    for (const oid of ['00', '7f', 'ff']) expect(index.find(oid.padEnd(40, '2'))).to.equal(-1)
    expect(index.find('ff'.padEnd(40, '1'))).to.equal(2)
    const empty = new PackIndex(formatPackIndex([], new Uint8Array(20), nodeHash), 'test.idx')
    expect(empty.find('ff'.padEnd(40, '1'))).to.equal(-1)
  })

  it('knows where each entry ends, however they lie', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 12, max: 2 ** 33 }), { maxLength: 60 }),
        (given) => {
          const entries = given.map((offset, i) => ({
            oid: i.toString(16).padStart(40, '0'),
            offset,
            crc: 0
          }))
          const index = new PackIndex(
            formatPackIndex(entries, new Uint8Array(20), nodeHash),
            'a.idx'
          )
          const sorted = [...given].sort((a, b) => a - b)
          for (const [at, offset] of sorted.entries()) {
            expect(index.endOf(offset)).to.equal(sorted[at + 1])
            expect(index.endOf(offset - 1)).to.equal(offset)
          }
        }
      )
    )
  })

  it('is refused when it is cut short', () => {
    const entries = [{ oid: 'a'.repeat(40), offset: 12, crc: 0 }]
    const bytes = formatPackIndex(entries, new Uint8Array(20), nodeHash)
    for (let length = 0; length < bytes.length; length += 7) {
      const open = (): unknown => new PackIndex(bytes.subarray(0, length), 'test.idx')
      expect(open, `${length}`).to.throw().with.property('code', 'GIT_PACK_DAMAGED')
    }
  })
})

describe('delta', () => {
  const base = new TextEncoder().encode('0123456789')

  it('copies from the base and inserts', () => {
    const delta = Uint8Array.of(10, 7, 0x91, 2, 3, 2, 0x78, 0x79, 0x90, 2)
    expect(new TextDecoder().decode(applyDelta(base, delta))).to.equal('234xy01')
  })

  it('that does not fit is undefined', () => {
    const wrong = [
      [],
      [9, 1, 1, 0x78],
      [10, 2, 1, 0x78],
      [10, 1, 0],
      [10, 2, 5, 0x78],
      [10, 5, 0x91, 9, 5]
    ]
    wrong.push([10, 1, 2, 0x78, 0x79], [10])
    for (const bytes of wrong) {
      expect(applyDelta(base, Uint8Array.from(bytes)), `${bytes}`).to.equal(undefined)
    }
  })
})
