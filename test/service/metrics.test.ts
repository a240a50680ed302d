import { expect } from 'chai'
import { formatFieldPath } from '../../src/format/field-path.ts'
import {
  collect,
  failure,
  fillWorkspace,
  RUN,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

const IN_RUN = `vision/train/${RUN}`
const LOSS = { last: 0.1, min: 0.1, max: 0.9, count: 3, step: 2 }
const MATRIX = [
  [5, 1],
  [0, 6]
]

for (const host of WORKSPACE_HOSTS) {
  describe(`metrics ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
      await opened.workspace.runs.update(IN_RUN, {
        metrics: { 'train/loss': LOSS, accuracy: { last: 1, min: 1, max: 1, count: 1 } }
      })
      await opened.workspace.metrics.create({ in: IN_RUN, name: 'confusion', value: MATRIX })
    })
    afterEach(() => opened.close())

    it('with a series are read as their summary', async () => {
      const metric = await opened.workspace.metrics.get(`${IN_RUN}/metrics/train/loss`)
      expect(metric).to.deep.include({ kind: 'metric', id: 'train/loss', project: 'vision' })
      expect(metric?.fields).to.deep.include({ name: 'train/loss', type: 'series', value: LOSS })
      expect(await opened.workspace.metrics.exists('train/k3f9/metrics/train/loss')).to.equal(true)
      expect(await opened.workspace.metrics.exists(`${IN_RUN}/metrics/none`)).to.equal(false)
      const got = await opened.workspace.get(`${IN_RUN}/metrics/train/loss`)
      expect(got.object?.id).to.equal('train/loss')
    })

    it('are listed with the structured ones, of a run and of an experiment', async () => {
      for (const scope of [IN_RUN, 'vision/train', undefined]) {
        const listed = await collect(
          opened.workspace.metrics.list(scope === undefined ? {} : { in: scope })
        )
        expect(
          listed.map(({ id }) => id),
          scope
        ).to.have.members(['confusion', 'train/loss', 'accuracy'])
      }
      const sorted = await collect(
        opened.workspace.metrics.list({
          in: IN_RUN,
          filter: { type: 'series' },
          sort: '-value.max'
        })
      )
      expect(sorted.map(({ id }) => id)).to.deep.equal(['accuracy', 'train/loss'])
    })

    it('with a series are deleted from their run, with a stamp', async () => {
      expect(await opened.workspace.metrics.delete(`${IN_RUN}/metrics/train/loss`)).to.equal(true)
      const run = await opened.workspace.runs.get(IN_RUN)
      expect(run?.fields.metrics).to.have.all.keys('accuracy')
      expect(run?.fields.edits).to.have.all.keys(formatFieldPath('metrics', 'train/loss'))
      expect(await opened.workspace.metrics.delete(`${IN_RUN}/metrics/train/loss`)).to.equal(false)
      expect(await opened.workspace.metrics.exists(`${IN_RUN}/metrics/train/loss`)).to.equal(false)
    })

    it('are read as they were at a commit', async () => {
      const before = await opened.workspace.runs.get(IN_RUN)
      await opened.workspace.metrics.delete(`${IN_RUN}/metrics/train/loss`)
      const at = before?.commitOid as string
      const metric = await opened.workspace.metrics.get(`${IN_RUN}/metrics/train/loss`, { at })
      expect(metric?.fields.value).to.deep.equal(LOSS)
      expect(
        (await opened.workspace.metrics.get(`${IN_RUN}/metrics/train/loss@${at}`))?.id
      ).to.equal('train/loss')
    })

    it('of an unknown run are none', async () => {
      expect(await opened.workspace.metrics.get('train/zzzzzzzzzzzz/metrics/loss')).to.equal(
        undefined
      )
      const error = await failure(
        opened.workspace.metrics.create({ in: 'train/zzzzzzzzzzzz', name: 'm', value: 1 })
      )
      expect(error).to.include({ code: 'STORE_NOT_FOUND' })
    })

    it('may be NaN and infinite', async () => {
      const values = {
        last: Number.NaN,
        min: Number.NEGATIVE_INFINITY,
        max: Number.POSITIVE_INFINITY,
        count: 2
      }
      await opened.workspace.runs.update(IN_RUN, { metrics: { loss: values } })
      const metric = await opened.reopen().workspace.metrics.get(`${IN_RUN}/metrics/loss`)
      expect(metric?.fields.value).to.deep.equal(values)
    })
  })
}
