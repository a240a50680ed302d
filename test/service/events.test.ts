import { expect } from 'chai'
import type { EventName, WorkspaceEvents } from '../../src/service/events.ts'
import {
  collect,
  fillWorkspace,
  RUN,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

const IN_RUN = `vision/train/${RUN}`

for (const host of WORKSPACE_HOSTS) {
  describe(`events ${host.name}`, () => {
    let opened: TestWorkspace
    let seen: { readonly name: EventName; readonly payload: WorkspaceEvents[EventName] }[]
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
      seen = []
      opened.workspace.events.onAny((name, payload) => seen.push({ name, payload }))
    })
    afterEach(() => opened.close())

    it('tell of puts with what was done, to what, in which commit', async () => {
      const { runs } = opened.workspace
      const made = await runs.create({ in: 'vision/train', id: 'aaaaaaaaaaaa' })
      const put = await runs.put({ in: 'vision/train', id: 'aaaaaaaaaaaa', notes: 'n' })
      const updated = await runs.update('aaaa', { notes: 'm' })
      await runs.delete('aaaa')
      const restored = await runs.restore('train/aaaaaaaaaaaa')
      const puts = seen.filter(({ name }) => name === 'put').map(({ payload }) => payload)
      const common = { kind: 'run', address: 'vision/train/aaaaaaaaaaaa' }
      expect(puts).to.deep.equal([
        { ...common, commitOid: made.commitOid, operation: 'create' },
        { ...common, commitOid: put.commitOid, operation: 'put' },
        { ...common, commitOid: updated.commitOid, operation: 'update' },
        { ...common, commitOid: restored.commitOid, operation: 'restore' }
      ])
    })

    it('tell of projects and experiments, brought back ones too', async () => {
      const { projects, experiments } = opened.workspace
      await experiments.delete('vision/train')
      await experiments.restore('vision/train')
      await projects.create({ name: 'speech' })
      await projects.update('speech', { notes: 'n' })
      await projects.delete('speech')
      await projects.restore('speech')
      const told = seen.map(({ name, payload }) => {
        const { address, operation } = payload as { address: string; operation?: string }
        return [name, address, operation]
      })
      expect(told).to.deep.equal([
        ['delete', 'vision/train', undefined],
        ['put', 'vision/train', 'restore'],
        ['put', 'speech', 'create'],
        ['put', 'speech', 'update'],
        ['delete', 'speech', undefined],
        ['put', 'speech', 'restore']
      ])
    })

    it('tell of gets, and whether there was something', async () => {
      await opened.workspace.runs.get('k3f9')
      await opened.workspace.runs.get('train/zzzz')
      expect(seen).to.deep.equal([
        { name: 'get', payload: { kind: 'run', address: IN_RUN, found: true } },
        { name: 'get', payload: { kind: 'run', address: 'train/zzzz', found: false } }
      ])
    })

    it('tell once of a metric that is found in its run', async () => {
      const summary = { last: 1, min: 1, max: 1, count: 1 }
      await opened.workspace.runs.update(IN_RUN, { metrics: { loss: summary } })
      seen.length = 0
      await opened.workspace.metrics.get(`${IN_RUN}/metrics/loss`)
      expect(seen).to.deep.equal([
        { name: 'get', payload: { kind: 'metric', address: `${IN_RUN}/metrics/loss`, found: true } }
      ])
    })

    it('tell of deletes, and not of those that found nothing', async () => {
      const made = await opened.workspace.splits.create({ in: IN_RUN, name: 'a' })
      await opened.workspace.splits.delete(made.address)
      await opened.workspace.splits.delete(made.address)
      const deletes = seen.filter(({ name }) => name === 'delete')
      const store = await opened.project()
      const commitOid = await store.repository.refs.read('refs/heads/experiments/train')
      expect(deletes).to.deep.equal([
        { name: 'delete', payload: { kind: 'split', address: made.address, commitOid } }
      ])
    })

    it('tell of each change of a transaction after it is committed', async () => {
      let during = 0
      await opened.workspace.transaction(async (transaction) => {
        await transaction.create('split', { in: IN_RUN, name: 'a' })
        await transaction.update('run', IN_RUN, { notes: 'n' })
        await transaction.delete('split', `${IN_RUN}/splits/a`)
        during = seen.length
      })
      expect(during).to.equal(0)
      expect(seen.map(({ name }) => name)).to.deep.equal(['put', 'put', 'delete'])
      expect(
        new Set(seen.map(({ payload }) => (payload as { commitOid: string }).commitOid)).size
      ).to.equal(1)
    })

    it('hurt nobody if a listener throws or rejects', async () => {
      const { events, runs } = opened.workspace
      let heard = 0
      events.on('put', () => {
        throw new TypeError('a listener broke')
      })
      events.on('put', async () => {
        throw new TypeError('a listener rejected')
      })
      events.onAny(() => {
        throw new TypeError('another one broke')
      })
      events.on('put', () => heard++)
      await runs.create({ in: 'vision/train', id: 'aaaaaaaaaaaa' })
      expect(heard).to.equal(1)
      expect(await runs.exists('aaaa')).to.equal(true)
    })

    it('end when they are no longer wanted', async () => {
      const { events, runs } = opened.workspace
      let heard = 0
      const stop = events.on('put', () => heard++)
      events.once('put', () => heard++)
      await runs.update(IN_RUN, { notes: 'a' })
      stop()
      await runs.update(IN_RUN, { notes: 'b' })
      expect(heard).to.equal(2)
    })

    it('come only from the workspace in which something happens', async () => {
      await opened.reopen().workspace.runs.update(IN_RUN, { notes: 'a' })
      expect(seen).to.deep.equal([])
      expect(
        (await collect(opened.workspace.runs.list({ in: 'train' })))[0]?.fields.notes
      ).to.equal('a')
    })
  })
}
