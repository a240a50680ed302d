import { expect } from 'chai'
import fc from 'fast-check'

import { printable, printableLines } from '../../src/cli/printable.ts'

const ESC = '\u001b'

describe('printable text', () => {
  const cases: [string, string, string][] = [
    ['plain text', 'knn k=5 · größe 漢字 🙂', 'knn k=5 · größe 漢字 🙂'],
    ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
    ['cursor movement', `a${ESC}[2Jb`, 'a\\x1b[2Jb'],
    ['a title change', `${ESC}]0;owned\u0007`, '\\x1b]0;owned\\x07'],
    ['an 8-bit control', 'a\u009b2Jb', 'a\\x9b2Jb'],
    ['line ends and tabs', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['turned writing direction', 'a\u202eb', 'a\\u202eb'],
    ['half a character', 'a\ud800b', 'a\\ud800b']
  ]
  for (const [what, text, shown] of cases) {
    it(`shows ${what} harmlessly`, () => expect(printable(text)).to.equal(shown))
  }

  it('keeps line ends and tabs of logs, but no lone carriage return', () => {
    expect(printableLines('a\r\nb\tc\n10%\r20%')).to.equal('a\nb\tc\n10%\\r20%')
  })

  it('never lets a control character through', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(ESC, '[', '0', 'm', '\u009b', '\n', '\u0000', 'a', '\u2066')
    })
    fc.assert(
      fc.property(nasty, (text) => {
        expect(printable(text)).to.not.match(/[\p{Cc}\p{Bidi_Control}]/u)
        expect(printableLines(text).replace(/[\n\t]/g, '')).to.not.match(
          /[\p{Cc}\p{Bidi_Control}]/u
        )
      })
    )
  })
})
