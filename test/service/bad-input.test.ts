import { expect } from 'chai'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { pathOf } from '../../src/format/paths.ts'
import type { ObjectKey } from '../../src/model/kinds.ts'
import {
  collect,
  failure,
  filesBelow,
  fillWorkspace,
  RUN,
  refsOf,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'
import { givenOf, KIND_CASES, runKey, serviceOf } from './kinds.ts'

const IN_RUN = `vision/train/${RUN}`
const BAD_RUN = 'badbadbadbad'

for (const host of WORKSPACE_HOSTS) {
  describe(`bad input ${host.name}`, () => {
    let opened: TestWorkspace
    let before: { readonly refs: ReadonlyMap<string, string>; readonly files: readonly string[] }
    const state = async (): Promise<typeof before> => ({
      refs: await refsOf(opened),
      files: await filesBelow(opened.files, opened.folder)
    })
    const refused = async (
      attempt: Promise<unknown>,
      code: string,
      data: Record<string, unknown> = {}
    ): Promise<void> => {
      const error = await failure(attempt)
      expect(error, `${code}: ${error.message}`).to.include({ code })
      expect(error.data).to.deep.include(data)
      expect(await state(), 'nothing changed').to.deep.equal(before)
    }
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
      before = await state()
    })
    afterEach(() => opened.close())

    for (const kindCase of KIND_CASES) {
      const { kind, wrong } = kindCase
      it(`refuses a ${kind} with a wrong field, which it names`, async () => {
        const service = serviceOf(opened.workspace, kind)
        const given = givenOf({ ...kindCase, fields: wrong.fields })
        await refused(service.create(given), 'MODEL_INVALID', { kind })
        const error = await failure(service.put(given))
        const { problems } = error.data as { problems: readonly { field: string }[] }
        expect(problems.map(({ field }) => field).join(), error.message).to.include(wrong.field)
      })

      it(`refuses an update of a ${kind} with a wrong field`, async () => {
        const service = serviceOf(opened.workspace, kind)
        const { address } = await service.create(givenOf(kindCase))
        before = await state()
        const { name: _, id: __, tree: ___, ...changes } = wrong.fields
        await refused(service.update(address, changes), 'MODEL_INVALID', { kind })
      })

      if (kindCase.in === undefined) continue
      it(`refuses a ${kind} whose parent is missing, which it names`, async () => {
        const missing = kindCase.in?.includes(RUN)
          ? 'vision/train/zzzzzzzzzzzz'
          : kindCase.in === 'vision'
            ? 'nowhere'
            : 'vision/nothing'
        const given = { ...kindCase.fields, in: missing }
        await refused(serviceOf(opened.workspace, kind).create(given), 'STORE_NOT_FOUND', {
          address: missing
        })
      })
    }

    it('refuses names that make no slug', async () => {
      const { projects, experiments, datasets } = opened.workspace
      for (const name of [
        '',
        '  ',
        'experiments',
        'datasets',
        'a\nb',
        '\ud800',
        'x'.repeat(1001)
      ]) {
        await refused(experiments.create({ in: 'vision', name }), 'MODEL_NAME', { name })
        await refused(datasets.put({ in: 'vision', name }), 'MODEL_NAME', { name })
        await refused(projects.create({ name }), 'MODEL_NAME', { name })
      }
    })

    it('refuses ids that are none', async () => {
      const { runs, executions } = opened.workspace
      for (const id of ['k', 'K3F9Q2XAB7MT', 'k3f9q2xab7m/', '../../../../x', 'illegal-id12']) {
        await refused(runs.create({ in: 'vision/train', id }), 'STORE_FIELD', { field: 'id' })
      }
      for (const tree of ['', 'xyz', 'g'.repeat(40)]) {
        await refused(executions.create({ in: 'vision/train', tree }), 'STORE_FIELD', {
          field: 'tree'
        })
      }
    })

    it('refuses objects without what their id is made of', async () => {
      const { workspace } = opened
      const { projects, datasets, splits, runs, environments } = workspace
      await refused(projects.create({}), 'STORE_FIELD', { field: 'name' })
      await refused(datasets.create({ in: 'vision' }), 'STORE_FIELD', { field: 'name' })
      await refused(splits.create({ in: IN_RUN }), 'STORE_FIELD', { field: 'name' })
      await refused(runs.create({}), 'STORE_FIELD', { field: 'in' })
      await refused(environments.create({}), 'STORE_FIELD', { field: 'in' })
    })

    it('refuses names of things in runs that no file can bear', async () => {
      const { splits, metrics } = opened.workspace
      for (const name of ['', '..', 'a/../b', 'a//b', '/a']) {
        const error = await failure(metrics.create({ in: IN_RUN, name, value: 1 }))
        expect(error, `${JSON.stringify(name)}: ${error.message}`).to.have.property('code')
      }
      const error = await failure(splits.create({ in: IN_RUN, name: '\ud800' }))
      expect(error, error.message).to.have.property('code')
      expect(await state()).to.deep.equal(before)
    })

    it('refuses a run of an execution or parent that is not there', async () => {
      const { runs } = opened.workspace
      const given = { in: 'vision/train', id: 'aaaaaaaaaaaa' }
      await refused(runs.create({ ...given, execution: 'abcdefabcdef' }), 'STORE_REFERENCE', {
        field: 'execution',
        target: 'abcdefabcdef'
      })
      await refused(runs.create({ ...given, parent: 'bbbbbbbbbbbb' }), 'STORE_REFERENCE', {
        field: 'parent',
        target: 'bbbbbbbbbbbb'
      })
      await refused(runs.update(IN_RUN, { execution: 'abcdefabcdef' }), 'STORE_REFERENCE')
    })

    it('refuses a second project of a name, however it is written', async () => {
      for (const name of ['Vision', 'vision', 'VISION', ' vision ']) {
        await refused(opened.workspace.projects.create({ name }), 'STORE_EXISTS', {
          address: 'vision',
          kind: 'project'
        })
      }
    })

    it('refuses to store anything when its signal has ended', async () => {
      const signal = AbortSignal.abort(new TypeError('enough'))
      const { runs } = opened.workspace
      for (const attempt of [
        runs.create({ in: 'vision/train' }, { signal }),
        runs.put({ in: 'vision/train' }, { signal }),
        runs.update(IN_RUN, { notes: 'n' }, { signal }),
        runs.delete(IN_RUN, { signal })
      ]) {
        expect(await failure(attempt)).to.be.instanceOf(TypeError)
      }
      expect(await state()).to.deep.equal(before)
    })

    const writeRaw = async (key: ObjectKey, text: string | Uint8Array): Promise<void> => {
      const store = await opened.project()
      await store.transact(['refs/heads/experiments/train'], 'put', async (transaction) => {
        const bytes = typeof text === 'string' ? encodeUtf8(text) : text
        transaction.writeFile(key, pathOf(key), bytes)
      })
      before = await state()
    }

    const unreadable = [
      {
        what: 'YAML that does not parse',
        text: 'schema: run/1\nname: "never\n',
        code: 'FORMAT_YAML'
      },
      { what: 'a version from the future', text: 'schema: run/99\n', code: 'MODEL_SCHEMA_TOO_NEW' },
      { what: 'wrong fields', text: 'schema: run/1\nstatus: lost\n', code: 'MODEL_INVALID' },
      { what: 'no schema line', text: 'status: finished\n', code: 'FORMAT_SCHEMA' },
      { what: 'another kind', text: 'schema: split/1\nname: x\n', code: 'FORMAT_SCHEMA' },
      { what: 'no text', text: Uint8Array.of(0xff, 0xfe), code: 'FORMAT_ENCODING' },
      { what: 'a list', text: '- 1\n', code: 'MODEL_INVALID' }
    ]
    for (const { what, text, code } of unreadable) {
      it(`hides no other run behind one with ${what}`, async () => {
        const { runs, events } = opened.workspace
        await runs.create({ in: 'vision/train', id: 'aaaaaaaaaaaa' })
        await writeRaw(runKey(BAD_RUN), text)
        const path = pathOf(runKey(BAD_RUN))
        const heard: unknown[] = []
        const told: { readonly path: string; readonly error: unknown }[] = []
        events.on('damaged', (damage) => heard.push(damage))
        const listed = await collect(
          runs.list({ in: 'vision/train', onDamaged: (damage) => told.push(damage) })
        )
        expect(listed.map(({ id }) => id)).to.deep.equal(['aaaaaaaaaaaa', RUN])
        expect(told.map((damage) => damage.path)).to.deep.equal([path])
        expect(heard).to.deep.equal([{ project: 'vision', ...told[0] }])
        const { error } = told[0] as { readonly error: Error }
        expect(error).to.include({ code })
        expect(error.message).to.include(path)
        await refused(runs.get(`vision/train/${BAD_RUN}`), code, { path })
        await refused(runs.update(`vision/train/${BAD_RUN}`, { notes: 'n' }), code, { path })
        expect((await runs.get(IN_RUN))?.id).to.equal(RUN)
        const { problems } = await opened.workspace.verify()
        expect(problems.map(({ where }) => where)).to.deep.equal([path])
        expect(await runs.delete(`vision/train/${BAD_RUN}`)).to.equal(true)
        expect((await opened.workspace.verify()).problems).to.deep.equal([])
      })
    }

    it('repairs a broken record from what it was', async () => {
      const { runs } = opened.workspace
      const made = await runs.get(IN_RUN)
      await writeRaw(runKey(RUN), 'broken: [')
      const restored = await runs.restore(IN_RUN, { at: made?.commitOid as string })
      expect(restored.fields).to.deep.equal(made?.fields)
    })

    it('hides no other experiment behind one that is broken', async () => {
      await opened.workspace.experiments.create({ in: 'vision', name: 'other' })
      const key: ObjectKey = { kind: 'experiment', experiment: 'train' }
      await writeRaw(key, 'schema: experiment/2\n')
      const told: unknown[] = []
      const listed = await collect(
        opened.workspace.experiments.list({ onDamaged: ({ path }) => told.push(path) })
      )
      expect(listed.map(({ id }) => id)).to.deep.equal(['other'])
      expect(told).to.deep.equal([pathOf(key)])
      expect(await collect(opened.workspace.runs.list({ in: 'vision/train' }))).to.have.length(1)
    })
  })
}
