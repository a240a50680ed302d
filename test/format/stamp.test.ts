import { expect } from 'chai'
import { findBadStamp, isStamp, nextStamp, timeOfStamp } from '../../src/format/stamp.ts'

const at = (text: string): { now(): number } => ({ now: () => Date.parse(text) })

describe('stamps', () => {
  it('are times of this and the coming centuries, with a writer or without', () => {
    for (const stamp of ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z k3f9q2']) {
      expect(isStamp(stamp), stamp).equal(true)
    }
    for (const text of [
      '',
      '2026-01-01',
      '2026-02-30T00:00:00.000Z',
      '2026-01-01T25:00:00.000Z',
      '1969-12-31T23:59:59.999Z a',
      '3000-01-01T00:00:00.000Z a',
      '2026-01-01T00:00:00.000Z ',
      '2026-01-01T00:00:00.000Z A',
      '2026-01-01T00:00:00.000Z a b'
    ]) {
      expect(isStamp(text), text).equal(false)
    }
  })

  it('are greater than all that a record has, also if the clock is behind', () => {
    const created = '2026-01-01T00:00:00.000Z'
    const edits = { notes: '2026-03-01T00:00:00.000Z zzzzzz' }
    const attempt = '2026-02-01T00:00:00.000Z zzzzzz'
    const clock = at('2025-06-01T00:00:00Z')
    expect(nextStamp(clock, 'aaaaaa')).equal('2025-06-01T00:00:00.000Z aaaaaa')
    expect(nextStamp(clock, 'aaaaaa', { created })).equal('2026-01-01T00:00:00.001Z aaaaaa')
    expect(nextStamp(clock, 'aaaaaa', { created, attempt })).equal(
      '2026-02-01T00:00:00.001Z aaaaaa'
    )
    expect(nextStamp(clock, 'aaaaaa', { created, attempt, edits })).equal(
      '2026-03-01T00:00:00.001Z aaaaaa'
    )
  })

  it('follow the clock if it is ahead, and a given time if that is later', () => {
    const created = '2026-01-01T00:00:00.000Z'
    const clock = at('2026-06-01T00:00:00Z')
    expect(nextStamp(clock, 'aaaaaa', { created })).equal('2026-06-01T00:00:00.000Z aaaaaa')
    const afterMs = Date.UTC(2026, 6, 1)
    const stamp = nextStamp(clock, 'aaaaaa', { created }, afterMs)
    expect(timeOfStamp(stamp)).equal(afterMs)
  })

  it('that are none are named by their path', () => {
    const created = '2026-01-01T00:00:00.000Z'
    expect(findBadStamp({ created, edits: { notes: `${created} a` } })).equal(undefined)
    expect(findBadStamp({ created, edits: { notes: '9999-01-01T00:00:00.000Z a' } })).equal(
      'edits/notes'
    )
    expect(findBadStamp({ created: 'soon' })).equal('created')
    expect(findBadStamp({ created, attempt: 'now' })).equal('attempt')
  })
})
