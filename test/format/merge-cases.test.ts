import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { decodeUtf8 } from '../../src/base/bytes.ts'
import { mergeRecords } from '../../src/format/merge-record.ts'
import { formatRecord } from '../../src/format/record.ts'
import { parseYaml } from '../../src/format/yaml.ts'
import type { Kind, RecordOfKind } from '../../src/model/kinds.ts'

interface RecordCase {
  readonly name: string
  readonly kind: Kind
  readonly a: RecordOfKind[Kind]
  readonly b: RecordOfKind[Kind]
  readonly c?: RecordOfKind[Kind]
  readonly merged: RecordOfKind[Kind]
}

async function readCases(file: string): Promise<readonly RecordCase[]> {
  const url = new URL(`../../fixtures/merge/records/${file}.yaml`, import.meta.url)
  const cases: unknown = await parseYaml(readFileSync(url, 'utf8'), { path: file })
  return cases as readonly RecordCase[]
}

const CASES = [...(await readCases('fields')), ...(await readCases('runs'))]

describe('the cases of merged records', () => {
  for (const { name, kind, a, b, c, merged } of CASES) {
    const merge = (one: RecordOfKind[Kind], other: RecordOfKind[Kind]) =>
      mergeRecords(kind, one, other)
    const text = (record: RecordOfKind[Kind]): string => decodeUtf8(formatRecord(kind, record))

    it(name, () => {
      const wanted = text(merged)
      if (c === undefined) {
        expect(text(merge(a, b))).equal(wanted)
        expect(text(merge(b, a))).equal(wanted)
      } else {
        for (const [x, y, z] of [
          [a, b, c],
          [a, c, b],
          [b, a, c],
          [b, c, a],
          [c, a, b],
          [c, b, a]
        ] as const) {
          expect(text(merge(merge(x, y), z))).equal(wanted)
          expect(text(merge(x, merge(y, z)))).equal(wanted)
        }
      }
    })

    it(`${name}, and again nothing changes`, () => {
      expect(text(merge(merged, merged))).equal(text(merged))
      for (const side of c === undefined ? [a, b] : [a, b, c]) {
        expect(text(merge(merged, side))).equal(text(merged))
        expect(text(merge(side, merged))).equal(text(merged))
      }
    })
  }
})
