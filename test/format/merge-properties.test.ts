import { expect } from 'chai'
import fc from 'fast-check'
import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { equalJson } from '../../src/base/json.ts'
import { editRecord, endAttempt, replaceRecord, startAttempt } from '../../src/format/edit.ts'
import { mergeRecords, normalizeRecord } from '../../src/format/merge-record.ts'
import { formatRecord, parseRecord } from '../../src/format/record.ts'
import { nextStamp } from '../../src/format/stamp.ts'
import { type Kind, type RecordOfKind, SCHEMA_VERSIONS } from '../../src/model/kinds.ts'
import { arbitraryRecord } from './merge-arbitraries.ts'

const KINDS = Object.keys(SCHEMA_VERSIONS) as Kind[]
const NEVER_EDITED = ['execution', 'purged']
const clock = { now: () => Date.UTC(2026, 5, 1) }

/** Takes out what follows from parts, which nobody edits. */
function summariesOf(record: object): object {
  const names = ['metrics', 'columns', 'rows', 'aggregates']
  return Object.fromEntries(
    names.map((name) => [name, (record as { [field: string]: unknown })[name]])
  )
}

for (const kind of KINDS) {
  const record = arbitraryRecord(kind)
  const text = (value: RecordOfKind[Kind]): string => decodeUtf8(formatRecord(kind, value))
  const merge = (a: RecordOfKind[Kind], b: RecordOfKind[Kind]): RecordOfKind[Kind] =>
    mergeRecords(kind, a, b)

  describe(`merging two records of the kind ${kind}`, () => {
    it('gives the same bytes whichever side comes first', () => {
      fc.assert(
        fc.property(record, record, (a, b) => {
          expect(text(merge(a, b))).equal(text(merge(b, a)))
        }),
        { numRuns: 400 }
      )
    })

    it('gives the same bytes whichever two of three come first', () => {
      fc.assert(
        fc.property(record, record, record, (a, b, c) => {
          expect(text(merge(merge(a, b), c))).equal(text(merge(a, merge(b, c))))
        }),
        { numRuns: 400 }
      )
    })

    it('changes nothing the second time', () => {
      fc.assert(
        fc.property(record, record, (a, b) => {
          expect(text(merge(a, a))).equal(text(normalizeRecord(kind, a)))
          const both = merge(a, b)
          expect(text(merge(both, a))).equal(text(both))
          expect(text(merge(both, both))).equal(text(both))
        }),
        { numRuns: 200 }
      )
    })

    it('gives a record that is read as it was written, also on the way', async () => {
      await fc.assert(
        fc.asyncProperty(record, record, record, async (a, b, c) => {
          const stored = (value: RecordOfKind[Kind]) =>
            parseRecord(kind, encodeUtf8(text(value)), 'a file')
          const both = merge(a, b)
          expect(text(merge(await stored(both), c))).equal(text(merge(both, c)))
        }),
        { numRuns: 200 }
      )
    })
  })

  if (NEVER_EDITED.includes(kind)) continue
  describe(`editing a record of the kind ${kind}`, () => {
    it('makes a record that wins over what it was made from', () => {
      fc.assert(
        fc.property(record, record, (raw, wanted) => {
          const old = normalizeRecord(kind, raw)
          const target = { ...wanted, ...summariesOf(old) } as typeof wanted
          const stamp = nextStamp(clock, 'cccccc', old as never)
          const edited = replaceRecord(kind, old, target, stamp)
          expect(text(merge(old, edited))).equal(text(edited))
        }),
        { numRuns: 300 }
      )
    })

    it('stamps nothing if nothing changes and nothing was contested', () => {
      fc.assert(
        fc.property(record, (raw) => {
          const old = normalizeRecord(kind, raw)
          if ('conflicts' in old) return
          expect(text(replaceRecord(kind, old, old, '2026-06-01T00:00:00.000Z cccccc'))).equal(
            text(old)
          )
        }),
        { numRuns: 200 }
      )
    })

    it('keeps a value that somebody else set before', () => {
      fc.assert(
        fc.property(record, record, fc.boolean(), (raw, other, isRemoval) => {
          const old = normalizeRecord(kind, raw)
          const stamp = nextStamp(clock, 'cccccc', old as never)
          const wanted = isRemoval ? undefined : 'chosen'
          const edited = editRecord(kind, old, { x: wanted }, stamp)
          if (equalJson((old as { x?: unknown }).x, wanted)) return
          expect((merge(edited, other) as { x?: unknown }).x).deep.equal(wanted)
        }),
        { numRuns: 200 }
      )
    })
  })
}

describe('attempts of a run', () => {
  it('win over any earlier outcome, and end once', () => {
    fc.assert(
      fc.property(arbitraryRecord('run'), arbitraryRecord('run'), (raw, other) => {
        const old = normalizeRecord('run', raw)
        const started = startAttempt(old, nextStamp(clock, 'cccccc', old))
        expect(mergeRecords('run', started, other).status).equal('running')
        const finished = '2026-06-02T00:00:00.000Z'
        const ended = endAttempt(started, { status: 'finished', finished }, started.attempt)
        expect(ended.status).equal('finished')
        expect(ended.finished).equal(finished)
        expect(mergeRecords('run', ended, started)).deep.equal(ended)
        const late = endAttempt(ended, { status: 'interrupted', finished }, started.attempt)
        expect(late).deep.equal(ended)
      }),
      { numRuns: 300 }
    )
  })
})
