import { expect } from 'chai'
import { folderOf } from '../../src/format/paths.ts'
import type { TreeEntry } from '../../src/git/tree.ts'
import type { ObjectKey } from '../../src/model/kinds.ts'
import {
  EXECUTION,
  failure,
  fillWorkspace,
  RUN,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

const IN_RUN = `vision/train/${RUN}`
const TRAIN: ObjectKey = { kind: 'experiment', experiment: 'train' }

async function fillRun({ workspace }: TestWorkspace): Promise<void> {
  await workspace.environments.create({ in: IN_RUN, host: 'worker-3' })
  await workspace.splits.create({ in: IN_RUN, name: 'fold 1', seed: 1 })
  await workspace.computations.create({ in: IN_RUN, name: 'train' })
  await workspace.metrics.create({ in: IN_RUN, name: 'confusion', value: [[1]] })
  await workspace.results.create({ in: IN_RUN, name: 'cases' })
  await workspace.runs.create({ in: 'vision/train', id: 'abcdefghjkmn', parent: RUN })
  await workspace.experiments.create({ in: 'vision', name: 'other' })
  await workspace.datasets.create({ in: 'vision', name: 'iris' })
  await workspace.views.create({ in: 'vision', name: 'best', state: {} })
}

/** Lists what lies in the folder of an object, but for one file. */
async function entriesOf(
  opened: TestWorkspace,
  key: ObjectKey,
  except: string,
  inside = ''
): Promise<readonly TreeEntry[]> {
  const view = await (await opened.project()).viewOf(key)
  const folder = folderOf(key) + inside
  return ((await view?.folder(folder)) ?? []).filter(({ name }) => name !== except)
}

for (const host of WORKSPACE_HOSTS) {
  describe(`an update ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
      await fillRun(opened)
    })
    afterEach(() => opened.close())

    it('of a run leaves everything below the run as it was', async () => {
      const key: ObjectKey = { kind: 'run', experiment: 'train', run: RUN }
      const before = await entriesOf(opened, key, 'run.yaml')
      expect(before.map(({ name }) => name)).to.deep.equal([
        'computations',
        'environment.yaml',
        'metrics',
        'results',
        'splits'
      ])
      await opened.workspace.runs.update(IN_RUN, { notes: 'changed', tags: ['x'] })
      await opened.workspace.runs.put({ in: 'vision/train', id: RUN, name: 'put over it' })
      expect(await entriesOf(opened, key, 'run.yaml')).to.deep.equal(before)
    })

    it('of a run leaves the other runs and the executions as they were', async () => {
      const before = await entriesOf(opened, TRAIN, '', '/runs/a')
      const executions = await entriesOf(opened, TRAIN, '', '/executions')
      await opened.workspace.runs.update(IN_RUN, { notes: 'changed' })
      expect(await entriesOf(opened, TRAIN, '', '/runs/a')).to.deep.equal(before)
      expect(await entriesOf(opened, TRAIN, '', '/executions')).to.deep.equal(executions)
    })

    it('of an experiment leaves its runs and executions as they were', async () => {
      const before = await entriesOf(opened, TRAIN, 'experiment.yaml')
      expect(before.map(({ name }) => name)).to.deep.equal(['executions', 'runs'])
      await opened.workspace.experiments.update('vision/train', { notes: 'changed' })
      await opened.workspace.experiments.put({ in: 'vision', name: 'Train', tags: ['put'] })
      expect(await entriesOf(opened, TRAIN, 'experiment.yaml')).to.deep.equal(before)
    })

    it('of a project leaves datasets, views and experiments as they were', async () => {
      const before = await entriesOf(opened, { kind: 'project' }, 'project.yaml')
      const { repository } = await opened.project()
      const branches = await repository.refs.list('refs/heads/experiments/')
      await opened.workspace.projects.update('vision', { description: 'changed' })
      expect(await entriesOf(opened, { kind: 'project' }, 'project.yaml')).to.deep.equal(before)
      expect(await repository.refs.list('refs/heads/experiments/')).to.deep.equal(branches)
    })

    it('of a result leaves its rows and the other results as they were', async () => {
      const key: ObjectKey = { kind: 'result', experiment: 'train', run: RUN, name: 'cases' }
      const store = await opened.project()
      await store.transact(['refs/heads/experiments/train'], 'put', async (transaction) => {
        const path = `${folderOf(key)}/${store.writer}-0000.jsonl`
        transaction.writeFile(key, path, new TextEncoder().encode('{"id":1}\n'))
      })
      const before = await entriesOf(opened, key, 'result.yaml')
      expect(before).to.have.length(1)
      await opened.workspace.results.update(`${IN_RUN}/results/cases`, { key: 'id' })
      expect(await entriesOf(opened, key, 'result.yaml')).to.deep.equal(before)
    })

    it('changes of maps only the members given, and removes one given as undefined', async () => {
      const { runs } = opened.workspace
      await runs.update(IN_RUN, { params: { k: 6, c: 0.5 } })
      const changed = await runs.update(IN_RUN, { params: { c: undefined } as never })
      expect(changed.fields.params).to.deep.equal({ k: 6 })
      expect(changed.fields.edits).to.have.all.keys('params/k', 'params/c')
    })

    it('that says what is there makes no commit and no stamp', async () => {
      const before = await opened.workspace.runs.get(IN_RUN)
      const after = await opened.workspace.runs.update(IN_RUN, { params: { k: 5 } })
      expect(after.fields.edits).to.equal(undefined)
      expect(after.commitOid).to.equal(before?.commitOid)
    })

    it('gives later stamps to later changes', async () => {
      const { runs } = opened.workspace
      const first = await runs.update(IN_RUN, { notes: 'a' })
      const second = await runs.update(IN_RUN, { notes: 'b' })
      const [before, after] = [first.fields.edits?.notes, second.fields.edits?.notes]
      expect((after ?? '') > (before ?? '')).to.equal(true)
    })

    it('does not make another object of it', async () => {
      const { runs, executions } = opened.workspace
      for (const attempt of [
        () => runs.update(IN_RUN, { parent: 'abcdefghjkmn' }),
        () => runs.update(IN_RUN, { key: 'fold-1' }),
        () => executions.update(`vision/train/executions/${EXECUTION}`, { tree: 'f'.repeat(40) })
      ]) {
        const error = await attempt().catch((thrown) => thrown)
        expect(error).to.include({ code: 'STORE_IMMUTABLE' })
      }
    })

    it('refuses to change a field that the store keeps, or that says which object is meant', async () => {
      const before = await opened.workspace.runs.get(IN_RUN)
      const given: readonly Record<string, unknown>[] = [
        { created: '2001-01-01T00:00:00.000Z' },
        { attempt: 'x' },
        { edits: { notes: 'x' } },
        { schema: 'run/9' },
        { kind: 'dataset' },
        { address: 'elsewhere' }
      ]
      for (const fields of given) {
        const error = await failure(opened.workspace.runs.update(IN_RUN, fields))
        expect(error, JSON.stringify(fields)).to.have.property('code', 'STORE_FIELD')
      }
      const same = { created: before?.fields.created, notes: 'n' }
      const after = await opened.workspace.runs.update(IN_RUN, same)
      expect(after.fields).to.deep.include(same)
    })

    it('by put refuses a newer schema, and a name that only shares another one’s slug', async () => {
      const { experiments, runs } = opened.workspace
      const newer = { in: 'vision/train', schema: 'run/99', params: {} } as never
      expect(await failure(runs.put(newer))).to.have.property('code', 'MODEL_SCHEMA_TOO_NEW')
      const other = { in: 'vision/train', schema: 'split/1' } as never
      expect(await failure(runs.put(other))).to.have.property('code', 'STORE_FIELD')
      const shared = await failure(experiments.put({ in: 'vision', name: 'TRAIN', notes: 'x' }))
      expect(shared).to.have.property('code', 'STORE_EXISTS')
      expect((await experiments.get('vision/train'))?.fields).to.not.have.property('notes')
    })
  })
}
