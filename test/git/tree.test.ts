import { expect } from 'chai'
import fc from 'fast-check'

import { concatBytes, encodeUtf8 } from '../../src/base/bytes.ts'
import { createObject, EMPTY_TREE, type GitObject, type Oid } from '../../src/git/objects.ts'
import {
  findTreeEntry,
  formatTree,
  parseTree,
  type TreeEntry,
  type TreeTarget
} from '../../src/git/tree.ts'
import { diffTrees } from '../../src/git/tree-diff.ts'
import { editTree } from '../../src/git/tree-edit.ts'
import { listFolder, readPath, walkTree } from '../../src/git/tree-walk.ts'
import { fsck, git, tryGit } from '../support/git.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const OID = '1'.repeat(40)

type Three = [TreeEntry, TreeEntry, TreeEntry]

describe('trees', () => {
  let subject: TestRepository
  let blobs: readonly Oid[]
  before(async () => {
    subject = await makeRepository()
    const made = ['one', 'two', 'three'].map((text) =>
      createObject(subject.platform.hash, 'blob', encodeUtf8(text))
    )
    await (await subject.repository.objects.write(made)).release()
    blobs = made.map((object) => object.oid)
  })
  after(() => subject.close())

  const target = (index: number): TreeTarget => ({
    mode: index === 2 ? '100755' : '100644',
    oid: blobs[index] as Oid
  })
  const edit = async (
    rootOid: Oid | undefined,
    changes: readonly (readonly [string, TreeTarget | null])[]
  ): Promise<Oid> => {
    const { objects } = subject.repository
    const edited = await editTree(objects, rootOid, new Map(changes), subject.platform.hash)
    await (await objects.write(edited.created)).release()
    return edited.rootOid
  }
  /** What git makes of a list of files. */
  const gitTree = (files: ReadonlyMap<string, TreeTarget>): Oid => {
    const env = { GIT_INDEX_FILE: `${subject.path}/test-index` }
    const input = [...files].map(([path, { mode, oid }]) => `${mode} ${oid}\t${path}\0`).join('')
    git(subject.path, ['read-tree', '--empty'], { env })
    git(subject.path, ['update-index', '-z', '--index-info'], { env, input })
    return git(subject.path, ['write-tree'], { env }).trim()
  }
  const treeOf = (entries: readonly TreeEntry[]): GitObject =>
    createObject(subject.platform.hash, 'tree', formatTree(entries))

  it('in no good order are put in order when they are edited', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name, n) => ({ name, ...target(n) })) as Three
    const bytes = [b, a].map((entry) => formatTree([entry]))
    const odd = createObject(subject.platform.hash, 'tree', concatBytes(bytes))
    const objects = { read: async () => odd }
    const { hash } = subject.platform
    const added = await editTree(objects, odd.oid, new Map([['c', c]]), hash)
    expect(added.rootOid).to.equal(treeOf([a, b, c]).oid)
    const removed = await editTree(objects, odd.oid, new Map([['a', null]]), hash)
    expect(removed.rootOid).to.equal(treeOf([b]).oid)
  })

  const paths = fc
    .array(fc.constantFrom('a', 'b', 'a.b', 'a-b', 'a0', 'é', 'Z', '𝒳', '｡'), {
      minLength: 1,
      maxLength: 4
    })
    .map((names) => names.join('/'))
  const changeLists = fc.array(
    fc.tuple(
      paths,
      fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.constant(null) })
    ),
    { minLength: 1, maxLength: 12 }
  )

  it('are edited to what git write-tree makes of the same files', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changeLists, { minLength: 1, maxLength: 4 }), async (steps) => {
        const files = new Map<string, TreeTarget>()
        let rootOid: Oid | undefined
        for (const step of steps) {
          const changes = withoutNesting(step).map(
            ([path, index]) => [path, index === null ? null : target(index)] as const
          )
          for (const [path, value] of changes) apply(files, path, value)
          rootOid = await edit(rootOid, changes)
        }
        expect(rootOid).to.equal(gitTree(files))
        const walked: [string, TreeTarget][] = []
        for await (const { path, mode, oid } of walkTree(
          subject.repository.objects,
          rootOid as Oid
        )) {
          walked.push([path, { mode, oid }])
        }
        expect(walked.map(([path]) => path)).to.deep.equal(
          git(subject.path, ['ls-tree', '-r', '-z', '--name-only', rootOid as Oid])
            .split('\0')
            .filter(Boolean)
        )
        expect(new Map(walked)).to.deep.equal(files)
      }),
      { seed: 1, numRuns: 60 }
    )
    expect(fsck(subject.path)).to.equal('')
  })

  it('differ where git diff-tree says that they differ', async () => {
    await fc.assert(
      fc.asyncProperty(changeLists, changeLists, async (first, second) => {
        const toChanges = (list: typeof first): (readonly [string, TreeTarget | null])[] =>
          withoutNesting(list).map(([path, n]) => [path, n === null ? null : target(n)])
        const before = await edit(undefined, toChanges(first))
        const after = await edit(before, toChanges(second))
        const found: string[] = []
        for await (const difference of diffTrees(subject.repository.objects, before, after)) {
          const { path, before: old, after: now } = difference
          const blank = { mode: '000000', oid: '0'.repeat(40) }
          const [a, b] = [old ?? blank, now ?? blank]
          found.push(`:${a.mode} ${b.mode} ${a.oid} ${b.oid} ${path}`)
        }
        const raw = git(subject.path, ['diff-tree', '-r', '-z', '--no-renames', before, after])
        const fields = raw.split('\0').filter(Boolean)
        const expected = fields.flatMap((field, index) =>
          index % 2 === 0 ? [field.replace(/ [AMDT]$/, ` ${fields[index + 1]}`)] : []
        )
        expect(found.sort()).to.deep.equal(expected.sort())
      }),
      { seed: 2, numRuns: 60 }
    )
  })

  it('are compared with no tree at all', async () => {
    const rootOid = await edit(undefined, [['a/b', target(0)]])
    const { objects } = subject.repository
    const file = { mode: '100644', name: 'b', oid: blobs[0] }
    for await (const found of diffTrees(objects, undefined, rootOid)) {
      expect(found).to.deep.equal({ path: 'a/b', after: file })
    }
    for await (const found of diffTrees(objects, rootOid, EMPTY_TREE)) {
      expect(found).to.deep.equal({ path: 'a/b', before: file })
    }
  })

  it('are read no further than a change or a difference reaches', async () => {
    const { objects } = subject.repository
    const files = ['a/x', 'b/x', 'c/d/x', 'c/e/x'].map((path) => [path, target(0)] as const)
    const before = await edit(undefined, files)
    const read: Oid[] = []
    const counting = {
      read: (oid: Oid) => {
        read.push(oid)
        return objects.read(oid)
      },
      readMany: (oids: readonly Oid[]) => {
        read.push(...oids)
        return objects.readMany(oids)
      }
    }
    const changes = new Map([['c/d/x', target(1)]])
    const { rootOid, created } = await editTree(counting, before, changes, subject.platform.hash)
    expect([read.length, created.length]).to.deep.equal([3, 3])
    await (await objects.write(created)).release()
    read.length = 0
    for await (const { path } of diffTrees(counting, before, rootOid))
      expect(path).to.equal('c/d/x')
    expect(read).to.have.length(6)
  })

  it('stay the same object when nothing changes', async () => {
    const rootOid = await edit(undefined, [['a/b', target(0)]])
    const same = new Map([
      ['a/b', target(0)],
      ['x/y', null]
    ])
    const edited = await editTree(subject.repository.objects, rootOid, same, subject.platform.hash)
    expect(edited).to.deep.equal({ rootOid, created: [], isPlain: false })
  })

  it('lose a whole folder, and all folders that become empty by it', async () => {
    const rootOid = await edit(undefined, [
      ['a/b/c/d', target(0)],
      ['a/b/c/e', target(1)],
      ['f', target(0)]
    ])
    expect(await edit(rootOid, [['a/b', null]])).to.equal(gitTree(new Map([['f', target(0)]])))
    const emptied = await edit(rootOid, [
      ['a', null],
      ['f', null]
    ])
    expect(emptied).to.equal(EMPTY_TREE)
    expect((await subject.repository.objects.read(EMPTY_TREE))?.type).to.equal('tree')
  })

  it('replace a folder when a path is removed and set again below', async () => {
    const rootOid = await edit(undefined, [['a/old', target(0)]])
    const replaced = await edit(rootOid, [
      ['a', null],
      ['a/new', target(1)]
    ])
    expect(replaced).to.equal(gitTree(new Map([['a/new', target(1)]])))
  })

  it('change a path below a folder that is set', async () => {
    const folderOid = await edit(undefined, [
      ['kept', target(0)],
      ['changed', target(0)]
    ])
    const placed = await edit(undefined, [
      ['a', { mode: '40000', oid: folderOid }],
      ['a/changed', target(1)]
    ])
    const expected = gitTree(
      new Map([
        ['a/kept', target(0)],
        ['a/changed', target(1)]
      ])
    )
    expect(placed).to.equal(expected)
  })

  it('refuse a path that is set together with one under it', async () => {
    const error = await edit(undefined, [
      ['a', target(0)],
      ['a/b', target(0)]
    ]).catch((thrown) => thrown)
    expect(error).to.be.instanceOf(TypeError)
  })

  it('answer what lies at a path', async () => {
    const { objects } = subject.repository
    const rootOid = await edit(undefined, [
      ['a/b/c', target(2)],
      ['a.x', target(0)]
    ])
    expect(await readPath(objects, rootOid, 'a/b/c')).to.deep.equal({ ...target(2), name: 'c' })
    expect((await readPath(objects, rootOid, 'a/b'))?.mode).to.equal('40000')
    for (const path of ['a/b/c/d', 'a/x', 'b', '', 'a/']) {
      expect(await readPath(objects, rootOid, path), path).to.equal(undefined)
    }
    expect((await listFolder(objects, rootOid, ''))?.map((entry) => entry.name)).to.deep.equal([
      'a.x',
      'a'
    ])
    expect((await listFolder(objects, rootOid, 'a'))?.map((entry) => entry.name)).to.deep.equal([
      'b'
    ])
    expect(await listFolder(objects, rootOid, 'a.x')).to.equal(undefined)
    const found: string[] = []
    for (const prefix of ['a', 'a/b/c', 'none']) {
      for await (const file of walkTree(objects, rootOid, { prefix })) found.push(file.path)
    }
    expect(found).to.deep.equal(['a/b/c', 'a/b/c'])
    expect(await readPath(objects, EMPTY_TREE, 'a')).to.equal(undefined)
  })

  it('refuse the names that git fsck --strict refuses, and take the others', () => {
    const names = [
      'a',
      '.git',
      '.GIT',
      '.git ',
      '.git.',
      'git~1',
      'GIT~1',
      '.g\u200cit',
      '.git::$DATA'
    ]
    names.push(
      'git',
      '.gitx',
      'git~2',
      'x.git',
      '.',
      '..',
      'a\\.git',
      'a\\b',
      '.gitmodules.yaml',
      'a b'
    )
    for (const name of names) {
      const bytes = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.alloc(20, 0x11)])
      const written = tryGit(
        subject.path,
        ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'],
        { input: bytes }
      )
      const bad = tryGit(subject.path, ['fsck', '--strict', '--no-dangling', written.stdout.trim()])
      // It also speaks of the trees that were written before.
      const isRefused = bad.stderr.includes(`tree ${written.stdout.trim()}`)
      const own = (): Uint8Array => formatTree([{ mode: '100644', name, oid: OID }])
      if (isRefused) expect(own, name).to.throw().with.property('code', 'GIT_TREE_NAME')
      else expect(Buffer.from(own()).equals(bytes), name).to.equal(true)
    }
  })

  it('refuse a name that is empty, has a slash or a NUL, is no Unicode, or is there twice', () => {
    for (const name of ['', 'a/b', 'a\0', '\ud800']) {
      const format = (): Uint8Array => formatTree([{ mode: '100644', name, oid: OID }])
      expect(format, JSON.stringify(name)).to.throw().with.property('code', 'GIT_TREE_NAME')
    }
    const twice = (): Uint8Array =>
      formatTree([
        { mode: '100644', name: 'a', oid: OID },
        { mode: '40000', name: 'a', oid: OID }
      ])
    expect(twice).to.throw().with.property('code', 'GIT_TREE_NAME')
  })

  it('keep their entries through formatting and parsing', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), {
      maxLength: 20
    })
    fc.assert(
      fc.property(names, (all) => {
        const entries = all
          .filter((name) => !/[/\0]|^\.{1,2}$|\p{Surrogate}/u.test(name))
          .map(
            (name, index): TreeEntry => ({ mode: index % 3 ? '100644' : '40000', name, oid: OID })
          )
        const tree = treeOf(entries)
        const parsed = parseTree(tree)
        expect([...parsed].sort(byName)).to.deep.equal([...entries].sort(byName))
        for (const entry of entries) expect(findTreeEntry(tree, entry.name)).to.deep.equal(entry)
        expect(findTreeEntry(tree, 'absent name')).to.equal(undefined)
      }),
      { seed: 3, numRuns: 200 }
    )
  })

  it('that are damaged are named', () => {
    const good = treeOf([{ mode: '100644', name: 'name', oid: OID }])
    for (let length = 1; length < good.bytes.length; length++) {
      const cut = { ...good, bytes: good.bytes.subarray(0, length) }
      expect(() => parseTree(cut), `${length}`)
        .to.throw()
        .with.property('code', 'GIT_OBJECT_DAMAGED')
    }
    const latin = new Uint8Array([...encodeUtf8('100644 '), 0xe9, 0, ...new Uint8Array(20)])
    for (const bytes of [latin, encodeUtf8(`7 a\0${'x'.repeat(20)}`)]) {
      expect(() => parseTree({ ...good, bytes }))
        .to.throw()
        .with.property('code', 'GIT_OBJECT_DAMAGED')
    }
    const blob = { ...good, type: 'blob' } as const
    expect(() => parseTree(blob))
      .to.throw()
      .with.property('code', 'GIT_OBJECT_TYPE')
  })
})

function byName(a: TreeEntry, b: TreeEntry): number {
  return a.name < b.name ? -1 : 1
}

/** Leaves out paths that are set above or below others: an update takes each place once. */
function withoutNesting<T>(list: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  const kept = new Map<string, T>()
  for (const [path, value] of list) {
    const clashes = [...kept.keys()].some(
      (other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`)
    )
    if (!clashes) kept.set(path, value)
  }
  return [...kept]
}

function apply(files: Map<string, TreeTarget>, path: string, value: TreeTarget | null): void {
  for (const other of [...files.keys()]) {
    const isBelow = other === path || other.startsWith(`${path}/`)
    const isAbove = path.startsWith(`${other}/`)
    if (isBelow || (isAbove && value !== null)) files.delete(other)
  }
  if (value !== null) files.set(path, value)
}
