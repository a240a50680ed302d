import { expect } from 'chai'
import { formatRecord, parseRecord } from '../../src/format/record.ts'
import { modelErrors } from '../../src/model/errors.ts'
import type { RunRecord } from '../../src/model/records.ts'

const RUN: RunRecord = {
  schema: 'run/1',
  status: 'running',
  attempt: '2026-11-23T07:20:00.000Z m2p7xw',
  created: '2026-11-23T07:20:00.000Z'
}

function textOf(record: RunRecord): string {
  return new TextDecoder().decode(formatRecord('run', record))
}

describe('records', () => {
  it('have the same bytes whatever the order of their fields', () => {
    const params = { b: 1, a: { d: 1, c: 2 } }
    const turned = Object.fromEntries(
      Object.entries({ ...RUN, params: { a: { c: 2, d: 1 }, b: 1 } }).reverse()
    )
    expect(textOf(turned as unknown as RunRecord)).to.equal(textOf({ ...RUN, params }))
  })

  it('begin with their schema', () => {
    expect(textOf(RUN)).to.match(/^schema: run\/1\nstatus: running\n/)
  })

  it('leave out what is undefined at every depth', () => {
    const record = { ...RUN, name: undefined, params: { a: undefined, b: [{ c: undefined }] } }
    expect(textOf(record as unknown as RunRecord)).to.equal(textOf({ ...RUN, params: { b: [{}] } }))
  })

  it('hold sets in one order, each member once', () => {
    const sorted = textOf({ ...RUN, tags: ['a', 'b'] })
    expect(textOf({ ...RUN, tags: ['b', 'a', 'b'] })).to.equal(sorted)
    expect(sorted).to.include('tags:\n  - a\n  - b\n')
  })

  it('keep unknown fields', async () => {
    const record = { ...RUN, mascot: { name: 'otter' } } as RunRecord
    const read = await parseRecord('run', formatRecord('run', record), 'run.yaml')
    expect(read).to.deep.equal(record)
  })

  it('keep NaN, the infinities and minus zero', async () => {
    const metrics = { loss: { last: NaN, min: -Infinity, max: Infinity, count: 1 } }
    const record = { ...RUN, metrics, params: { zero: -0 } }
    const read = await parseRecord('run', formatRecord('run', record), 'run.yaml')
    expect(read).to.deep.equal(record)
    expect(Object.is(read.params?.zero, -0)).to.equal(true)
  })

  it('are refused with the fields that are wrong', () => {
    const record = { ...RUN, status: 'done', seed: true, params: [1] } as unknown as RunRecord
    const error = catchError(() => formatRecord('run', record))
    if (!modelErrors.is(error, 'MODEL_INVALID')) throw error
    expect(error.message).to.equal(
      'The run is no valid run: status expected one of running, finished, failed, interrupted, ' +
        'found "done"; params expected a map, found a list of 1; seed expected a number or text, ' +
        'found true.'
    )
  })

  it('are refused if they hold what is no data', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (const value of [new Date(), () => 1, 1n, Symbol('x'), new Map(), cycle, '\ud800']) {
      const record = { ...RUN, params: { value } } as unknown as RunRecord
      const error = catchError(() => formatRecord('run', record))
      expect(modelErrors.is(error, 'MODEL_INVALID'), String(error)).to.equal(true)
    }
  })

  it('of a newer schema name both versions', async () => {
    const bytes = new TextEncoder().encode('schema: run/2\n')
    const error = await parseRecord('run', bytes, 'a/run.yaml').catch((thrown) => thrown)
    if (!modelErrors.is(error, 'MODEL_SCHEMA_TOO_NEW')) throw error
    expect(error.data).to.deep.equal({ kind: 'run', path: 'a/run.yaml', version: 2, known: 1 })
  })
})

function catchError(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new TypeError('nothing was thrown')
}
