import { expect } from 'chai'

import type { RemoteHost } from '../../src/remote/open-remote.ts'
import type { StoredObject } from '../../src/service/objects.ts'
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

/** Tests what a team does with a project, with the git program as judge after each step. */
export function testTeam(
  name: string,
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

    it('edits one run, and both edits live', async () => {
      await share()
      await ada.workspace.runs.update(IN_RUN, { notes: 'of Ada', tags: ['first', 'ada'] })
      await bob.workspace.runs.update(IN_RUN, { name: 'of Bob', tags: ['bob'] })
      await ada.workspace.push()
      const pulled = await bob.workspace.pull()
      expect(statuses(pulled)).to.deep.equal({ main: 'unchanged', 'experiments/train': 'merged' })
      expect(pulled.refs.find(({ ref }) => ref === TRAIN)?.after).to.equal(refsHere(bob)[TRAIN])
      await untilQuiet([ada, bob])
      expectSame(origin, [ada, bob])
      for (const { workspace } of [ada, bob]) {
        const run = await workspace.runs.get(IN_RUN)
        expect(run?.fields).to.include({ notes: 'of Ada', name: 'of Bob' })
        expect(run?.fields.tags).to.have.members(['ada', 'bob'])
      }
    })

    it('deletes and edits one run, and it lives; deletes one that nobody touched, and it goes', async () => {
      const { id } = await ada.workspace.runs.create({ in: 'vision/train', name: 'untouched' })
      await share()
      await ada.workspace.runs.delete(IN_RUN)
      await ada.workspace.runs.delete(`vision/train/${id}`)
      await bob.workspace.runs.update(IN_RUN, { notes: 'still needed' })
      await ada.workspace.push()
      await untilQuiet([bob, ada])
      expectSame(origin, [ada, bob])
      for (const member of [ada, bob]) {
        const runs = await runsOf(member)
        expect(runs.map(({ fields }) => fields.notes)).to.deep.equal(['still needed'])
      }
    })

    it('creates one experiment twice and records one code version twice', async () => {
      await share()
      const tree = 'a'.repeat(40)
      for (const [index, { workspace }] of [ada, bob].entries()) {
        await workspace.experiments.create({ name: 'Same', in: 'vision', notes: `n${index}` })
        const commits = [`${index}`.repeat(40)]
        await workspace.executions.create({ tree, commits, in: 'vision/same' })
        await workspace.runs.create({ in: 'vision/same', execution: tree.slice(0, 12) })
      }
      await untilQuiet([ada, bob])
      expectSame(origin, [ada, bob])
      for (const { workspace } of [ada, bob]) {
        expect(await collect(workspace.runs.list({ in: 'vision/same' }))).to.have.length(2)
        const executions = await collect(workspace.executions.list({ in: 'vision/same' }))
        expect(executions.map(({ fields }) => fields.commits)).to.deep.equal([
          ['0'.repeat(40), '1'.repeat(40)]
        ])
      }
    })

    it('contests what nobody may decide, and an update settles it for everybody', async () => {
      await share()
      const id = 'c0ntested000'
      for (const [index, { workspace }] of [ada, bob].entries()) {
        const status = index === 0 ? 'failed' : 'finished'
        await workspace.datasets.create({ name: 'Iris', in: 'vision', digest: `sha256:${index}` })
        await workspace.runs.create({ in: 'vision/train', id, key: `key ${status}` })
      }
      await ada.workspace.push()
      await bob.workspace.push()
      await untilQuiet([ada, bob])
      expectSame(origin, [ada, bob])
      const { conflicts } = await ada.workspace.status()
      expect(conflicts.map(({ address, fieldPath }) => `${address} ${fieldPath}`)).to.deep.equal([
        'vision/datasets/iris digest',
        `vision/train/${id} key`
      ])
      expect((await bob.workspace.status()).conflicts).to.deep.equal(conflicts)
      await bob.workspace.datasets.update('vision/datasets/iris', { digest: 'sha256:1' })
      await untilQuiet([bob, ada])
      expectSame(origin, [ada, bob])
      const left = (await ada.workspace.status()).conflicts
      expect(left.map(({ address }) => address)).to.deep.equal([`vision/train/${id}`])
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
  })
}
