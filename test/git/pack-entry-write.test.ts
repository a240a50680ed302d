import { expect } from 'chai'
import fc from 'fast-check'

import { encodeUtf8, formatHex } from '../../src/base/bytes.ts'
import { applyDelta } from '../../src/git/delta.ts'
import { indexLines, writeLineDelta } from '../../src/git/line-delta.ts'
import { createObject, type NewObject } from '../../src/git/objects.ts'
import { readEntryHead } from '../../src/git/pack-entry-head.ts'
import { EntryFormatter } from '../../src/git/pack-entry-write.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { formatCrafted, OFS } from '../support/crafted-packs.ts'
import { fsck, git, gitBytes, withTempFolder } from '../support/git.ts'

const { hash, zlib } = createNodePlatform()

/** Texts of a few lines of which many are alike, now and then without an end or of any bytes. */
const line = fc.oneof(
  fc.constantFrom('step: 9\n', '  last: 0.5\n', 'metrics:\n', '\n', 'no end of a line', 'a: é\n'),
  fc.string({ maxLength: 300 }).map((text) => `key: ${text}\n`)
)
const text = fc.array(line, { maxLength: 40 }).map((lines) => encodeUtf8(lines.join('')))

describe('deltas of texts by their lines', () => {
  it('give the target again, whatever base and target are', () => {
    const output = new Uint8Array(1 << 17)
    fc.assert(
      fc.property(
        fc.oneof(text, fc.uint8Array()),
        fc.oneof(text, fc.uint8Array()),
        (base, target) => {
          const end = writeLineDelta(indexLines(base), target, output)
          expect(applyDelta(base, output.slice(0, end))).to.deep.equal(target)
        }
      ),
      { numRuns: 1000 }
    )
  })

  it('say so where there is no room, and write nothing beyond it', () => {
    fc.assert(
      fc.property(text, text, fc.nat(400), (base, target, room) => {
        const output = new Uint8Array(room + 20).fill(0xaa)
        const lines = indexLines(base)
        const end = writeLineDelta(lines, target, output.subarray(0, room))
        expect(output.subarray(room).every((byte) => byte === 0xaa)).to.equal(true)
        const whole = writeLineDelta(lines, target, new Uint8Array(1 << 17))
        // A delta that fits hardly may be given up.
        if (end < 0) expect(whole).to.be.above(room - 5)
        else expect(end).to.equal(whole)
      }),
      { numRuns: 500 }
    )
  })
})

describe('entries of a new pack', () => {
  const record = (kind: string, n: number): NewObject =>
    createObject(
      hash,
      'blob',
      encodeUtf8(
        `schema: ${kind}/1\nname: ${kind} ${n}\nstatus: finished\n${'count: 10\nstep: 9\n'.repeat(10)}${n % 3 ? '' : 'note: of every third\n'}accuracy: ${Math.sin(n)}\n`
      )
    )
  const others = Array.from({ length: 40 }, (_, n) =>
    createObject(
      hash,
      'blob',
      encodeUtf8(`schema: other/1\n${formatHex(hash.sha1(Uint8Array.of(n)))}\n`.repeat(3))
    )
  )

  it('are what git reads, records of a kind as deltas of one of them', async () => {
    const records = Array.from({ length: 300 }, (_, n) => record(n % 2 ? 'run' : 'split', n))
    const tree = createObject(hash, 'tree', new Uint8Array())
    const objects = [tree, ...records, ...others, record('late', 1), record('late', 2)]
    const formatter = new EntryFormatter(zlib)
    const entries: Uint8Array[] = []
    let offset = 12
    for (const object of objects) {
      const entry = formatter.format(object, offset)
      entries.push(entry)
      offset += entry.length
    }
    const kinds = entries.map((entry) => readEntryHead(entry).kind)
    const deltas = (from: number, to: number): number =>
      kinds.slice(from, to).filter((kind) => kind === OFS).length
    // Sixty-four of each kind are told by one: of 150 three are whole.
    expect(deltas(1, 301)).to.equal(294)
    expect(deltas(301, 341)).to.equal(0)
    expect(deltas(341, 343)).to.equal(1)
    await withTempFolder(async (folder) => {
      git(folder, ['init', '--quiet', '--bare'])
      git(folder, ['index-pack', '--strict', '--stdin'], { input: formatCrafted(entries) })
      for (const { oid, type, bytes } of objects) {
        expect(gitBytes(folder, ['cat-file', type, oid]).equals(bytes), oid).to.equal(true)
      }
      expect(fsck(folder)).to.equal('')
    })
  })
})
