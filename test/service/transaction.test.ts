import { expect } from 'chai'
import { readCommit } from '../../src/git/commit.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import type { RunRecord } from '../../src/model/records.ts'
import { putBack } from '../../src/store/put-back.ts'
import type { View } from '../../src/store/view.ts'
import {
  collect,
  EXECUTION,
  failure,
  fillWorkspace,
  RUN,
  refsOf,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

const IN_RUN = `vision/train/${RUN}`
const OTHER_TREE = 'abcdef0123456789abcdef0123456789abcdef01'

for (const host of WORKSPACE_HOSTS) {
  describe(`a transaction ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
    })
    afterEach(() => opened.close())

    const headOf = async (ref: string): Promise<string> => (await refsOf(opened)).get(ref) as string

    it('makes one commit of many puts, updates and deletes', async () => {
      const before = await headOf('refs/heads/experiments/train')
      const made = await opened.workspace.transaction(async (transaction) => {
        await transaction.put('run', { in: 'vision/train', id: 'aaaaaaaaaaaa', params: { k: 1 } })
        await transaction.put('run', { in: 'vision/train', id: 'bbbbbbbbbbbb' })
        await transaction.update('run', IN_RUN, { notes: 'seen' })
        return transaction.create('metric', { in: IN_RUN, name: 'm', value: 1 })
      })
      expect(made).to.equal(`${IN_RUN}/metrics/m`)
      const head = await headOf('refs/heads/experiments/train')
      const { repository } = await opened.project()
      const commit = await readCommit(repository.objects, head)
      expect(commit.parents).to.deep.equal([before])
      expect(commit.message).to.equal(
        [
          'put 4 objects in train',
          '',
          'Runtree-Operation: put',
          'Runtree-Object: experiments/train/runs/a/a/aaaaaaaaaaaa',
          'Runtree-Object: experiments/train/runs/b/b/bbbbbbbbbbbb',
          `Runtree-Object: experiments/train/runs/k/3/${RUN}`,
          `Runtree-Object: experiments/train/runs/k/3/${RUN}/metrics/m.yaml`,
          ''
        ].join('\n')
      )
      expect(await collect(opened.workspace.runs.list({ in: 'vision/train' }))).to.have.length(3)
    })

    it('makes one commit a branch', async () => {
      const before = await refsOf(opened)
      await opened.workspace.transaction(async (transaction) => {
        await transaction.create('dataset', { in: 'vision', name: 'iris' })
        await transaction.create('view', { in: 'vision', name: 'best', state: {} })
        await transaction.create('run', { in: 'vision/train', id: 'aaaaaaaaaaaa' })
      })
      const { repository } = await opened.project()
      for (const ref of ['refs/heads/main', 'refs/heads/experiments/train']) {
        const { parents } = await readCommit(repository.objects, await headOf(ref))
        expect(parents, ref).to.deep.equal([before.get(ref)])
      }
    })

    it('makes nothing of anything if one change fails', async () => {
      const before = await refsOf(opened)
      for (const spoil of [
        { in: 'vision/train', id: RUN },
        { in: 'vision/train', id: 'aaaaaaaaaaaa', parent: 'bbbbbbbbbbbb' },
        { in: 'vision/train', id: 'aaaaaaaaaaaa', tags: 5 }
      ]) {
        const codes = ['STORE_EXISTS', 'STORE_REFERENCE', 'MODEL_INVALID']
        const error = await failure(
          opened.workspace.transaction(async (transaction) => {
            await transaction.create('dataset', { in: 'vision', name: 'iris' })
            await transaction.create('split', { in: IN_RUN, name: 'a' })
            await transaction.create('run', spoil as never)
          })
        )
        expect(codes).to.include(error.code)
        expect(await refsOf(opened)).to.deep.equal(before)
      }
      expect(await opened.workspace.datasets.exists('vision/datasets/iris')).to.equal(false)
    })

    it('makes nothing if its body fails, and hands the failure on', async () => {
      const before = await refsOf(opened)
      const thrown = new TypeError('changed my mind')
      const error = await failure(
        opened.workspace.transaction(async (transaction) => {
          await transaction.create('run', { in: 'vision/train' })
          throw thrown
        })
      )
      expect(error).to.equal(thrown)
      expect(await refsOf(opened)).to.deep.equal(before)
    })

    it('may make parents together with their children', async () => {
      await opened.workspace.transaction(async (transaction) => {
        const experiment = await transaction.create('experiment', { in: 'vision', name: 'Deep' })
        const execution = await transaction.create('execution', {
          in: experiment,
          tree: OTHER_TREE
        })
        expect(execution).to.equal('vision/deep/executions/abcdef012345')
        const run = await transaction.create('run', { in: experiment, execution: 'abcdef012345' })
        const child = await transaction.create('run', {
          in: experiment,
          parent: run.slice(run.lastIndexOf('/') + 1)
        })
        await transaction.create('split', { in: child, name: '0' })
        await transaction.update('run', run, { notes: 'made just now' })
      })
      const runs = await collect(opened.workspace.runs.list({ in: 'vision/deep' }))
      expect(runs).to.have.length(2)
      expect(await opened.workspace.verify()).to.deep.include({ problems: [] })
    })

    it('sees in its deletes what it did before', async () => {
      await opened.workspace.transaction(async (transaction) => {
        await transaction.create('run', { in: 'vision/train', id: 'aaaaaaaaaaaa', parent: RUN })
        await transaction.delete('run', IN_RUN)
        await transaction.delete('execution', `vision/train/executions/${EXECUTION}`)
      })
      expect(await collect(opened.workspace.runs.list({ in: 'vision/train' }))).to.deep.equal([])
      const executions = await collect(opened.workspace.executions.list({ in: 'vision/train' }))
      expect(executions).to.deep.equal([])
    })

    it('deletes runs with their child runs, in any order', async () => {
      const { workspace } = opened
      const [a, b, c] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const
      const at = (run: string): string => `vision/train/${run}`
      for (const [first, last] of [
        [a, b],
        [b, a]
      ] as const) {
        await workspace.transaction(async (transaction) => {
          await transaction.put('run', { in: 'vision/train', id: a })
          await transaction.put('run', { in: 'vision/train', id: b, parent: a })
          await transaction.put('run', { in: 'vision/train', id: c, parent: b })
        })
        await workspace.transaction(async (transaction) => {
          await transaction.delete('run', at(first))
          await transaction.delete('run', at(last))
        })
        const left = await collect(workspace.runs.list({ in: 'vision/train' }))
        expect(left.map(({ id }) => id)).to.deep.equal([RUN])
      }
    })

    it('deletes child runs that it made between deletions, and no run twice', async () => {
      const { workspace } = opened
      const [a, b] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const
      await workspace.runs.create({ in: 'vision/train', id: a })
      await workspace.transaction(async (transaction) => {
        await transaction.delete('run', `vision/train/${a}`)
        await transaction.put('run', { in: 'vision/train', id: b, parent: RUN })
        await transaction.delete('run', IN_RUN)
      })
      expect(await collect(workspace.runs.list({ in: 'vision/train' }))).to.deep.equal([])
      const error = await failure(
        workspace.transaction((transaction) => transaction.delete('run', `vision/train/${b}`))
      )
      expect(error).to.include({ code: 'STORE_NOT_FOUND' })
    })

    it('deletes only what is there', async () => {
      const before = await refsOf(opened)
      const error = await failure(
        opened.workspace.transaction(async (transaction) => {
          await transaction.create('run', { in: 'vision/train' })
          await transaction.delete('split', `${IN_RUN}/splits/none`)
        })
      )
      expect(error).to.include({ code: 'STORE_NOT_FOUND' })
      expect(error.data).to.include({ kind: 'split' })
      expect(await refsOf(opened)).to.deep.equal(before)
    })

    it('is refused if it spans projects, or makes or deletes a branch', async () => {
      await opened.workspace.projects.create({ name: 'speech' })
      const before = await refsOf(opened)
      const { transaction } = opened.workspace
      const run = transaction.bind(opened.workspace)
      const attempts = [
        run(async (t) => {
          await t.create('dataset', { in: 'vision', name: 'a' })
          await t.create('dataset', { in: 'speech', name: 'a' })
        }),
        run((t) => t.create('project', { name: 'new' })),
        run((t) => t.delete('experiment' as never, 'vision/train')),
        run((t) => t.delete('project' as never, 'vision'))
      ]
      for (const attempt of attempts) {
        expect(await failure(attempt)).to.include({ code: 'STORE_TRANSACTION' })
      }
      expect(await refsOf(opened)).to.deep.equal(before)
      expect(await refsOf(opened, 'speech')).to.have.property('size', 1)
    })

    it('that changes nothing makes no commit', async () => {
      const before = await refsOf(opened)
      expect(await opened.workspace.transaction(async () => 5)).to.equal(5)
      expect(await refsOf(opened)).to.deep.equal(before)
    })

    it('stores no version of an object but the last', async () => {
      await opened.workspace.transaction(async (transaction) => {
        const run = await transaction.create('run', { in: 'vision/train', id: 'aaaaaaaaaaaa' })
        await transaction.update('run', run, { notes: 'one' })
        await transaction.update('run', run, { notes: 'two' })
        await transaction.create('split', { in: run, name: 'gone' })
        await transaction.delete('split', `${run}/splits/gone`)
      })
      const run = await opened.workspace.runs.get('vision/train/aaaaaaaaaaaa')
      expect(run?.fields.notes).to.equal('two')
    })

    it('may change what it put back', async () => {
      const store = await opened.project()
      const key: KeyOf<'run'> = { kind: 'run', experiment: 'train', run: RUN }
      const view = (await store.viewOf(key)) as View
      await opened.workspace.runs.delete(IN_RUN)
      await store.transact(['refs/heads/experiments/train'], 'restore', async (transaction) => {
        await putBack(view, key, transaction)
        const record = (await transaction.read<'run'>(key)) as RunRecord
        transaction.write<'run'>(key, { ...record, notes: 'back' })
      })
      const run = await opened.workspace.runs.get(IN_RUN)
      expect(run?.fields).to.deep.include({ notes: 'back', params: { k: 5 } })
    })
  })
}
