import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { kindsWithTables, withTables } from '../../.ci/format-tables.ts'
import {
  ATTRIBUTES_TEXT,
  EMPTY_TREE_OID,
  FIRST_COMMIT_OID,
  FIRST_COMMIT_TEXT
} from '../../src/format/constants.ts'
import { LOG_PART_MAX_BYTES } from '../../src/format/log-parts.ts'
import { PART_MAX_BYTES, SERIES_HEADER } from '../../src/format/series.ts'
import { KINDS, SCHEMAS } from '../../src/model/schemas.ts'
import { RESERVED_SLUGS } from '../../src/model/slug.ts'

const ROOT = new URL('../../', import.meta.url)
const text = readFileSync(new URL('docs/FORMAT.md', ROOT), 'utf8')

describe('docs/FORMAT.md', () => {
  it('has the table of every kind, as its schema says', () => {
    expect([...kindsWithTables(text)].sort()).to.deep.equal([...KINDS].sort())
    expect(withTables(text)).to.equal(text)
  })

  it('describes every field', () => {
    for (const kind of KINDS) {
      for (const [field, schema] of Object.entries(SCHEMAS[kind].properties)) {
        expect(schema.description, `${kind} ${field}`).to.match(/^.+\.$/)
      }
    }
  })

  it('has the constants that the program has', () => {
    const constants = [
      EMPTY_TREE_OID,
      FIRST_COMMIT_OID,
      FIRST_COMMIT_TEXT,
      ATTRIBUTES_TEXT.trim(),
      SERIES_HEADER,
      PART_MAX_BYTES.toLocaleString('en'),
      LOG_PART_MAX_BYTES.toLocaleString('en'),
      ...RESERVED_SLUGS.map((slug) => `\`${slug}\``)
    ]
    for (const constant of constants) expect(text).to.include(constant)
  })

  it('points to files that exist', () => {
    const targets = [...text.matchAll(/\]\(([\w./-]+)\)/g)].map((match) => match[1] as string)
    expect(targets).to.include('schemas')
    for (const target of targets) {
      expect(existsSync(new URL(`docs/${target}`, ROOT)), target).to.equal(true)
    }
  })
})
