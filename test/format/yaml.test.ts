import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import fc from 'fast-check'

import { parse } from 'yaml'
import { encodeUtf8 } from '../../src/base/bytes.ts'

import { equalJson, type Json, type JsonObject } from '../../src/base/json.ts'
import { formatErrors } from '../../src/format/errors.ts'
import { formatYaml, parseYaml } from '../../src/format/yaml.ts'
import { readCanonicalYaml } from '../../src/format/yaml-canonical.ts'
import { readForeignYaml } from '../../src/format/yaml-foreign.ts'
import { needsPythonModule } from '../support/programs.ts'

const TRICKY = [
  ...['yes', 'No', 'ON', 'off', 'y', 'N', 'null', 'Null', '~', '', 'true', 'FALSE', '=', '<<'],
  ...[
    '1',
    '-1',
    '+1',
    '1.5',
    '.5',
    '1e3',
    '1e+3',
    '0x1F',
    '0o17',
    '017',
    '0b11',
    '1_000',
    '12:30:45'
  ],
  ...[
    '.inf',
    '-.INF',
    '.nan',
    '.NaN',
    '2026-11-23',
    '2026-11-23T07:20:00.123Z',
    '1.2.3',
    '12e4567'
  ],
  ...[
    ' a',
    'a ',
    '\ta',
    'a\t',
    'a: b',
    'a:',
    ':a',
    'a #b',
    '#a',
    'a\nb',
    'a\n',
    '\na',
    'a\n\n',
    '\n'
  ],
  ...[
    'a\n b',
    ' a\nb',
    'a\n\tb',
    'a\n \nb',
    'a\r\nb',
    'a\u0085b',
    'a\u2028b',
    '\ufeffa',
    'a\u00a0'
  ],
  ...[
    '- a',
    '-',
    '---',
    '...',
    '? a',
    '? ',
    '| a',
    '> a',
    '& a',
    '&a',
    '*a',
    '!a',
    '!!str a',
    '%a',
    '@a',
    '`a'
  ],
  ...[
    '[a]',
    '{a}',
    'a, b',
    'a]',
    "'a'",
    '"a"',
    'a"b',
    'a\\b',
    'a\nb: c\n# d',
    '\u0000',
    '\u001b[0m'
  ],
  ...[
    '日本語',
    'é',
    '😀',
    '\u202eabc',
    'a\u200bb',
    'a　',
    '\u3000a',
    'a\n\u3000',
    'a:b',
    'a:,b',
    'http://x/y?z#w'
  ],
  ...[
    '__proto__',
    'constructor',
    'key with spaces',
    'x'.repeat(900),
    '\ud7ff',
    '\ue000',
    '\uffff',
    'a\n-'
  ],
  ...['a\n\n\nb', 'a \nb', 'a\nb ', 'a\n\nb\n', '\n a', 'a\n...\nb', 'a\n---\nb']
]

const text = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => !/\p{Cs}/u.test(value)),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', '\t', '"', '1', '|'),
    maxLength: 8
  })
)
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    1e21,
    1e-7,
    2 ** 53,
    -(2 ** 53),
    1.5e300,
    2 ** 70
  )
)
const { value } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object')
  ),
  object: fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map(Object.fromEntries)
}))
const object = fc.array(fc.tuple(text, value), { maxLength: 5 }).map(Object.fromEntries)

async function reasonOf(source: string): Promise<{ line: number; column: number; reason: string }> {
  try {
    await parseYaml(source, { path: 'x/run.yaml' })
  } catch (error) {
    if (!formatErrors.is(error, 'FORMAT_YAML')) throw error
    expect(error.data.path).to.equal('x/run.yaml')
    return error.data
  }
  throw new TypeError(`${source} was accepted`)
}

describe('YAML', () => {
  it('reads back what it wrote, and writes the same bytes again', async () => {
    await fc.assert(
      fc.asyncProperty(object, async (input: JsonObject) => {
        const written = formatYaml(input)
        const read = (await parseYaml(written)) as JsonObject
        expect(equalJson(read, input), written).to.equal(true)
        expect(formatYaml(read)).to.equal(written)
      }),
      { numRuns: 1000 }
    )
  })

  it('writes what a reader of YAML 1.1 takes for the same', () => {
    fc.assert(
      fc.property(object, (input: JsonObject) => {
        const written = formatYaml(input)
        const read = parse(written, { version: '1.1', maxAliasCount: 0, mapAsMap: false })
        expect(equalJson(read, input), written).to.equal(true)
      }),
      { numRuns: 500 }
    )
  })

  it('writes what PyYAML takes for the same', function () {
    needsPythonModule(this, 'yaml')
    const input = Object.fromEntries(TRICKY.map((item, index) => [`k${index}`, item]))
    const numbers = { a: 1e21, b: 1e-7, c: 2 ** 60, d: 0.1, e: 12, f: -1.5e-300 }
    const script = 'import sys, yaml, json; print(json.dumps(yaml.safe_load(sys.stdin.buffer)))'
    const output = execFileSync('python3', ['-c', script], {
      input: formatYaml({ input, numbers })
    })
    expect(JSON.parse(output.toString())).to.deep.equal({ input, numbers })
  })

  it('reads the canonical form as YAML of any form is read', () => {
    fc.assert(
      fc.property(object, (input: JsonObject) => {
        fc.pre(Object.keys(input).length > 0 && !formatYaml(input).includes('__proto__'))
        const written = formatYaml(input)
        const read = readCanonicalYaml(written)
        expect(readCanonicalYaml(written, encodeUtf8(written))).to.deep.equal(read)
        expect(read !== undefined && equalJson(read, input), written).to.equal(true)
        expect(equalJson(readForeignYaml(written) as Json, input)).to.equal(true)
        expect(formatYaml(read as JsonObject)).to.equal(written)
      }),
      { numRuns: 1000 }
    )
  })

  it('reads decimals as JavaScript does, to the last bit', () => {
    const digits = (least: number, most: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: least, maxLength: most })
    const decimal = fc.tuple(fc.constantFrom('', '-'), fc.nat(1000), digits(1, 26))
    fc.assert(
      fc.property(decimal, fc.double({ noNaN: true, min: -1e6, max: 1e6 }), (parts, double) => {
        const [sign, whole, fraction] = parts
        for (const text of [`${sign}${whole}.${fraction}`, String(double)]) {
          const read = readCanonicalYaml(`a: ${text}\n`)
          if (text !== '-0') expect(Object.is(read?.a, Number(text)), text).to.equal(true)
        }
      }),
      { numRuns: 3000 }
    )
  })

  it('reads nothing as canonical that YAML of any form is not, or not the same', () => {
    const pieces = [
      ' ',
      '  ',
      '\n',
      ':',
      ': ',
      '- ',
      '"',
      '\\',
      '#',
      ' #',
      '|',
      '|-\n',
      '\t',
      '1',
      '.',
      'e'
    ]
    const insert = fc.oneof(
      fc.constantFrom(...pieces, '[', '{', '&a', '*a', '!a ', '?', '%', "'", '>'),
      text
    )
    const change = fc.tuple(fc.nat(), fc.nat({ max: 3 }), insert)
    fc.assert(
      fc.property(object, fc.array(change, { minLength: 1, maxLength: 3 }), (input, changes) => {
        let source = formatYaml(input as JsonObject)
        for (const [place, removed, inserted] of changes) {
          const at = place % source.length
          source = source.slice(0, at) + inserted + source.slice(at + removed)
        }
        const read = readCanonicalYaml(source)
        expect(readCanonicalYaml(source, encodeUtf8(source))).to.deep.equal(read)
        if (read === undefined) return
        expect(equalJson(readForeignYaml(source) as Json, read), source).to.equal(true)
      }),
      { numRuns: 5000 }
    )
  })

  it('keeps minus zero', async () => {
    expect(formatYaml({ a: -0 })).to.equal('a: -0.0\n')
    expect(Object.is(((await parseYaml('a: -0.0')) as JsonObject).a, -0)).to.equal(true)
  })

  it('writes known keys in the given order and others by code point', () => {
    const written = formatYaml(
      {
        b: 1,
        z: { w: 1, v: [{ q: 1, p: [] }, [1, 2], {}] },
        a: undefined,
        '\u{10000}': 1,
        '\uffee': 1
      },
      ['z', 'a', 'b']
    )
    expect(written).to.equal(
      [
        'z:',
        '  v:',
        '    - p: []',
        '      q: 1',
        '    - - 1',
        '      - 2',
        '    - {}',
        '  w: 1',
        'b: 1',
        '\uffee: 1',
        '\u{10000}: 1',
        ''
      ].join('\n')
    )
  })

  it('writes text of several lines as a literal block', () => {
    expect(formatYaml({ notes: 'first\n  second\n\nthird\n', list: ['a\nb'] })).to.equal(
      'list:\n  - |-\n    a\n    b\nnotes: |\n  first\n    second\n\n  third\n'
    )
  })

  it('keeps a key __proto__ as an ordinary member', async () => {
    const read = (await parseYaml('__proto__:\n  polluted: 1\n')) as JsonObject
    expect(Object.keys(read)).to.deep.equal(['__proto__'])
    expect(({} as { polluted?: number }).polluted).to.equal(undefined)
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype)
  })

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', /twice/],
    ['a duplicate key in another spelling', '1: a\n"1": b\n', /twice/],
    ['a tag', 'a: !custom 1\n', /tag/],
    ['a standard tag', 'a: !!str 1\n', /tag/],
    ['a tagged map', 'a: !!map {}\n', /tag/],
    ['an anchor', 'a: &x 1\n', /anchor/],
    ['an alias', 'a: &x 1\nb: *x\n', /anchor|alias/],
    ['a merge key', 'b:\n  <<: {c: 1}\n', /merge/],
    ['several documents', 'a: 1\n---\nb: 1\n', /only one document is allowed/],
    ['a directive', '%YAML 1.1\n---\na: yes\n', /directive/],
    ['an unknown directive', '%FOO bar\n---\na: yes\n', /directive/],
    ['an empty key', '? \n: 1\n', /key/],
    ['a map as a key', '? {a: 1}\n: 1\n', /key/],
    ['a whole number that is not exact', 'seed: 12345678901234567891\n', /too large/],
    ['a fraction that no double reaches', `a: ${'1'.repeat(400)}.5\n`, /too large/],
    ['a bad indentation', 'a:\n  - b\n c: 1\n', /./],
    ['an open quote', 'a: "b\n', /./],
    ['an unknown escape', 'a: "\\q"\n', /./],
    ['depth', `a: ${'['.repeat(65)}${']'.repeat(65)}\n`, /deep/],
    ['depth without end', `a: ${'['.repeat(250_000)}`, /deep/],
    ['depth of lists without end', '- '.repeat(125_000), /deep/],
    ['depth of keys without end', '? '.repeat(125_000), /deep/],
    ['depth of maps without end', '{a: '.repeat(80_000), /deep/],
    [
      'depth by indentation',
      Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
      /deep/
    ],
    ['half a character', 'a: "\\ud800"\n', /Unicode/],
    ['a long text that is not canonical', `{a: 1}\n${'#'.repeat(1_000_000)}`, /canonical/]
  ]
  for (const [what, source, reason] of refused) {
    it(`refuses ${what} and names the place`, async () => {
      const data = await reasonOf(source)
      expect(data.reason).to.match(reason)
      expect(data.line).to.be.greaterThan(0)
    })
  }

  it('names line and column', async () => {
    expect(await reasonOf('a: 1\nb: 2\na: 3\n')).to.include({ line: 3, column: 1 })
    expect(await reasonOf('a:\n  b: !x 1\n')).to.include({ line: 2 })
  })

  it('refuses text that is too long before reading it', async () => {
    const error = await parseYaml('a: 1', { maxLength: 3 }).catch((thrown) => thrown)
    expect(error).to.have.property('code', 'FORMAT_YAML')
    expect(error.message).to.match(/longer than 3/)
  })

  it('refuses to write what could not be read again', () => {
    let deep: Json = 1
    for (let i = 0; i < 65; i++) deep = [deep]
    expect(() => formatYaml({ deep })).to.throw(/nested/)
    expect(() => formatYaml({ a: '\ud800' })).to.throw(/Unicode/)
    expect(() => formatYaml({ ['k'.repeat(1001)]: 1 })).to.throw(/key/)
    expect(() => formatYaml({ a: new Date() as unknown as Json })).to.throw(TypeError)
  })

  it('reads a map of 20,000 keys without comparing each with each', async () => {
    const source = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join('\n')
    expect(Object.keys((await parseYaml(source)) as JsonObject)).to.have.length(20_000)
  })
})
