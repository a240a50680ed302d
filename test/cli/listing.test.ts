import { expect } from 'chai'
import { parseAssignments, TEXT_FIELDS } from '../../src/cli/listing.ts'

describe('assignments', () => {
  it('make nested maps of typed values', () => {
    expect(
      parseAssignments(['lr=0.1', 'model.depth=3', 'model.kind=tree', 'note=a=b'])
    ).to.deep.equal({
      lr: 0.1,
      model: { depth: 3, kind: 'tree' },
      note: 'a=b'
    })
  })

  it('leave text fields text', () => {
    expect(parseAssignments(['version=1', 'rows=150'], TEXT_FIELDS)).to.deep.equal({
      version: '1',
      rows: 150
    })
  })

  it('are refused without a name', () => {
    expect(() => parseAssignments(['lr']))
      .to.throw()
      .with.property('code', 'CLI_USAGE')
  })
})
