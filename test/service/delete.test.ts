import { expect } from 'chai'
import { FIRST_COMMIT_OID } from '../../src/format/constants.ts'
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
const CHILDREN = ['c1111111111a', 'c1111111111b', 'c1111111111c', 'c1111111111d'] as const

/** Makes runs each of which is part of the one before, and one beside the last. */
async function nestRuns({ workspace }: TestWorkspace): Promise<void> {
  let parent: string = RUN
  for (const id of CHILDREN) {
    await workspace.runs.create({ in: 'vision/train', id, parent, execution: EXECUTION })
    if (id !== CHILDREN[2]) parent = id
  }
  await workspace.splits.create({ in: `vision/train/${CHILDREN[3]}`, name: 'fold 1' })
}

for (const host of WORKSPACE_HOSTS) {
  describe(`a delete ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
    })
    afterEach(() => opened.close())

    const runIds = async (): Promise<readonly string[]> =>
      (await collect(opened.workspace.runs.list({ in: 'vision/train' }))).map(({ id }) => id)

    it('of a run takes what lies below it, and child runs to any depth', async () => {
      await nestRuns(opened)
      await opened.workspace.metrics.create({ in: IN_RUN, name: 'm', value: 1 })
      await opened.workspace.runs.create({ in: 'vision/train', id: 'zzzzzzzzzzzz' })
      expect(await opened.workspace.runs.delete(IN_RUN)).to.equal(true)
      expect(await runIds()).to.deep.equal(['zzzzzzzzzzzz'])
      const view = await (await opened.project()).viewOf({
        kind: 'experiment',
        experiment: 'train'
      })
      expect((await view?.folder('experiments/train/runs'))?.map(({ name }) => name)).to.deep.equal(
        ['z']
      )
    })

    it('of a run in the middle leaves the runs above and beside it', async () => {
      await nestRuns(opened)
      await opened.workspace.runs.delete(`vision/train/${CHILDREN[1]}`)
      expect(await runIds()).to.deep.equal([CHILDREN[0], RUN])
    })

    it('of a run is undone with its children, its parts and its execution', async () => {
      await nestRuns(opened)
      const before = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
      await opened.workspace.runs.delete(IN_RUN)
      await opened.workspace.executions.delete(`vision/train/executions/${EXECUTION}`)
      expect(await runIds()).to.deep.equal([])
      await opened.workspace.runs.restore(IN_RUN)
      const after = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
      expect(after.map(({ fields }) => fields)).to.deep.equal(before.map(({ fields }) => fields))
      const split = `vision/train/${CHILDREN[3]}/splits/fold%201`
      expect(await opened.workspace.splits.exists(split)).to.equal(true)
      const execution = `vision/train/executions/${EXECUTION}`
      expect(await opened.workspace.executions.exists(execution)).to.equal(true)
      expect(await opened.workspace.verify()).to.deep.include({ problems: [] })
    })

    it('of an execution that has runs is refused and names them', async () => {
      const before = await refsOf(opened)
      const address = `vision/train/executions/${EXECUTION}`
      const error = await failure(opened.workspace.executions.delete(address))
      expect(error).to.include({ code: 'STORE_IN_USE' })
      expect(error.data).to.deep.equal({ address, by: [IN_RUN] })
      expect(await refsOf(opened)).to.deep.equal(before)
    })

    it('lists the children of a run', async () => {
      await nestRuns(opened)
      const children = await collect(opened.workspace.runs.children(`vision/train/${CHILDREN[1]}`))
      expect(children.map(({ id }) => id)).to.deep.equal([CHILDREN[2], CHILDREN[3]])
    })

    it('of an experiment removes its branch and keeps it aside', async () => {
      const head = (await refsOf(opened)).get('refs/heads/experiments/train')
      expect(await opened.workspace.experiments.delete('vision/train')).to.equal(true)
      const refs = await refsOf(opened)
      expect([...refs.keys()].filter((ref) => ref.startsWith('refs/heads/'))).to.deep.equal([
        'refs/heads/main'
      ])
      const kept = [...refs].find(([ref]) => /^refs\/runtree\/deleted\/\d+\/train$/.test(ref))
      expect(kept?.[1]).to.equal(head)
      expect(await opened.workspace.runs.get(IN_RUN)).to.equal(undefined)
      expect(await failure(collect(opened.workspace.runs.list({ in: 'vision/train' })))).to.include(
        {
          code: 'STORE_NOT_FOUND'
        }
      )
      await opened.workspace.experiments.restore('vision/train')
      expect((await refsOf(opened)).get('refs/heads/experiments/train')).to.equal(head)
      expect(await runIds()).to.deep.equal([RUN])
    })

    it('of an experiment makes room for a new one of its name', async () => {
      await opened.workspace.experiments.delete('vision/train')
      const made = await opened.workspace.experiments.create({ in: 'vision', name: 'train' })
      expect(await runIds()).to.deep.equal([])
      const history = await collect(opened.workspace.experiments.history('vision/train'))
      expect(history.map(({ commitOid }) => commitOid)).to.deep.equal([made.commitOid])
    })

    it('of an experiment is undone at an earlier commit without losing the later ones', async () => {
      const { experiments, runs } = opened.workspace
      const [first] = await collect(experiments.history('vision/train'))
      const { commitOid: last } = await runs.create({ in: 'vision/train', id: 'zzzzzzzzzzzz' })
      await experiments.delete('vision/train')
      await experiments.restore('vision/train', { at: first?.commitOid as string })
      expect(await runIds()).to.deep.equal([RUN])
      const history = await collect(experiments.history('vision/train'))
      expect(history.map(({ commitOid }) => commitOid)).to.include(last)
      await runs.restore('vision/train/zzzzzzzzzzzz')
      expect(await runIds()).to.deep.equal([RUN, 'zzzzzzzzzzzz'])
    })

    it('of a project keeps it aside, whole', async () => {
      const before = await refsOf(opened)
      expect(await opened.workspace.projects.delete('vision')).to.equal(true)
      expect(await collect(opened.workspace.projects.list())).to.deep.equal([])
      expect(await opened.workspace.runs.get(IN_RUN)).to.equal(undefined)
      await opened.workspace.projects.restore('vision')
      expect(await refsOf(opened)).to.deep.equal(before)
      expect(await runIds()).to.deep.equal([RUN])
    })

    it('of a project by its address alone needs force', async () => {
      const error = await failure(opened.workspace.delete('vision'))
      expect(error).to.include({ code: 'STORE_UNPUSHED' })
      expect(await opened.workspace.delete('vision', { force: true })).to.include({ local: true })
    })

    it('by address alone finds the kind', async () => {
      expect(await opened.workspace.delete(IN_RUN)).to.include({ local: true })
      expect(await opened.workspace.delete(IN_RUN)).to.include({ local: false })
      expect(await opened.workspace.delete('vision/train')).to.include({ local: true })
    })

    it('of a restored record counts as a later edit than those that it undoes', async () => {
      const { runs } = opened.workspace
      const first = await runs.get(IN_RUN)
      const changed = await runs.update(IN_RUN, { params: { k: 6 }, notes: 'worse' })
      const restored = await runs.restore(IN_RUN, { at: first?.commitOid as string })
      expect(restored.fields.params).to.deep.equal({ k: 5 })
      expect(restored.fields).not.to.have.property('notes')
      for (const path of ['params/k', 'notes']) {
        const [before, after] = [changed.fields.edits?.[path], restored.fields.edits?.[path]]
        expect((after ?? '') > (before ?? ''), path).to.equal(true)
      }
    })

    it('and a put of a child at the same time leave no child without its parent', async () => {
      const { runs } = opened.workspace
      const [first, removed, last] = await Promise.allSettled([
        runs.create({ in: 'vision/train', id: CHILDREN[0], parent: RUN }),
        runs.delete(IN_RUN),
        runs.create({ in: 'vision/train', id: CHILDREN[1], parent: RUN })
      ])
      expect(removed).to.deep.equal({ status: 'fulfilled', value: true })
      for (const outcome of [first, last]) {
        if (outcome.status === 'rejected') expect(outcome.reason.code).to.equal('STORE_REFERENCE')
      }
      expect(await runIds()).to.deep.equal([])
    })

    it('leaves the first commit of every project in its place', async () => {
      const { repository } = await opened.project()
      expect((await repository.objects.read(FIRST_COMMIT_OID))?.type).to.equal('commit')
      const history = await collect(opened.workspace.projects.history('vision'))
      expect(history).to.have.length(1)
    })
  })
}
