import { expect } from 'chai'
import fc from 'fast-check'
import { concatBytes, decodeStrictUtf8, decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import {
  appendLog,
  collapseProgress,
  LOG_PART_MAX_BYTES,
  ProgressCollapser
} from '../../src/format/log-parts.ts'

describe('logs', () => {
  it('keep the last state of a progress line', () => {
    expect(collapseProgress('a\n10 %\r20 %\r30 %\nb\r\nc\r\r\n\r')).to.equal('a\n30 %\nb\nc\n')
  })

  it('keep the same when the text arrives in pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', 'é') })
    fc.assert(
      fc.property(fc.array(text), (pieces) => {
        const collapser = new ProgressCollapser()
        const collapsed = pieces.map((piece) => collapser.push(piece)).join('') + collapser.end()
        expect(collapsed).to.equal(collapseProgress(pieces.join('')))
        expect(collapser.end()).to.equal('')
      }),
      { numRuns: 500 }
    )
  })

  it('do not grow while a progress line goes on', () => {
    const collapser = new ProgressCollapser()
    for (let i = 0; i < 1000; i++) expect(collapser.push(`${i} %\r`)).to.equal('')
    expect(collapser.push('done\n')).to.equal('done\n')
  })

  it('are cut at the end of a line, and parts only grow', () => {
    const line = `${'x'.repeat(99)}\n`
    const before = encodeUtf8(line.repeat(2000))
    const parts = appendLog(before, line.repeat(3000))
    expect(parts).to.have.length(2)
    expect(decodeUtf8(parts[0] as Uint8Array).startsWith(decodeUtf8(before))).to.equal(true)
    expect(parts[0]).to.have.length(LOG_PART_MAX_BYTES)
    expect(decodeUtf8(concatBytes(parts))).to.equal(line.repeat(5000))
  })

  it('are cut between two characters where a line is longer than a part', () => {
    const text = `a${'é'.repeat(200_000)}`
    const parts = appendLog(encodeUtf8('first\n'), text)
    expect(parts.map((part) => part.length)).to.deep.equal([6, 255_999, 144_002])
    for (const part of parts) expect(decodeStrictUtf8(part)).to.not.equal(undefined)
    expect(decodeUtf8(concatBytes(parts))).to.equal(`first\n${text}`)
  })

  it('leave a full part as it is', () => {
    const full = new Uint8Array(LOG_PART_MAX_BYTES + 5).fill(0x61)
    expect(appendLog(full, 'b').map((part) => part.length)).to.deep.equal([full.length, 1])
    expect(appendLog(full, '').map((part) => part.length)).to.deep.equal([full.length])
  })
})
