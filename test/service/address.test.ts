import { expect } from 'chai'
import {
  collect,
  failure,
  fillWorkspace,
  RUN,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

for (const host of WORKSPACE_HOSTS) {
  describe(`addresses ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
    })
    afterEach(() => opened.close())

    it('name a run by its id or the beginning of it, with or without what is above', async () => {
      const { runs } = opened.workspace
      for (const address of [
        `vision/train/${RUN}`,
        `train/${RUN}`,
        RUN,
        'k3f9',
        'train/k3f9q2',
        'vision/train/k3f9q2xab7m'
      ]) {
        expect((await runs.get(address))?.address, address).to.equal(`vision/train/${RUN}`)
      }
    })

    it('name what lies in a run by the beginning of its id', async () => {
      await opened.workspace.splits.create({ in: 'k3f9', name: 'fold 1' })
      const split = await opened.workspace.splits.get('train/k3f9/splits/fold%201')
      expect(split?.address).to.equal(`vision/train/${RUN}/splits/fold%201`)
    })

    it('that fit several runs are refused with the candidates', async () => {
      await opened.workspace.runs.create({ in: 'vision/train', id: 'k3f9zzzzzzzz' })
      for (const attempt of [
        opened.workspace.runs.get('k3f9'),
        opened.workspace.runs.update('k3f9', { notes: 'x' }),
        opened.workspace.runs.delete('train/k3f9'),
        opened.workspace.get('k3f9')
      ]) {
        const error = await failure(attempt)
        expect(error).to.include({ code: 'STORE_AMBIGUOUS' })
        expect(error.data?.candidates).to.deep.equal([
          `vision/train/${RUN}`,
          'vision/train/k3f9zzzzzzzz'
        ])
      }
      expect((await opened.workspace.runs.get('k3f9q'))?.id).to.equal(RUN)
    })

    it('that fit runs of several experiments are refused with the candidates', async () => {
      await opened.workspace.experiments.create({ in: 'vision', name: 'other' })
      await opened.workspace.runs.create({ in: 'vision/other', id: RUN })
      const error = await failure(opened.workspace.runs.get(RUN))
      expect(error).to.include({ code: 'STORE_AMBIGUOUS' })
      expect((await opened.workspace.runs.get(`other/${RUN}`))?.address).to.equal(
        `vision/other/${RUN}`
      )
    })

    it('that fit an experiment and a project are refused, and not if the kind tells', async () => {
      await opened.workspace.experiments.create({ in: 'vision', name: 'Vision' })
      const error = await failure(opened.workspace.get('vision'))
      expect(error).to.include({ code: 'STORE_AMBIGUOUS' })
      expect((await opened.workspace.projects.get('vision'))?.kind).to.equal('project')
      expect((await opened.workspace.experiments.get('vision'))?.address).to.equal('vision/vision')
    })

    it('of another kind than the service are refused where an object is needed', async () => {
      const error = await failure(opened.workspace.runs.update('vision/train', { notes: 'x' }))
      expect(error).to.include({ code: 'STORE_WRONG_KIND' })
      expect(error.data).to.deep.equal({
        address: 'vision/train',
        kind: 'experiment',
        wanted: 'run'
      })
      expect(await opened.workspace.runs.get('vision/train')).to.equal(undefined)
    })

    it('are made of slugs, whatever the name', async () => {
      const made = await opened.workspace.experiments.create({
        in: 'vision',
        name: 'Ünïcode & Co.'
      })
      expect(made.address).to.equal('vision/unicode-co')
      expect(made.fields.name).to.equal('Ünïcode & Co.')
      const other = await opened.workspace.experiments.create({ in: 'vision', name: '実験' })
      expect(other.id).to.match(/^x-[0-9a-hjkmnp-tv-z]{10}$/)
      expect((await opened.workspace.experiments.get(other.address))?.fields.name).to.equal('実験')
    })

    it('keep slashes and odd signs of names apart from those between names', async () => {
      const { metrics, splits } = opened.workspace
      const names = ['train/loss', 'a b', '100%', 'x@y', 'ü', 'con', '.hidden']
      for (const name of names) {
        const made = await metrics.create({ in: RUN, name, value: 1 })
        expect((await metrics.get(made.address))?.id, name).to.equal(name)
      }
      const split = await splits.create({ in: RUN, name: 'a/b' })
      expect((await splits.get(split.address))?.id).to.equal('a/b')
      const listed = await collect(metrics.list({ in: RUN }))
      expect(listed.map(({ id }) => id).sort()).to.deep.equal([...names].sort())
    })

    it('are read at a commit of the project that they name, whichever is the current one', async () => {
      const experiment = await opened.workspace.experiments.create({ in: 'vision', name: 'best' })
      await opened.workspace.projects.create({ name: 'speech' })
      const address = `vision/best@${experiment.commitOid}`
      const other = opened.reopen({ project: 'speech' }).workspace
      expect((await other.experiments.get(address))?.address).to.equal('vision/best')
      expect((await other.get(address)).object?.address).to.equal('vision/best')
    })

    it('without a project name nothing if there is no current one', async () => {
      const { workspace } = opened.reopen({ project: 'none-such' })
      expect(await workspace.runs.get(RUN)).to.equal(undefined)
      expect((await workspace.runs.get(`vision/train/${RUN}`))?.id).to.equal(RUN)
      expect(await failure(workspace.datasets.create({ name: 'x' }))).to.include({
        code: 'STORE_NOT_FOUND'
      })
    })

    it('that are none are refused', async () => {
      for (const address of ['', 'a//b', 'train@', 'train@-x', 'train@a..b', '%zz']) {
        const error = await failure(opened.workspace.get(address))
        expect(error, address).to.include({ code: 'MODEL_ADDRESS' })
      }
    })

    it('are answered with the kind, and objects with where they come from', async () => {
      expect(await opened.workspace.resolve('k3f9')).to.deep.equal({
        kind: 'run',
        address: `vision/train/${RUN}`
      })
      expect(await opened.workspace.resolve('train/zzzz')).to.equal(undefined)
      const found = await opened.workspace.get('train')
      expect(found.sync).to.equal('local')
      expect(found.commitOid).to.equal(found.object?.commitOid)
      expect(await opened.workspace.get('nothing')).to.deep.equal({
        object: undefined,
        commitOid: undefined,
        sync: 'local',
        heldBack: { count: 0, sizeBytes: 0 }
      })
    })

    it('of objects that were read put them again, here or elsewhere', async () => {
      const run = await opened.workspace.runs.get(RUN)
      await opened.workspace.runs.delete(RUN)
      const again = await opened.workspace.put(run as NonNullable<typeof run>)
      expect(again.address).to.equal(run?.address)
      expect(again.fields.params).to.deep.equal({ k: 5 })
      expect(again.fields.execution).to.equal(run?.fields.execution)
    })
  })
}
