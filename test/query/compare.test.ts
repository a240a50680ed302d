import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { EnvironmentRecord, RunRecord } from '../../src/model/records.ts'
import { diffPatches, readPatch } from '../../src/query/code-diff.ts'
import { compareFields } from '../../src/query/compare.ts'
import type { ComparedSource } from '../../src/query/compared-fields.ts'
import type { ComparedField, SectionName } from '../../src/query/comparison.ts'
import { DIFF_MAX_CHARS, diffTexts } from '../../src/query/text-diff.ts'

interface Parts {
  readonly fields?: object
  readonly environment?: object
  readonly metrics?: ComparedSource['metrics']
}

function source({ fields = {}, environment, metrics = {} }: Parts): ComparedSource {
  return {
    project: 'vision',
    experiment: 'train',
    fields: { schema: 'run/1', status: 'finished', ...fields } as RunRecord,
    environment: environment as EnvironmentRecord | undefined,
    baseCommitOid: undefined,
    metrics
  }
}

async function fieldsOf(
  section: SectionName,
  parts: readonly Parts[],
  all = false
): Promise<readonly ComparedField[]> {
  const sections = await compareFields(parts.map(source), { all, nowMs: 0 })
  return sections.find(({ name }) => name === section)?.fields ?? []
}

const params = (value: JsonObject): Parts => ({ fields: { params: value } })
const metric = (last: number): object => ({ last, min: 0, max: last, count: 1 })

describe('compareFields', () => {
  it('gives what differs alone, or all', async () => {
    const runs = [params({ a: 1, b: { c: [1, 2] } }), params({ a: 1, b: { c: [1, 3] } })]
    const [field, ...more] = await fieldsOf('params', runs)
    expect(field).to.deep.equal({
      name: 'b.c',
      path: ['params', 'b', 'c'],
      differs: true,
      values: [
        [1, 2],
        [1, 3]
      ],
      changes: ['same', 'changed']
    })
    expect(more).to.deep.equal([])
    expect((await fieldsOf('params', runs, true)).map(({ name }) => name)).to.deep.equal([
      'a',
      'b.c'
    ])
  })

  it('tells a number from a text, and one NaN from no other', async () => {
    const values = params({ a: 1, b: Number.NaN, 'c.d': 1, c: { d: 2 } })
    const [first, ...more] = await fieldsOf('params', [
      values,
      params({ a: '1', b: Number.NaN, 'c.d': 1, c: { d: 3 } })
    ])
    expect(first).to.deep.include({ name: 'a', values: [1, '1'] })
    expect(more.map(({ path }) => path)).to.deep.equal([['params', 'c', 'd']])
  })

  it('names what was added and removed against the first of several', async () => {
    const [field] = await fieldsOf('params', [params({ a: 1 }), params({}), params({ a: 1 })])
    expect(field?.changes).to.deep.equal(['same', 'removed', 'same'])
    const [other] = await fieldsOf('params', [params({}), params({ a: 1 }), params({})])
    expect(other?.changes).to.deep.equal(['same', 'added', 'same'])
  })

  it('judges metrics by a declared goal, and by nothing else', async () => {
    const run = (loss: number, goal?: 'minimize' | 'maximize'): Parts => ({
      fields: { metrics: { loss: metric(loss) } },
      metrics: goal === undefined ? {} : { loss: { goal } }
    })
    const changes = async (...parts: Parts[]): Promise<unknown> =>
      (await fieldsOf('metrics', parts))[0]?.changes[1]
    expect(await changes(run(2, 'minimize'), run(1, 'minimize'))).to.equal('better')
    expect(await changes(run(2, 'maximize'), run(1, 'maximize'))).to.equal('worse')
    expect(await changes(run(2), run(1, 'minimize'))).to.equal('better')
    expect(await changes(run(2), run(1))).to.equal('changed')
    expect(await changes(run(2, 'maximize'), run(1, 'minimize'))).to.equal('changed')
    expect(await changes(run(2, 'minimize'), run(Number.NaN, 'minimize'))).to.equal('changed')
  })

  it('leaves a run without an environment out of packages and machine', async () => {
    const machine = (numpy: string): Parts => ({
      environment: { schema: 'environment/1', host: 'n1', packages: { numpy } }
    })
    expect(await fieldsOf('packages', [machine('1'), {}])).to.deep.equal([])
    const [numpy] = await fieldsOf('packages', [machine('1'), {}, machine('2')])
    expect(numpy).to.deep.include({
      path: ['environment', 'packages', 'numpy'],
      values: ['1', undefined, '2'],
      changes: ['same', 'unknown', 'changed']
    })
    const sections = await compareFields([machine('1'), {}].map(source), { all: false, nowMs: 0 })
    const { present } = sections.find(({ name }) => name === 'environment') ?? {}
    expect(present).to.deep.equal([true, false])
  })

  it('compares long texts line by line, against the first', async () => {
    const prompt = (line: string): Parts => params({ prompt: `You help.\n${line}\nBe kind.` })
    const [field] = await fieldsOf('params', [prompt('Be short.'), prompt('Be long.'), params({})])
    expect(field?.texts).to.deep.equal([
      undefined,
      [
        {
          before: 1,
          after: 1,
          lines: [
            { kind: 'same', text: 'You help.' },
            { kind: 'removed', text: 'Be short.' },
            { kind: 'added', text: 'Be long.' },
            { kind: 'same', text: 'Be kind.' }
          ]
        }
      ],
      undefined
    ])
    expect(
      (await fieldsOf('params', [params({ a: 'x' }), params({ a: 'y' })]))[0]
    ).not.to.have.property('texts')
  })

  it('takes names such as __proto__ for what they are', async () => {
    const evil = JSON.parse('{"__proto__": 1, "constructor": {"prototype": 2}}')
    const found = await fieldsOf('params', [params(evil), params({})])
    expect(found.map(({ path }) => path.slice(1))).to.deep.equal([
      ['__proto__'],
      ['constructor', 'prototype']
    ])
    expect(Object.hasOwn(Object.prototype, 'prototype')).to.equal(false)
  })
})

describe('diffTexts', () => {
  it('marks a line end that one text lacks', async () => {
    const [hunk] = (await diffTexts('a\nb\n', 'a\nb')) ?? []
    expect(hunk?.lines.map(({ kind }) => kind)).to.deep.equal(['same', 'removed', 'added', 'note'])
    expect(await diffTexts('a\nb', 'a\nb\nc')).to.deep.equal([
      {
        before: 1,
        after: 1,
        lines: [
          { kind: 'same', text: 'a' },
          { kind: 'same', text: 'b' },
          { kind: 'added', text: 'c' }
        ]
      }
    ])
  })

  it('stays bounded where all differs, and refuses what is too long', async () => {
    const lines = (mark: string): string =>
      Array.from({ length: 20_000 }, (_, index) => `${mark}${index}\n`).join('')
    const [hunk, ...more] = (await diffTexts(lines('a'), lines('b'))) ?? []
    expect(more).to.deep.equal([])
    expect(hunk?.lines).to.have.length(40_000)
    expect(await diffTexts('a'.repeat(DIFF_MAX_CHARS), 'b')).to.equal(undefined)
  })
})

describe('patches', () => {
  const patch = (path: string, ...hunk: string[]): string =>
    `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n${hunk.join('\n')}\n`
  const added = (path: string, ...lines: string[]): string =>
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n` +
    `@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`
  const edit = patch('a.py', '@@ -1,2 +1,2 @@', ' x', '-y', '+z')

  it('are read with odd names, binary files and renames', async () => {
    const text = [
      edit,
      'diff --git "a/k\\303\\266ln 1" "b/k\\303\\266ln 1"\ndeleted file mode 100644\nBinary files a/x and /dev/null differ\n',
      'diff --git a/b.bin b/b.bin\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZQz\n\n',
      'diff --git a/old b/new\nsimilarity index 100%\nrename from old\nrename to new\n'
    ].join('')
    const files = await readPatch(text)
    expect(files.map(({ path, change, isBinary }) => [path, change, isBinary])).to.deep.equal([
      ['a.py', 'changed', false],
      ['köln 1', 'removed', true],
      ['b.bin', 'changed', true],
      ['new', 'changed', false]
    ])
    expect(files[3]?.pathBefore).to.equal('old')
    expect(files[0]?.hunks[0]?.lines.map(({ kind }) => kind)).to.deep.equal([
      'same',
      'removed',
      'added'
    ])
  })

  it('that are broken give names alone, or nothing', async () => {
    const files = await readPatch(patch('a.py', '@@ -1,9 +1,9 @@', ' x', '*'))
    expect(files).to.have.length(1)
    expect(files[0]).to.deep.include({ path: 'a.py', hunks: [] })
    expect(await readPatch('no patch\n@@ -1 +1 @@\n')).to.deep.equal([])
    expect(await readPatch(`${'diff --git \n'.repeat(1000)}`)).to.have.length(1000)
  })

  it('of one commit tell how files differ that only one of them changes', async () => {
    const other = patch('b.py', '@@ -1 +1 @@', '-1', '+2')
    const files = await diffPatches(edit, other, true)
    expect(files.map(({ path, isOfPatches }) => [path, isOfPatches])).to.deep.equal([
      ['a.py', false],
      ['b.py', false]
    ])
    expect(files[0]?.hunks[0]?.lines[1]).to.deep.equal({ kind: 'added', text: 'y' })
    expect(await diffPatches(edit, edit, true)).to.deep.equal([])
  })

  it('that add a file give its content, else only how the patches differ', async () => {
    const [file] = await diffPatches(added('a', 'x', 'y'), added('a', 'x', 'z'), true)
    expect(file).to.deep.include({ path: 'a', change: 'changed', isOfPatches: false })
    expect(file?.hunks[0]?.lines.map(({ text }) => text)).to.deep.equal(['x', 'y', 'z'])
    const both = patch('a.py', '@@ -1,2 +1,2 @@', ' x', '-y', '+w')
    const [unclear] = await diffPatches(edit, both, true)
    expect(unclear).to.deep.include({ isOfPatches: true })
    const [elsewhere] = await diffPatches(edit, '', false)
    expect(elsewhere).to.deep.include({ path: 'a.py', isOfPatches: true })
  })
})
