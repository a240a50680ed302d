import { expect } from 'chai'

import type { RemoteHost } from '../../src/remote/open-remote.ts'
import type { StoredObject } from '../../src/service/objects.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { fsck, makeTempFolder, removeTempFolder } from './git.ts'
import {
  expectSame,
  expectTrue,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  refsHere,
  startProject,
  statuses,
  untilQuiet
} from './team.ts'
import { collect, EXECUTION, RUN, TREE } from './workspaces.ts'

/** A way to a repository of this machine. */
export interface TeamTransport {
  readonly host: RemoteHost
  /** Makes an empty place for a project; returns where it lies and its address. */
  make?(name: string): { readonly origin: string; readonly url: string }
  /** Returns the address of a bare repository in the folder. */
  addressOf(path: string): string
  close(): Promise<void>
}

const TRAIN = 'refs/heads/experiments/train'
const IN_RUN = `vision/train/${RUN}`

/** What two people do to one project without knowing of each other, and what is to come of it. */
interface Scenario {
  readonly title: string
  prepare?(workspace: Workspace): Promise<unknown>
  change(workspace: Workspace, person: number): Promise<unknown>
  check(workspace: Workspace): Promise<void>
}

const DELETED = 'de1eted00000'
const UNTOUCHED = 'vnt0vched000'
const TWICE = 'tw1ce0000000'
const CODE = 'a'.repeat(40)

const SCENARIOS: readonly Scenario[] = [
  {
    title: 'both edit one run, and both edits live',
    async change({ runs }, person) {
      const edit = person === 0 ? { notes: 'of Ada' } : { name: 'of Bob' }
      await runs.update(IN_RUN, { ...edit, tags: ['first', `${person}`] })
    },
    async check({ runs }) {
      const { fields } = (await runs.get(IN_RUN)) ?? {}
      expect(fields).to.include({ notes: 'of Ada', name: 'of Bob' })
      expect(fields?.tags).to.have.members(['first', '0', '1'])
    }
  },
  {
    title: 'one deletes what the other edits, and it lives; what nobody touches goes',
    async prepare({ runs }) {
      for (const id of [DELETED, UNTOUCHED]) await runs.create({ in: 'vision/train', id })
    },
    async change({ runs }, person) {
      if (person === 1) await runs.update(`vision/train/${DELETED}`, { notes: 'still needed' })
      else for (const id of [DELETED, UNTOUCHED]) await runs.delete(`vision/train/${id}`)
    },
    async check({ runs }) {
      const kept = await runs.get(`vision/train/${DELETED}`)
      expect(kept?.fields.notes).to.equal('still needed')
      expect(await runs.exists(`vision/train/${UNTOUCHED}`)).to.equal(false)
    }
  },
  {
    title: 'both create one experiment, and record one version of the code',
    async change(workspace, person) {
      await workspace.experiments.create({ name: 'Same', in: 'vision', notes: `${person}` })
      const commits = [`${person}`.repeat(40)]
      await workspace.executions.create({ tree: CODE, commits, in: 'vision/same' })
      await workspace.runs.create({ in: 'vision/same', execution: CODE.slice(0, 12) })
    },
    async check({ runs, executions }) {
      expect(await collect(runs.list({ in: 'vision/same' }))).to.have.length(2)
      const [execution] = await collect(executions.list({ in: 'vision/same' }))
      expect(execution?.fields.commits).to.deep.equal(['0'.repeat(40), '1'.repeat(40)])
    }
  },
  {
    title: 'both make one run of different keys, which stays contested',
    change: ({ runs }, person) =>
      runs.create({ in: 'vision/train', id: TWICE, key: `key ${person}` }),
    async check(workspace) {
      expect((await workspace.status()).conflicts).to.deep.equal([
        { address: `vision/train/${TWICE}`, fieldPath: 'key' }
      ])
    }
  }
]

/** How the scenarios are played: each alone, or all of them at once. */
export type Depth = 'each alone' | 'all at once'

/** Tests what a team does with a project, with the git program as judge after each step. */
export function testTeam(
  name: string,
  depth: Depth,
  open: (folder: string) => Promise<TeamTransport> | TeamTransport
): void {
  describe(`a team: ${name}`, () => {
    let folder: string
    let transport: TeamTransport
    let origin: string
    let url: string
    let ada: Member
    let bob: Member
    let number = 0
    const opened: Member[] = []

    before(async () => {
      folder = makeTempFolder()
      transport = await open(folder)
    })
    after(async () => {
      await transport.close()
      removeTempFolder(folder)
    })

    const join = (): Member => {
      const member = openMember(transport.host)
      opened.push(member)
      return member
    }
    /** Ada puts a project there, and Bob clones it. */
    beforeEach(async () => {
      const title = `team ${number++}`
      const place = transport.make?.(title)
      if (place === undefined) {
        origin = `${folder}/${title}.git`
        makeEmptyOrigin(origin)
        url = transport.addressOf(origin)
      } else ({ origin, url } = place)
      ada = join()
      await startProject(ada.workspace)
      await ada.workspace.executions.create({ tree: TREE, in: 'vision/train' })
      const fields = { id: RUN, in: 'vision/train', execution: EXECUTION, tags: ['first'] }
      await ada.workspace.runs.create(fields)
      await ada.workspace.remotes.add('origin', url)
    })
    afterEach(async () => {
      for (const member of opened.splice(0)) await member.close()
    })
    const share = async (): Promise<void> => {
      await ada.workspace.push()
      bob = join()
      await bob.workspace.clone(url)
    }
    const runsOf = async ({ workspace }: Member): Promise<readonly StoredObject<'run'>[]> =>
      collect(workspace.runs.list({ in: 'vision/train' }))

    it('pushes, clones and pulls, and says what is so', async () => {
      const first = await ada.workspace.push()
      expect(statuses(first)).to.deep.equal({ main: 'new', 'experiments/train': 'new' })
      expectTrue(origin, ada, first)
      expectSame(origin, [ada])
      expect(statuses(await ada.workspace.push())).to.deep.equal({
        main: 'unchanged',
        'experiments/train': 'unchanged'
      })
      bob = join()
      const cloned = await bob.workspace.clone(url)
      expect(cloned).to.include({ project: 'vision', remote: 'origin', wasHere: false })
      expect(statuses(cloned)).to.deep.equal({ main: 'new', 'experiments/train': 'new' })
      expectSame(origin, [ada, bob])
      await bob.workspace.runs.create({ in: 'vision/train', name: 'second' })
      const [{ remote, ...ahead } = { refs: [] }] = (await bob.workspace.status()).remotes
      expect(remote).to.include({ name: 'origin', prefix: '' })
      expect(ahead.refs.map(({ status }) => status)).to.deep.equal(['unchanged', 'ahead'])
      const before = lsRemote(origin)[TRAIN]
      const second = await bob.workspace.push()
      expect(statuses(second)).to.deep.equal({ main: 'unchanged', 'experiments/train': 'updated' })
      expect(second.refs[1]).to.include({ before, after: lsRemote(origin)[TRAIN] })
      expectTrue(origin, bob, second)
      const pulled = await ada.workspace.pull()
      expect(statuses(pulled)).to.deep.equal({ main: 'unchanged', 'experiments/train': 'updated' })
      expectTrue(origin, ada, pulled)
      expectSame(origin, [ada, bob])
      expect((await runsOf(ada)).map(({ fields }) => fields.name)).to.have.members([
        undefined,
        'second'
      ])
    })

    const disagree = async (scenarios: readonly Scenario[]): Promise<void> => {
      for (const { prepare } of scenarios) await prepare?.(ada.workspace)
      await share()
      for (const { change } of scenarios) {
        await change(ada.workspace, 0)
        await change(bob.workspace, 1)
      }
      await ada.workspace.push()
      const pulled = await bob.workspace.pull()
      expectTrue(origin, bob, pulled)
      await untilQuiet([bob, ada])
      expectSame(origin, [ada, bob])
      const [one, other] = [await ada.workspace.status(), await bob.workspace.status()]
      expect(one.conflicts).to.deep.equal(other.conflicts)
      for (const { check } of scenarios) {
        for (const { workspace } of [ada, bob]) await check(workspace)
      }
    }
    if (depth === 'each alone') {
      for (const scenario of SCENARIOS) it(scenario.title, () => disagree([scenario]))
    } else it('disagrees in all ways at once and ends up equal', () => disagree(SCENARIOS))

    it('deletes an experiment there, which nobody brings back by a push', async () => {
      await share()
      await ada.workspace.pull()
      const { local, remote } = await ada.workspace.delete('vision/train', { mode: 'all' })
      expect([local, remote]).to.deep.equal([
        true,
        [{ remote: 'origin', ref: TRAIN, status: 'deleted' }]
      ])
      expect(lsRemote(origin)[TRAIN]).to.equal(undefined)
      await bob.workspace.runs.create({ in: 'vision/train' })
      const pulled = await bob.workspace.pull()
      expect(statuses(pulled)).to.include({ 'experiments/train': 'deleted-there' })
      expectTrue(origin, bob, pulled)
      expect(statuses(await bob.workspace.push())).to.include({
        'experiments/train': 'deleted-there'
      })
      expect(lsRemote(origin)[TRAIN]).to.equal(undefined)
      const [remoteStatus] = (await bob.workspace.status()).remotes
      expect(remoteStatus?.refs.map(({ status }) => status)).to.include('deleted-there')
      expect(statuses(await bob.workspace.push({ recreate: true }))).to.include({
        'experiments/train': 'new'
      })
      expectSame(origin, [bob])
      expect(fsck(ada.repository)).to.equal('')
    })

    it('puts runs at the same time, and everybody has all of them', async () => {
      await share()
      const eve = join()
      await eve.workspace.clone(url)
      const members = [ada, bob, eve]
      for (const [index, { workspace }] of members.entries()) {
        for (let k = 0; k < 2; k++) {
          await workspace.runs.create({ in: 'vision/train', name: `${index}-${k}` })
        }
      }
      const reports = []
      for (const { workspace } of members) reports.push(await workspace.push())
      expect(reports.map((report) => statuses(report)['experiments/train'])).to.deep.equal([
        'updated',
        'merged',
        'merged'
      ])
      expectTrue(origin, eve, reports[2] as (typeof reports)[number])
      await untilQuiet(members)
      expectSame(origin, members)
      for (const member of members) expect(await runsOf(member)).to.have.length(7)
    })

    it('settles what is contested by an update, for everybody', async () => {
      await share()
      for (const [index, { workspace }] of [ada, bob].entries()) {
        await workspace.datasets.create({ name: 'Iris', in: 'vision', digest: `sha256:${index}` })
      }
      await ada.workspace.push()
      const pushed = await bob.workspace.push()
      expect(pushed.refs.flatMap(({ conflicts }) => conflicts ?? [])).to.deep.equal([
        { path: 'datasets/iris/dataset.yaml', fieldPath: 'digest' }
      ])
      await ada.workspace.pull()
      const { conflicts } = await ada.workspace.status()
      expect(conflicts).to.deep.equal([{ address: 'vision/datasets/iris', fieldPath: 'digest' }])
      await bob.workspace.datasets.update('vision/datasets/iris', { digest: 'sha256:1' })
      await bob.workspace.push()
      await ada.workspace.pull()
      expect((await ada.workspace.status()).conflicts).to.deep.equal([])
      const settled = await ada.workspace.datasets.get('vision/datasets/iris')
      expect(settled?.fields.digest).to.equal('sha256:1')
    })

    it('puts an object and pushes it in one, and gets what others have', async () => {
      await share()
      const fields = { in: 'vision/train', name: 'put' }
      const put = await ada.workspace.put({ kind: 'run', fields }, { remote: 'origin' })
      expect(put.pushed && statuses(put.pushed)).to.include({ 'experiments/train': 'updated' })
      expect(lsRemote(origin)).to.deep.equal(refsHere(ada))
      const got = await bob.workspace.get(put.address, { maxAgeMs: 0 })
      expect([got.sync, got.object?.id, got.commitOid]).to.deep.equal([
        'fetched',
        put.id,
        lsRemote(origin)[TRAIN]
      ])
      const record = await bob.workspace.experiments.get('vision/train')
      const [[key, entry] = []] = Object.entries(record?.fields.remotes ?? {})
      expect(key).to.not.match(/:|@|\.git$/)
      expect(entry).to.deep.equal({ url, branch: 'experiments/train' })
      expectSame(origin, [ada, bob])
    })

    it('takes snapshots, which travel as tags', async () => {
      await share()
      const { commitOid } = await ada.workspace.snapshots.create('paper')
      const pushed = await ada.workspace.push()
      expect(statuses(pushed)).to.include({ 'tags/snapshots/paper': 'new' })
      expect(lsRemote(origin)['refs/tags/snapshots/paper']).to.equal(commitOid)
      expect(statuses(await bob.workspace.pull())).to.include({ 'tags/snapshots/paper': 'new' })
      expect(await bob.workspace.snapshots.list()).to.deep.equal(
        await ada.workspace.snapshots.list()
      )
      expect(await bob.workspace.runs.get(`${IN_RUN}@paper`)).to.not.equal(undefined)
      expectSame(origin, [ada, bob])
    })
  })
}
