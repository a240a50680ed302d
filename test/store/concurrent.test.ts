import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { pathOf } from '../../src/format/paths.ts'
import { formatRecord, parseRecord } from '../../src/format/record.ts'
import { formatCommit, readCommit } from '../../src/git/commit.ts'
import { createObject } from '../../src/git/objects.ts'
import { editTree } from '../../src/git/tree-edit.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import type { RunRecord } from '../../src/model/records.ts'
import { Draft } from '../../src/store/draft.ts'
import type { Transaction } from '../../src/store/transaction.ts'
import { git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  collect,
  filesBelow,
  fillWorkspace,
  openInFolder,
  RUN,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

const REF = 'refs/heads/experiments/train'
const KEY: KeyOf<'run'> = { kind: 'run', experiment: 'train', run: RUN }

function start(script: string, ...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`../support/${script}`, import.meta.url))
  return spawn(process.execPath, ['--import', 'tsx', path, ...args], { env: gitEnvironment() })
}

/** Waits for a process and returns what it printed; throws if it failed. */
async function finish(child: ChildProcess): Promise<string> {
  const output: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => (output[name] += chunk))
  }
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) throw new TypeError(`status ${status}: ${output.stderr}`)
  return output.stdout
}

function countCommits(opened: TestWorkspace): number {
  return Number(git(opened.store.folderOf('vision'), ['rev-list', '--count', REF]))
}

describe('processes that put at the same time', () => {
  it('lose nothing: 8 with 25 runs each', async () => {
    const opened = openInFolder()
    await fillWorkspace(opened)
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const children = names.map((name) =>
      start('put-runs.ts', opened.folder, 'vision/train', name, '25')
    )
    await Promise.all(children.map(finish))
    const runs = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
    const expected = names.flatMap((name) => Array.from({ length: 25 }, (_, k) => `${name} ${k}`))
    const found = runs.flatMap(({ fields }) => fields.name ?? [])
    expect(found.sort()).to.deep.equal(expected.sort())
    expect(existsSync(`${opened.store.folderOf('vision')}/${REF}.lock`)).to.equal(false)
    const packs = await filesBelow(opened.files, `${opened.store.folderOf('vision')}/objects/pack`)
    expect(packs.filter((path) => /\.keep$|tmp_/.test(path))).to.deep.equal([])
    await opened.close()
  })

  it('and the git program lose nothing of each other', async () => {
    const opened = openInFolder(undefined, { dangling: false })
    await fillWorkspace(opened)
    const clone = makeTempFolder()
    const folder = opened.store.folderOf('vision')
    git(clone, ['clone', '--quiet', '--branch', 'experiments/train', folder, '.'])
    const children = ['a', 'b'].map((name) =>
      finish(start('put-runs.ts', opened.folder, 'vision/train', name, '20'))
    )
    for (let turn = 0; turn < 10; turn++) {
      git(clone, ['commit', '--quiet', '--allow-empty', '-m', `by git ${turn}`])
      for (;;) {
        git(clone, ['pull', '--quiet', '--rebase'])
        try {
          git(clone, ['push', '--quiet'])
          break
        } catch {
          // The branch moved between the two.
        }
      }
    }
    await Promise.all(children)
    const subjects = git(folder, ['log', '--format=%s', REF]).trim().split('\n')
    for (let turn = 0; turn < 10; turn++) expect(subjects).to.include(`by git ${turn}`)
    const runs = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
    expect(runs).to.have.length(41)
    removeTempFolder(clone)
    await opened.close()
  })

  it('make one project of a name', async () => {
    const opened = openInFolder()
    const children = Array.from({ length: 4 }, () =>
      finish(start('ensure-project.ts', opened.folder, 'Vision'))
    )
    expect(await Promise.all(children)).to.deep.equal(['vision', 'vision', 'vision', 'vision'])
    const left = (await opened.files.list(opened.folder))?.map(({ name }) => name).sort()
    expect(left).to.deep.equal(['.gitignore', 'vision.git'])
    await opened.close()
  })

  it('make a project for each of several code folders of one name', async () => {
    const opened = openInFolder()
    const folders = ['/home/ada/a/vision', '/home/ada/b/vision', '/home/ada/a/vision']
    const [first, second, third] = await Promise.all(
      folders.map((folder) => finish(start('ensure-project.ts', opened.folder, 'vision', folder)))
    )
    expect(first).to.equal(third)
    expect(second).not.to.equal(first)
    expect([first, second].sort()[0]).to.equal('vision')
    expect([first, second].sort()[1]).to.match(/^vision-[0-9a-f]{4}$/)
    await opened.close()
  })
})

for (const host of WORKSPACE_HOSTS) {
  describe(`puts at the same time ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
    })
    afterEach(() => opened.close())

    const history = async (): Promise<readonly string[]> =>
      collect((await opened.project()).history({ kind: 'experiment', experiment: 'train' }))

    it('become few commits', async () => {
      const before = (await history()).length
      const made = await Promise.all(
        Array.from({ length: 100 }, (_, k) =>
          opened.workspace.runs.create({ in: 'vision/train', params: { k } })
        )
      )
      expect((await history()).length - before).to.be.lessThan(6)
      const runs = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
      expect(runs.map(({ id }) => id)).to.have.members([RUN, ...made.map(({ id }) => id)])
      if (opened.onDisk) expect(countCommits(opened)).to.be.lessThan(12)
    })

    it('fail and succeed one by one', async () => {
      const outcomes = await Promise.allSettled(
        ['aaaaaaaaaaaa', 'aaaaaaaaaaaa', 'bbbbbbbbbbbb', RUN].map((id) =>
          opened.workspace.runs.create({ in: 'vision/train', id })
        )
      )
      const codes = outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? 'made' : outcome.reason.code
      )
      expect(codes).to.deep.equal(['made', 'STORE_EXISTS', 'made', 'STORE_EXISTS'])
    })

    it('all count when they change one run', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, k) =>
          opened.workspace.runs.update('k3f9', { params: { [`p${k}`]: k } })
        )
      )
      const run = await opened.workspace.runs.get('k3f9')
      expect(Object.keys(run?.fields.params ?? {})).to.have.length(21)
    })

    it('to several experiments do not hinder each other', async () => {
      const names = ['one', 'two', 'three']
      await Promise.all(
        names.map((name) => opened.workspace.experiments.create({ in: 'vision', name }))
      )
      await Promise.all(names.map((name) => opened.workspace.runs.create({ in: `vision/${name}` })))
      expect(await collect(opened.workspace.experiments.list())).to.have.length(4)
    })

    it('are made again when the branch moved while they were', async () => {
      const store = await opened.project()
      const other = await opened.reopen().project()
      let turns = 0
      const { value, heads } = await store.transact([REF], 'put', async (transaction) => {
        const seen = (await transaction.read<'run'>(KEY)) as RunRecord
        if (turns++ === 0) await moveBranch(other)
        transaction.write<'run'>(KEY, { ...seen, notes: `${seen.notes ?? ''}+mine` })
        return seen.notes
      })
      expect(turns).to.equal(2)
      expect(value).to.equal('theirs')
      const run = await opened.workspace.runs.get('k3f9')
      expect(run?.fields.notes).to.equal('theirs+mine')
      expect(run?.commitOid).to.equal(heads.get(REF))
      await dropStale()
    })

    it('give up with a coded error if the branch never rests', async () => {
      const { timers } = opened.platform
      const platform = { ...opened.platform, timers: { ...timers, sleep: async () => {} } }
      const store = await opened.reopen({ platform }).project()
      const other = await opened.reopen().project()
      const error = await store
        .transact([REF], 'put', async (transaction) => {
          await moveBranch(other)
          await rename(transaction, 'never')
        })
        .catch((thrown) => thrown)
      expect(error).to.include({ code: 'STORE_BUSY' })
      expect(error.data.ref).to.equal(REF)
      expect((await opened.workspace.runs.get('k3f9'))?.fields.name).to.equal(undefined)
      await dropStale()
    })

    /** Moves the branch as the git program would: by a swap alone, in no queue. */
    async function moveBranch(store: Awaited<ReturnType<typeof opened.project>>): Promise<void> {
      const { objects, refs } = store.repository
      const head = (await refs.read(REF)) as string
      const { tree } = await readCommit(objects, head)
      const base = { ref: REF, headOid: head, parentOid: head, treeOid: tree, created: [] }
      const draft = new Draft(objects, base)
      const bytes = (await draft.file(pathOf(KEY))) as Uint8Array
      const record = await parseRecord('run', bytes, pathOf(KEY))
      const notes = record.notes === undefined ? 'theirs' : `${record.notes}.`
      draft.write(opened.platform.hash, pathOf(KEY), formatRecord('run', { ...record, notes }))
      const edited = await editTree(draft.reader, tree, draft.changes, opened.platform.hash)
      const who = { name: 'Git', email: 'git@example.org', epochSeconds: 5, offset: '+0000' }
      const text = { tree: edited.rootOid, parents: [head], author: who, committer: who }
      const commit = createObject(
        opened.platform.hash,
        'commit',
        formatCommit({ ...text, message: 'theirs\n' })
      )
      await (await objects.write([...draft.blobs, ...edited.created, commit])).release()
      await refs.update([{ ref: REF, expected: head, value: commit.oid }])
    }

    async function rename(transaction: Transaction, name: string): Promise<void> {
      const record = (await transaction.read<'run'>(KEY)) as RunRecord
      transaction.write<'run'>(KEY, { ...record, name })
    }

    /** Lets git drop what the lost attempts stored, so that nothing else hides among it. */
    async function dropStale(): Promise<void> {
      if (opened.onDisk) git(opened.store.folderOf('vision'), ['gc', '--quiet', '--prune=now'])
    }
  })
}
