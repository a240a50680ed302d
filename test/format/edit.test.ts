import { expect } from 'chai'
import { editRecord, endAttempt, replaceRecord, startAttempt } from '../../src/format/edit.ts'
import { mergeRecords } from '../../src/format/merge-record.ts'
import type { RunRecord } from '../../src/model/records.ts'

const created = '2026-01-01T00:00:00.000Z'
const day = (n: number): string => `2026-01-0${n}T00:00:00.000Z aaaaaa`
const run: RunRecord = {
  schema: 'run/1',
  created,
  status: 'running',
  attempt: created,
  params: { lr: 0.1, k: 3 },
  tags: ['a', 'b']
}

describe('editing a record', () => {
  it('stamps the members and elements that change, and nothing else', () => {
    const edited = editRecord(
      'run',
      run,
      { params: { lr: 0.2, k: 3, new: 1 }, tags: ['b', 'c'], notes: 'n' },
      day(2)
    )
    expect(edited).deep.equal({
      ...run,
      params: { lr: 0.2, k: 3, new: 1 },
      tags: ['b', 'c'],
      notes: 'n',
      edits: {
        notes: day(2),
        'params/lr': day(2),
        'params/new': day(2),
        'tags/a': day(2),
        'tags/c': day(2)
      }
    })
  })

  it('removes a member, a field and a whole map with stamps', () => {
    const one = editRecord('run', run, { params: { lr: undefined } }, day(2))
    expect(one.params).deep.equal({ k: 3 })
    expect(one.edits).deep.equal({ 'params/lr': day(2) })
    const all = editRecord('run', run, { params: undefined, tags: undefined }, day(2))
    expect(all).not.have.any.keys('params', 'tags')
    expect(Object.keys(all.edits ?? {})).have.members(['params/k', 'params/lr', 'tags/a', 'tags/b'])
  })

  it('settles what is contested, also by choosing what it shows already', () => {
    const contested = mergeRecords(
      'run',
      { ...run, key: 'a', status: 'failed', error: { message: 'no' } },
      { ...run, key: 'b', status: 'finished', exitCode: 0 }
    )
    expect(Object.keys(contested.conflicts ?? {})).have.members(['key', 'status'])
    const chosen = editRecord('run', contested, { key: contested.key }, day(2))
    expect(Object.keys(chosen.conflicts ?? {})).deep.equal(['status'])
    const failed = editRecord('run', chosen, { status: 'failed' }, day(3))
    expect(failed.conflicts).equal(undefined)
    expect(failed).deep.include({ status: 'failed', error: { message: 'no' } })
    expect(failed).not.have.property('exitCode')
  })

  it('adds to the commits of an execution without stamps', () => {
    const tree = '1'.repeat(40)
    const [a, b] = ['a'.repeat(40), 'b'.repeat(40)]
    const execution = { schema: 'execution/1', tree, commits: [b] } as const
    expect(editRecord('execution', execution, { commits: [a] }, day(2))).deep.equal({
      ...execution,
      commits: [a, b]
    })
  })

  it('refuses bookkeeping and a stamp that is none or too small', () => {
    const edited = editRecord('run', run, { notes: 'n' }, day(3))
    expect(() => editRecord('run', edited, { notes: 'm' }, day(2))).throw(TypeError, 'smaller')
    expect(() => editRecord('run', edited, { notes: 'm' }, 'now')).throw(TypeError, 'not a stamp')
    expect(() => editRecord('run', edited, { edits: {} }, day(4))).throw(TypeError, 'edits')
    expect(editRecord('run', edited, { created }, day(4))).deep.equal(edited)
  })
})

describe('replacing a record', () => {
  it('removes what the new one lacks and keeps the bookkeeping of the old one', () => {
    const wanted: RunRecord = { ...run, created: '2026-02-01T00:00:00.000Z', params: { k: 4 } }
    const replaced = replaceRecord('run', { ...run, notes: 'n' }, wanted, day(2))
    expect(replaced).deep.equal({
      ...run,
      params: { k: 4 },
      edits: { notes: day(2), 'params/k': day(2), 'params/lr': day(2) }
    })
  })
})

describe('attempts', () => {
  const finished = '2026-01-05T00:00:00.000Z'

  it('of a resume leave no outcome of the one before', () => {
    const ended = endAttempt(run, { status: 'failed', finished, error: { message: 'x' } }, day(2))
    const resumed = startAttempt(ended, day(6))
    expect(resumed).deep.equal({ ...run, attempt: day(6) })
  })

  it('end without a stamp, so that of one attempt the rank decides', () => {
    const ended = endAttempt(run, { status: 'finished', finished }, day(5))
    expect(ended).deep.equal({ ...run, status: 'finished', finished })
    const late = endAttempt(ended, { status: 'interrupted', finished }, day(6))
    expect(late).deep.equal(ended)
  })

  it('end after what a person set meanwhile as attempts of their own', () => {
    const set = editRecord('run', run, { status: 'interrupted' }, day(3))
    const ended = endAttempt(set, { status: 'finished', finished }, day(5))
    expect(ended).deep.equal({ ...run, status: 'finished', attempt: day(5), finished })
  })
})
