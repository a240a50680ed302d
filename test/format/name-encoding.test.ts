import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  decodeName,
  decodePath,
  encodeName,
  encodePath,
  SEGMENT_MAX_BYTES
} from '../../src/format/name-encoding.ts'
import { modelErrors } from '../../src/model/errors.ts'

const TRICKY = [
  ...[
    'a',
    'A',
    'ß',
    'ẞ',
    'ss',
    'SS',
    'ſ',
    's',
    'K',
    'k',
    'K',
    'ı',
    'i',
    'İ',
    'I',
    'ς',
    'σ',
    'Σ',
    'ﬁ'
  ],
  ...[
    '.',
    '..',
    '...',
    '.git',
    '.GIT',
    '.gitattributes',
    'git~1',
    'a.',
    'a ',
    'a. ',
    ' a',
    '~',
    '%',
    '%41'
  ],
  ...[
    'con',
    'CON',
    'con.txt',
    'con .txt',
    'com1',
    'com¹',
    'lpt9.x',
    'conin$',
    'nul',
    'null',
    'aux.'
  ],
  ...[
    'x.ref.yaml',
    'x.REF.yaml',
    '.ref.yaml',
    'a.yaml',
    'a\\b',
    'a:b',
    'a*',
    'a?',
    '"',
    '<',
    '>',
    '|',
    '#',
    '@'
  ],
  ...[
    '\u0000',
    '\n',
    '\u200b',
    '\u202e',
    '\ufeff',
    '❤️',
    '😀',
    'é',
    'e\u0301',
    '日本語',
    'Ǆ',
    'ǅ',
    'ǆ',
    '\u0345'
  ]
]
const name = fc
  .oneof(
    fc.constantFrom(...TRICKY),
    fc.array(fc.constantFrom(...TRICKY), { maxLength: 4 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 10 })
  )
  .filter((text) => text !== '' && !/\p{Cs}/u.test(text))
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  .filter((text) => text.split('/').every((part) => !['', '.', '..'].includes(part)))

describe('names in paths', () => {
  it('come back, up to the normal form', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(decodeName(encodeName(text))).to.equal(text.normalize('NFC'))
      }),
      { numRuns: 2000 }
    )
    fc.assert(
      fc.property(path, (text) => {
        expect(decodePath(encodePath(text))).to.equal(text.normalize('NFC'))
      }),
      { numRuns: 1000 }
    )
  })

  it('stay apart where case and composition do not count', () => {
    const folded = (text: string): string =>
      encodeName(text).toUpperCase().toLowerCase().normalize('NFD')
    fc.assert(
      fc.property(name, name, (a, b) => {
        if (a.normalize('NFC') !== b.normalize('NFC')) expect(folded(a)).to.not.equal(folded(b))
      }),
      { numRuns: 2000 }
    )
    const all = [...new Set(TRICKY.map((text) => text.normalize('NFC')))]
    expect(new Set(all.map(folded)).size).to.equal(all.length)
  })

  it('decode only what encoding produces', () => {
    for (const encoded of [
      'A',
      '%61',
      '%4A',
      '%',
      '%zz',
      '%ff',
      'a.',
      '.a',
      'con',
      'a/b',
      '',
      'e\u0301'
    ]) {
      expect(decodeName(encoded), encoded).to.equal(undefined)
    }
    for (const encoded of ['a//b', '/a', 'a/', '../a', '%2e%2e/a', 'x.yaml/a', 'a/x.ref.yaml']) {
      expect(decodePath(encoded), encoded).to.equal(undefined)
    }
  })

  it('are safe on Windows and for git', () => {
    fc.assert(
      fc.property(name, (text) => {
        const encoded = encodeName(text)
        expect(encoded).to.not.match(/[\p{Cc}\\/:*?"<>|~#@]|^\.|[. ]$|\.ref\.yaml$/u)
        expect(encoded).to.not.match(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/)
      }),
      { numRuns: 2000 }
    )
  })

  it('are what the document says', () => {
    const examples: readonly (readonly [string, string])[] = [
      ['train/loss', 'train/loss'],
      ['Model.bin', '%4dodel.bin'],
      ['50 %', '50 %25'],
      ['.env', '%2eenv'],
      ['con.txt', '%63on.txt'],
      ['Émile', '%c3%89mile'],
      ['notes.ref.yaml', 'notes%2eref.yaml'],
      ['a.yaml/b', 'a%2eyaml/b'],
      ['a.yaml', 'a.yaml']
    ]
    for (const [text, encoded] of examples) expect(encodePath(text)).to.equal(encoded)
    expect(encodeName('a/b')).to.equal('a%2fb')
  })

  it('are refused when they are empty, no text, or too long', () => {
    for (const text of ['', '\ud800', 'x'.repeat(SEGMENT_MAX_BYTES + 1), 'É'.repeat(34)]) {
      expect(catchName(() => encodeName(text))).to.equal(text)
    }
    for (const text of ['a//b', '/a', 'a/', 'a/../b', './a', `${'abc/'.repeat(300)}a`]) {
      expect(catchName(() => encodePath(text))).to.equal(text)
    }
    expect(encodeName('x'.repeat(SEGMENT_MAX_BYTES))).to.have.length(SEGMENT_MAX_BYTES)
  })

  it('make trees that git accepts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runtree-names-'))
    const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
    const git = (args: readonly string[], input?: string): string =>
      execFileSync('git', ['-C', folder, ...args], { env, input, encoding: 'utf8', stdio: 'pipe' })
    try {
      git(['init', '-q', '--bare'])
      const blob = git(['hash-object', '-w', '--stdin'], 'x').trim()
      const names = new Set(TRICKY.map(encodeName))
      const entries = [...names].map((entry) => `100644 blob ${blob}\t${entry}\0`).join('')
      const tree = git(['mktree', '-z'], entries).trim()
      expect(
        git(['ls-tree', '-z', '--name-only', tree]).split('\0').filter(Boolean)
      ).to.have.members([...names])
      expect(
        git(['-c', 'core.protectHFS', '-c', 'core.protectNTFS', 'fsck', '--strict'])
      ).to.include('dangling tree')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function catchName(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (modelErrors.is(error, 'MODEL_NAME')) return error.data.name
    throw error
  }
  throw new TypeError('nothing was thrown')
}
