import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseYaml } from '../../src/format/yaml.ts'
import { EMPTY_TREE, type Oid } from '../../src/git/objects.ts'
import { FILE_MODE } from '../../src/git/tree.ts'
import { editTree } from '../../src/git/tree-edit.ts'
import { readFolder } from '../../src/git/tree-walk.ts'
import { storeErrors } from '../../src/store/errors.ts'
import { mergeTrees } from '../../src/store/merge-trees.ts'
import { hash, ObjectMap, text } from './merge-replica.ts'

type Files = { readonly [path: string]: string }

interface TreeCase {
  readonly name: string
  readonly bases: readonly Files[]
  readonly a: Files
  readonly b: Files
  readonly merged: Files
}

const url = new URL('../../fixtures/merge/trees.yaml', import.meta.url)
const { contents, cases } = (await parseYaml(readFileSync(url, 'utf8'), {
  path: 'trees'
})) as unknown as {
  readonly contents: Files
  readonly cases: readonly TreeCase[]
}

async function write(store: ObjectMap, files: Files): Promise<Oid> {
  const changes = new Map(
    Object.entries(files).map(([path, content]) => {
      const full = content.startsWith('=') ? (contents[content.slice(1)] as string) : content
      return [path, { mode: FILE_MODE, oid: store.addNew('blob', text(full)) } as const]
    })
  )
  const { rootOid, created } = await editTree(store, EMPTY_TREE, changes, hash)
  store.add(created)
  return rootOid
}

async function read(store: ObjectMap, treeOid: Oid, above = ''): Promise<Files> {
  const files: { [path: string]: string } = {}
  for (const { name, mode, oid } of await readFolder(store, treeOid)) {
    if (mode === '40000') Object.assign(files, await read(store, oid, `${above}${name}/`))
    else files[above + name] = new TextDecoder().decode((await store.read(oid))?.bytes)
  }
  return files
}

/** Reads what a merge wrote, and fails if it gave an object that is no part of it. */
async function merge(store: ObjectMap, ours: Oid, theirs: Oid, bases: readonly Oid[]) {
  const merged = await mergeTrees(store, hash, { ours, theirs, bases })
  store.add(merged.created)
  return merged
}

describe('the cases of merged trees', () => {
  for (const { name, bases, a, b, merged } of cases) {
    it(name, async () => {
      const store = new ObjectMap()
      const baseOids = []
      for (const base of bases) baseOids.push(await write(store, base))
      const [one, other] = [await write(store, a), await write(store, b)]
      const wanted = await write(store, merged)
      const files = await read(store, wanted)
      for (const [ours, theirs] of [
        [one, other],
        [other, one]
      ] as const) {
        const result = await merge(store, ours, theirs, baseOids)
        expect(await read(store, result.treeOid)).deep.equal(files)
        expect(result.treeOid).equal(wanted)
      }
    })
  }
})

describe('merging trees', () => {
  const run = 'experiments/e/runs/a/a/aaaaaaaaaaaa'
  const series = (...lines: readonly string[]): string =>
    `step\ttime\tmetric\tsplit\tvalue\n${lines.map((line) => `${line}\n`).join('')}`

  it('sums the metrics of a run up over the series of both sides', async () => {
    const store = new ObjectMap()
    const head = contents.run as string
    const metrics = (value: number): string =>
      `${head}metrics:\n  loss:\n    last: ${value}\n    min: ${value}\n    max: ${value}\n    count: 1\n`
    const one = await write(store, {
      [`${run}/run.yaml`]: metrics(3),
      [`${run}/series/aaaaaa-0000.tsv`]: series('1\t1767225600001\tloss\t\t3')
    })
    const other = await write(store, {
      [`${run}/run.yaml`]: metrics(1),
      [`${run}/series/bbbbbb-0000.tsv`]: series('2\t1767225600002\tloss\t\t1')
    })
    const { treeOid } = await merge(store, one, other, [])
    const file = (await read(store, treeOid))[`${run}/run.yaml`]
    expect(await parseYaml(file as string, { path: 'run.yaml' })).deep.include({
      metrics: { loss: { last: 1, min: 1, max: 3, count: 2, step: 2 } }
    })
  })

  it('counts the rows of both sides and widens their columns', async () => {
    const store = new ObjectMap()
    const result = `${run}/results/cases`
    const header = (type: string): string =>
      `schema: result/1\nname: cases\ncreated: "2026-01-01T00:00:00.000Z"\ncolumns:\n  - name: score\n    type: ${type}\nrows: 1\n`
    const one = await write(store, {
      [`${run}/run.yaml`]: '=run',
      [`${result}/result.yaml`]: header('integer'),
      [`${result}/aaaaaa-0000.jsonl`]: '{"score":1}\n'
    })
    const other = await write(store, {
      [`${run}/run.yaml`]: '=run',
      [`${result}/result.yaml`]: header('number'),
      [`${result}/bbbbbb-0000.jsonl`]: '{"score":0.5}\n'
    })
    const { treeOid } = await merge(store, one, other, [])
    const file = (await read(store, treeOid))[`${result}/result.yaml`]
    expect(await parseYaml(file as string, { path: 'result.yaml' })).deep.include({
      columns: [{ name: 'score', type: 'number' }],
      rows: 2,
      aggregates: { score: { count: 2, min: 0.5, max: 1, mean: 0.75 } }
    })
  })

  it('names fields that became contested, once', async () => {
    const store = new ObjectMap()
    const ended = (status: string): string =>
      (contents.run as string).replace('running', `${status}\nfinished: "2026-01-02T00:00:00.000Z"`)
    const one = await write(store, { [`${run}/run.yaml`]: ended('failed') })
    const other = await write(store, { [`${run}/run.yaml`]: ended('finished') })
    const merged = await merge(store, one, other, [])
    const path = `${run}/run.yaml`
    expect(merged.conflicts).deep.equal([{ path, fieldPath: 'status' }])
    expect((await merge(store, merged.treeOid, other, [])).conflicts).deep.equal([])
  })

  it('names a file that gave way to a folder', async () => {
    const store = new ObjectMap()
    const one = await write(store, { [`${run}/artifacts/m`]: 'file' })
    const other = await write(store, { [`${run}/artifacts/m/x`]: 'inner' })
    const { conflicts } = await merge(store, one, other, [])
    expect(conflicts).deep.equal([{ path: `${run}/artifacts/m` }])
  })

  it('refuses a record of a newer schema that both sides changed, and takes it if one side did', async () => {
    const store = new ObjectMap()
    const newer = (more: string): string => `schema: run/2\nfuture: ${more}\n`
    const [base, one, other] = [
      await write(store, { [`${run}/run.yaml`]: newer('a') }),
      await write(store, { [`${run}/run.yaml`]: newer('b') }),
      await write(store, { [`${run}/run.yaml`]: newer('a'), [`${run}/splits/x.yaml`]: 's' })
    ]
    const taken = await merge(store, one, other, [base])
    expect(await read(store, taken.treeOid)).deep.equal({
      [`${run}/run.yaml`]: newer('b'),
      [`${run}/splits/x.yaml`]: 's'
    })
    const changed = await write(store, { [`${run}/run.yaml`]: newer('c') })
    const error = await merge(store, one, changed, [base]).catch((caught: unknown) => caught)
    expect(storeErrors.is(error, 'STORE_MERGE_TOO_NEW')).equal(true)
    expect(error).deep.include({ data: { path: `${run}/run.yaml`, version: 2, known: 1 } })
  })

  it('opens nothing that both sides have alike', async () => {
    const store = new ObjectMap()
    const many: { [path: string]: string } = {}
    for (const c of '0123456789abcdefghjk') {
      many[`experiments/e/runs/${c}/0/${c}00000000000/run.yaml`] = contents.run as string
    }
    const base = await write(store, many)
    const one = await write(store, { ...many, [`${run}/run.yaml`]: '=run' })
    const other = await write(store, {
      ...many,
      'experiments/e/runs/k/0/k00000000000/run.yaml': contents.noted as string
    })
    const opened: Oid[] = []
    const reader = {
      read: async (oid: Oid) => {
        opened.push(oid)
        return store.read(oid)
      }
    }
    await mergeTrees(reader, hash, { ours: one, theirs: other, bases: [base] })
    expect(opened.length).lessThan(25)
  })
})
