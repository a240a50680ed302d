import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { SCHEMA_VERSIONS } from '../../src/model/kinds.ts'
import { FIELD_ORDER, KINDS, SCHEMAS } from '../../src/model/schemas.ts'
import { validateRecord } from '../../src/model/validate.ts'
import { validators } from '../../src/model/validators.js'

const ROOT = new URL('../../', import.meta.url)

describe('schemas', () => {
  it('are one a kind, of the newest version', () => {
    expect([...KINDS].sort()).to.deep.equal(Object.keys(SCHEMA_VERSIONS).sort())
    for (const kind of KINDS) {
      const line = SCHEMAS[kind].properties.schema as { const: string }
      expect(line.const).to.equal(`${kind}/${SCHEMA_VERSIONS[kind]}`)
      expect(FIELD_ORDER[kind][0]).to.equal('schema')
    }
  })

  it('have a validator each, which needs neither ajv nor code made at run time', () => {
    expect(Object.keys(validators).sort()).to.deep.equal([...KINDS].sort())
    const source = readFileSync(new URL('src/model/validators.js', ROOT), 'utf8')
    expect(source).to.not.match(/new Function|\beval\(|^import /m)
  })

  for (const kind of KINDS) {
    it(`lie in docs/schemas as they are: ${kind}`, () => {
      const text = readFileSync(new URL(`docs/schemas/${kind}-1.json`, ROOT), 'utf8')
      expect(JSON.parse(text)).to.deep.equal(SCHEMAS[kind])
    })
  }
})

describe('validation', () => {
  const view = {
    schema: 'view/1',
    name: 'Best',
    created: '2026-11-23T07:20:00.000Z',
    state: {}
  }

  it('finds nothing wrong with a sound record', () => {
    expect(validateRecord('view', view)).to.deep.equal([])
    expect(validateRecord('view', { ...view, unknown: [1, null] })).to.deep.equal([])
  })

  const wrong: readonly (readonly [object, string, string])[] = [
    [{ name: undefined }, 'name', 'is missing'],
    [{ name: '' }, 'name', 'expected text that is not empty, found ""'],
    [{ name: 3 }, 'name', 'expected text, found 3'],
    [{ state: [1] }, 'state', 'expected a map, found a list of 1'],
    [{ schema: 'run/1' }, 'schema', 'expected "view/1", found "run/1"'],
    [
      { created: 'today' },
      'created',
      'expected a time such as 2026-11-23T07:20:00.123Z, found "today"'
    ],
    [
      { edits: { 'a/b': 'x' } },
      'edits/a/b',
      'expected a stamp such as 2026-11-23T07:20:00.123Z k3f9q2, found "x"'
    ],
    [{ state: { at: new Date(0) } }, 'state/at', 'expected data, found a Date'],
    [{ state: { f: () => 1 } }, 'state/f', 'expected data, found a function'],
    [{ notes2: '\udc00' }, 'notes2', 'is no valid Unicode text']
  ]
  for (const [change, field, message] of wrong) {
    it(`says that ${field} ${message}`, () => {
      expect(validateRecord('view', { ...view, ...change })).to.deep.equal([{ field, message }])
    })
  }

  it('takes what is no map for what it is', () => {
    expect(validateRecord('view', null)).to.deep.equal([
      { field: '', message: 'expected a map, found null' }
    ])
  })
})
