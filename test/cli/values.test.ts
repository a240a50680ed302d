import { expect } from 'chai'
import fc from 'fast-check'

import {
  flatten,
  formatAge,
  formatDuration,
  formatNumber,
  formatSize,
  formatValue,
  mergeDeep,
  nest,
  parseTyped
} from '../../src/cli/values.ts'

describe('values on the screen', () => {
  it('formats numbers with five significant digits', () => {
    const shown = [0.973333333, 0.5, 1, -3, 12345.678, 1234567.8, 0.00001234, 1e-5, 1e21, 0].map(
      formatNumber
    )
    expect(shown).to.deep.equal([
      '0.97333',
      '0.5',
      '1',
      '-3',
      '12346',
      '1234568',
      '1.234e-5',
      '1e-5',
      '1e21',
      '0'
    ])
    expect([Number.NaN, Infinity, -Infinity].map(formatNumber)).to.deep.equal([
      'NaN',
      'inf',
      '-inf'
    ])
  })

  it('formats durations in at most two units', () => {
    const shown = [0, 320, 3200, 9949, 9999, 59_400, 80_000, 7_500_000, 273_600_000].map(
      formatDuration
    )
    expect(shown).to.deep.equal([
      '0ms',
      '320ms',
      '3.2s',
      '9.9s',
      '10s',
      '59s',
      '1m20s',
      '2h05m',
      '3d4h'
    ])
  })

  it('formats how long ago something was', () => {
    const now = Date.parse('2026-11-23T12:00:00.000Z')
    const ago = (time: string) => formatAge(time, now)
    expect(ago('2026-11-23T11:59:58.000Z')).to.equal('now')
    expect(ago('2026-11-23T11:59:30.000Z')).to.equal('30s ago')
    expect(ago('2026-11-23T09:30:00.000Z')).to.equal('2h ago')
    expect(ago('2026-11-20T09:30:00.000Z')).to.equal('3d ago')
    expect(ago('2026-01-02T09:30:00.000Z')).to.equal('2026-01-02')
    expect(ago('2027-01-02T09:30:00.000Z')).to.equal('now')
    expect(formatAge(undefined, now)).to.equal('')
  })

  it('formats sizes in decimal units', () => {
    expect([0, 999, 1000, 1234, 99_950, 1_000_000, 2.5e9].map(formatSize)).to.deep.equal([
      '0 B',
      '999 B',
      '1 kB',
      '1.2 kB',
      '100 kB',
      '1 MB',
      '2.5 GB'
    ])
  })

  it('formats nested values on one harmless line', () => {
    expect(formatValue({ a: [1, 'x\n'], b: null })).to.equal('{a: [1, x\\n], b: null}')
  })

  it('reads what is typed as number, truth, nothing, JSON or text', () => {
    const typed = [
      '5',
      '-0.1',
      '1e-3',
      'true',
      'null',
      '[1,2]',
      '"5"',
      'adam',
      '',
      '0x10',
      '1.2.3',
      'NaN',
      '[x'
    ]
    expect(typed.map(parseTyped)).to.deep.equal([
      5,
      -0.1,
      0.001,
      true,
      null,
      [1, 2],
      '5',
      'adam',
      '',
      '0x10',
      '1.2.3',
      Number.NaN,
      '[x'
    ])
  })

  it('reads every number as it is written', () => {
    fc.assert(
      fc.property(fc.double(), (number) => {
        expect(Object.is(parseTyped(String(number)), number === 0 ? 0 : number)).to.equal(true)
      })
    )
  })

  it('nests dotted names and flattens them again', () => {
    const fields = mergeDeep(
      nest('model.depth', 3),
      mergeDeep(nest('model.kind', 'tree'), nest('lr', 0.1))
    )
    expect(fields).to.deep.equal({ model: { depth: 3, kind: 'tree' }, lr: 0.1 })
    expect([...flatten(fields)]).to.deep.equal([
      ['model.depth', 3],
      ['model.kind', 'tree'],
      ['lr', 0.1]
    ])
  })
})
