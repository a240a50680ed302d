import { expect } from 'chai'
import fc from 'fast-check'

import { formatHex } from '../../src/base/bytes.ts'
import { NameSet } from '../../src/git/name-set.ts'
import { PackContent } from '../../src/git/pack-content.ts'
import { PackIndex } from '../../src/git/pack-index.ts'
import { PackTable } from '../../src/git/pack-table.ts'
import { nodeHash } from '../../src/host/node/platform.ts'

// Few bytes differ, so that many names are alike in part.
const names = fc.array(
  fc.array(fc.constantFrom(0, 1, 255), { minLength: 20, maxLength: 20 }).map((all) => {
    return Uint8Array.from(all, (byte, i) => (i % 6 === 0 ? byte : 7))
  }),
  { maxLength: 200 }
)

describe('names in arrays of numbers', () => {
  it('keeps each name once, under the number of its first coming', () => {
    fc.assert(
      fc.property(names, (all) => {
        const set = new NameSet()
        const known: string[] = []
        for (const name of all) {
          const oid = formatHex(name)
          if (!known.includes(oid)) known.push(oid)
          expect(set.add(name, 0)).to.equal(known.indexOf(oid))
        }
        expect(set.count).to.equal(known.length)
        for (const [number, oid] of known.entries()) {
          expect(set.oidAt(number)).to.equal(oid)
          expect(set.find(Buffer.from(`00${oid}`, 'hex'), 1)).to.equal(number)
        }
        expect(set.find(new Uint8Array(20).fill(9), 0)).to.equal(-1)
      })
    )
  })

  it('grows beyond any first size', () => {
    const set = new NameSet()
    const count = 20_000
    const bytes = new Uint8Array(20)
    const view = new DataView(bytes.buffer)
    for (let turn = 0; turn < 2; turn++) {
      for (let number = 0; number < count; number++) {
        view.setUint32(12, number * 7)
        expect(set.add(bytes, 0)).to.equal(number)
      }
    }
    expect(set.count).to.equal(count)
  })

  it('formats the index of a table of entries by their names', () => {
    fc.assert(
      fc.property(names, (all) => {
        const table = new PackTable()
        const unique = new Map(all.map((name) => [formatHex(name), name]))
        const offsets = new Map<string, number>()
        for (const [oid, name] of unique) {
          offsets.set(oid, table.end)
          const number = table.add(3, -1, 5, table.end + 30)
          table.names.set(name, number * 20)
        }
        const index = new PackIndex(table.formatIndex(new Uint8Array(20), nodeHash), 'test.idx')
        const sorted = [...unique.keys()].sort()
        expect(sorted.map((_, position) => index.oidAt(position))).to.deep.equal(sorted)
        for (const [position, oid] of sorted.entries()) {
          expect(index.offsetAt(position)).to.equal(offsets.get(oid))
          expect(table.findOffset(offsets.get(oid) as number)).to.be.at.least(0)
        }
        expect(table.findOffset(13)).to.equal(-1)
      })
    )
  })

  it('keeps the content that came last, and never another', () => {
    const content = new PackContent(4 << 20)
    const fill = (number: number) => new Uint8Array(100_000 + number).fill(number % 251)
    for (let number = 0; number < 100; number++) content.put(number, fill(number))
    content.put(100, new Uint8Array(3 << 20))
    expect(content.get(100)).to.equal(undefined)
    expect(content.get(0)).to.equal(undefined)
    expect(content.get(2000)).to.equal(undefined)
    let kept = 0
    for (let number = 0; number < 100; number++) {
      const found = content.get(number)
      if (found === undefined) continue
      kept++
      expect(Buffer.from(found).equals(fill(number))).to.equal(true)
    }
    expect(kept).to.be.within(20, 42)
    expect(content.get(99)?.length).to.equal(100_099)
  })
})
