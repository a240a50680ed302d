import { expect } from 'chai'
import fc from 'fast-check'
import stringWidth from 'string-width'

import { abbreviatedLength } from '../../src/cli/abbreviate.ts'
import { createColors } from '../../src/cli/colors.ts'
import { formatTable, shorten } from '../../src/cli/table.ts'

const colors = createColors(false)
const lines = (text: string): string[] => text.split('\n').slice(0, -1)

describe('tables', () => {
  it('aligns columns by their width on the screen', () => {
    const { text } = formatTable(
      [{ title: 'name' }, { title: 'n', align: 'right' }],
      [
        ['漢字', '1'],
        ['abc', '20']
      ],
      { width: 80, colors }
    )
    expect(lines(text)).to.deep.equal(['name   n', '漢字   1', 'abc   20'])
  })

  it('shortens the widest values first, then leaves columns of the greatest rank away', () => {
    const columns = [
      { title: 'run', minWidth: 6 },
      { title: 'params', rank: 2, minWidth: 8 },
      { title: 'notes', rank: 1, minWidth: 8 }
    ]
    const rows = [['k3f9q2', 'abcdefgh', 'a rather long note']]
    const at = (width: number) => formatTable(columns, rows, { width, colors })
    expect(lines(at(80).text)[1]).to.equal('k3f9q2  abcdefgh  a rather long note')
    expect(lines(at(30).text)[1]).to.equal('k3f9q2  abcdefgh  a rather lo…')
    expect(lines(at(25).text)[1]).to.equal('k3f9q2  a rather long no…')
    expect(at(25).hidden).to.deep.equal(['params'])
    expect(at(1).hidden).to.deep.equal(['params', 'notes'])
  })

  it('makes cells harmless, so that none breaks out of its row', () => {
    const { text } = formatTable([{ title: 'a\u001b[2J' }], [['x\ny\u001b[1;1Hz']], {
      width: 80,
      colors
    })
    expect(lines(text)).to.deep.equal(['a\\x1b[2J', 'x\\ny\\x1b[1;1Hz'])
  })

  it('fits any terminal that has room for the columns that always stay', () => {
    const letter = fc.constantFrom(
      ...'ab 0_/',
      'é',
      'e\u0301',
      'か\u3099',
      '漢',
      '한',
      'Ω',
      '🙂',
      '👩‍👩‍👧‍👦',
      '\u001b',
      '\n'
    )
    const cell = fc.string({ unit: letter, maxLength: 40 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 }),
        fc.integer({ min: 12, max: 120 }),
        (rows, width) => {
          const columns = [{ title: 'a' }, { title: 'b', rank: 1 }, { title: 'c', rank: 2 }]
          const { text } = formatTable(columns, rows, { width, colors })
          for (const line of lines(text)) expect(stringWidth(line)).to.be.at.most(width)
          expect(lines(text)).to.have.lengthOf(rows.length + 1)
        }
      )
    )
  })

  it('shortens by columns, not by code units', () => {
    expect(shorten('漢字漢字', 5)).to.equal('漢字…')
    expect(shorten('👩‍👩‍👧‍👦abc', 4)).to.equal('👩‍👩‍👧‍👦a…')
    expect(shorten('abc', 3)).to.equal('abc')
  })
})

describe('abbreviated ids', () => {
  it('tell the ids apart, with one character to spare', () => {
    expect(abbreviatedLength([])).to.equal(6)
    expect(abbreviatedLength(['k3f9q2xab7mt', 'k3f9q2xzz000'])).to.equal(9)
    expect(abbreviatedLength(['k3f9q2xab7mt', 'k3f9q2xab7mt'])).to.equal(6)
  })
})
