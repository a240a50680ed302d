import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { CallProgress } from '../../src/dashboard/source/source.ts'
import { createWorkspaceSource } from '../../src/dashboard/source/workspace-source.ts'
import type { WorkspaceEvents } from '../../src/service/events.ts'

import {
  fsck,
  git,
  gitEnvironment,
  makeTempFolder,
  removeTempFolder,
  tryGit
} from '../support/git.ts'
import { type GitHttpOptions, type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { skipBecause } from '../support/programs.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { SSHD, serveGitSsh } from '../support/ssh-server.ts'
import {
  expectSame,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject,
  statuses
} from '../support/team.ts'
import { collect, failure, RUN } from '../support/workspaces.ts'

const BRANCH = 'experiments/train'
const FOLDER = `experiments/train/runs/k/3/${RUN}`
const LARGE = Array.from({ length: 3000 }, (_, line) => `line ${line * line}\n`).join('')

/** Puts files onto the experiment's branch with the git program, as somebody's push would. */
function commitThere(origin: string, files: Readonly<Record<string, string>>): void {
  const lines = [`commit refs/heads/${BRANCH}`, 'committer Bob <bob@example.org> 1800000000 +0000']
  lines.push('data 1', 'x', `from refs/heads/${BRANCH}^0`)
  for (const [path, text] of Object.entries(files)) {
    lines.push(`M 100644 inline ${path}`, `data ${text.length}`, text)
  }
  git(origin, ['fast-import', '--quiet'], { input: `${lines.join('\n')}\n` })
}

/** Lists the objects that refs reach and that are not here. */
function missingIn({ repository }: Member): readonly string[] {
  const listed = git(repository, ['rev-list', '--objects', '--all', '--missing=print'])
  return listed.split('\n').filter((line) => line.startsWith('?'))
}

/** Counts the packs here that leave something out. */
function countPromisors({ repository }: Member): number {
  return readdirSync(`${repository}/objects/pack`).filter((n) => n.endsWith('.promisor')).length
}

describe('what a clone leaves at the remote', () => {
  let folder: string
  let origin: string
  let server: GitHttpServer
  /** One that pauses, by more than between two words of how far something is. */
  let slow: GitHttpServer
  let isSlow = false
  let url: string
  let ada: Member
  let cut: ((body: Buffer) => Buffer) | undefined
  let access: Pick<GitHttpOptions, 'users' | 'isPublic'>
  const opened: Member[] = []

  const join = (options: Parameters<typeof openMember>[1] = {}): Member => {
    const member = openMember(makeRemoteHost(), options)
    opened.push(member)
    return member
  }

  const methods = (): readonly (string | undefined)[] =>
    server.requests.map(({ line }) => line.split(' ')[0])

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    git(origin, ['config', 'uploadpack.allowFilter', 'true'])
    cut = undefined
    access = {}
    isSlow = false
    server = await serveGitHttp(folder, {
      get users() {
        return access.users
      },
      get isPublic() {
        return access.isPublic
      },
      rewrite: (request, body) =>
        cut !== undefined && request.method === 'POST' ? { body: cut(body) } : { body }
    })
    slow = await serveGitHttp(folder, {
      pace: () => new Promise((resolve) => setTimeout(resolve, isSlow ? 150 : 0))
    })
    url = `${server.url}/origin.git`
    ada = join()
    await startProject(ada.workspace)
    await ada.workspace.runs.create({ in: 'vision/train', id: RUN, name: 'first' })
    for (let k = 0; k < 5; k++)
      await ada.workspace.runs.create({ in: 'vision/train', params: { k } })
    await ada.workspace.remotes.add('origin', origin)
    await ada.workspace.push()
    commitThere(origin, {
      [`${FOLDER}/artifacts/model.txt`]: LARGE,
      [`${FOLDER}/artifacts/other.txt`]: `other\n${LARGE}`,
      [`${FOLDER}/log/aaaaaa-0000.txt`]: LARGE
    })
    await ada.workspace.pull()
  })
  afterEach(async () => {
    await server.close()
    await slow.close()
    for (const member of opened.splice(0)) await member.close()
    removeTempFolder(folder)
  })

  describe('content', () => {
    it('is as the git program leaves it there, and comes when it is looked at', async () => {
      const bob = join()
      const report = await bob.workspace.clone(url, { partial: true })
      expect(report.ignored).to.deep.equal([])
      expect(fsck(bob.repository)).to.equal('')
      expect(missingIn(bob)).to.have.length(2)
      for (const [name, value] of [
        ['remote.origin.promisor', 'true'],
        ['remote.origin.partialclonefilter', 'blob:limit=8k'],
        ['core.repositoryformatversion', '1']
      ] as const) {
        expect(git(bob.repository, ['config', name]).trim()).to.equal(value)
      }
      expect(countPromisors(bob)).to.equal(1)
      server.requests.length = 0
      const runs = await collect(bob.workspace.runs.list({ in: 'vision/train' }))
      expect(runs).to.have.length(6)
      expect(server.requests).to.deep.equal([])
      const { text } = await bob.workspace.runs.text(`vision/train/${RUN}`)
      expect(text).to.equal(LARGE)
      expect(methods()).to.deep.equal(['POST'])
      const artifact = `vision/train/${RUN}/artifacts/other.txt`
      const bytes = await bob.workspace.artifacts.read(artifact)
      expect(Buffer.from(bytes ?? []).toString()).to.equal(`other\n${LARGE}`)
      expect(missingIn(bob)).to.deep.equal([])
      server.requests.length = 0
      expect((await bob.workspace.runs.text(`vision/train/${RUN}`)).text).to.equal(LARGE)
      expect(server.requests).to.deep.equal([])
      expect(fsck(bob.repository)).to.equal('')
    })

    it('comes with one request, and with more where the remote does not answer as it did', async () => {
      const env = { ...gitEnvironment(), RUNTREE_USERNAME: 'ada', RUNTREE_PASSWORD: 'right' }
      const bob = openMember(makeRemoteHost({ env }))
      opened.push(bob)
      const read = async (name: string): Promise<readonly (string | undefined)[]> => {
        server.requests.length = 0
        const bytes = await bob.workspace.artifacts.read(`vision/train/${RUN}/artifacts/${name}`)
        expect(bytes?.length).to.be.at.least(LARGE.length)
        return methods()
      }
      commitThere(origin, { [`${FOLDER}/artifacts/third.txt`]: `third\n${LARGE}` })
      git(origin, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
      await bob.workspace.clone(url, { partial: true })
      expect(await read('model.txt')).to.deep.equal(['POST'])
      access = { users: { ada: { password: 'right', mayPush: false } } }
      expect(await read('other.txt')).to.deep.equal(['POST', 'GET', 'GET', 'POST'])
      expect(await read('third.txt')).to.deep.equal(['POST'])
      const sent = server.requests.map(({ authorization }) => authorization)
      expect(sent).to.deep.equal([`Basic ${btoa('ada:right')}`])
    })

    it('comes also after the signal of the clone was given', async () => {
      const bob = join()
      const stop = new AbortController()
      await bob.workspace.clone(url, { partial: true, signal: stop.signal })
      stop.abort()
      expect((await bob.workspace.runs.text(`vision/train/${RUN}`)).text).to.equal(LARGE)
    })

    it('comes to the git program too, from where our settings say', async () => {
      const bob = join()
      await bob.workspace.clone(url, { partial: 'blob:none' })
      expect(countPromisors(bob)).to.be.above(0)
      // Git runs as a process of its own: what answers it must not be this thread while it waits.
      git(bob.repository, ['config', 'remote.origin.url', origin])
      const shown = git(bob.repository, ['show', `${BRANCH}:${FOLDER}/artifacts/model.txt`])
      expect(shown).to.equal(LARGE)
      expect(fsck(bob.repository)).to.equal('')
    })

    it('that many records have comes with one request each time many are read', async () => {
      const bob = join()
      await bob.workspace.clone(url, { partial: 'blob:none' })
      server.requests.length = 0
      expect(await collect(bob.workspace.runs.list({ in: 'vision/train' }))).to.have.length(6)
      const posts = server.requests.filter(({ line }) => line.startsWith('POST'))
      expect(posts).to.have.length.below(4)
    })

    it('that is not here is a coded error while nobody can be asked', async () => {
      const bob = join()
      await bob.workspace.clone(url, { partial: true })
      const offline = bob.reopen({ offline: true, remotes: makeRemoteHost() })
      const artifact = `vision/train/${RUN}/artifacts/model.txt`
      const error = await failure(offline.workspace.artifacts.read(artifact))
      expect(error).to.have.property('code', 'STORE_LEFT_THERE')
      expect(await collect(offline.workspace.runs.list({ in: 'vision/train' }))).to.have.length(6)
      await offline.workspace.close()
    })

    it('that comes damaged or cut leaves nothing behind, and comes the next time', async () => {
      const bob = join()
      await bob.workspace.clone(url, { partial: true })
      const artifact = `vision/train/${RUN}/artifacts/model.txt`
      const before = readdirSync(`${bob.repository}/objects/pack`).sort()
      for (const damage of [
        (body: Buffer) => body.subarray(0, body.length >> 1),
        (body: Buffer) => {
          const changed = Buffer.from(body)
          const at = changed.indexOf('PACK') + 60
          changed[at] = (changed[at] as number) ^ 1
          return changed
        }
      ]) {
        cut = damage
        const error = await failure(bob.workspace.artifacts.read(artifact))
        expect(error)
          .to.have.property('code')
          .that.matches(/^REMOTE_/)
        expect(readdirSync(`${bob.repository}/objects/pack`).sort()).to.deep.equal(before)
      }
      cut = undefined
      expect(await bob.workspace.artifacts.read(artifact)).to.have.length(LARGE.length)
    })

    it('does not stand in the way of put, merge, push, verify and gc', async () => {
      for (const partial of [true, 'blob:none', 'tree:0']) {
        const bob = join()
        await bob.workspace.clone(url, { partial })
        const put = await bob.workspace.runs.create({ in: 'vision/train', name: 'of Bob' })
        await ada.workspace.runs.create({ in: 'vision/train', name: 'of Ada' })
        await ada.workspace.runs.update(`vision/train/${RUN}`, { notes: `${partial}` })
        await bob.workspace.runs.update(`vision/train/${RUN}`, { name: `${partial}` })
        await ada.workspace.push()
        expect(statuses(await bob.workspace.push())[BRANCH]).to.equal('merged')
        const { fields } = (await bob.workspace.runs.get(`vision/train/${RUN}`)) ?? {}
        expect(fields).to.include({ name: `${partial}`, notes: `${partial}` })
        await ada.workspace.pull()
        expect(await ada.workspace.runs.exists(put.address)).to.equal(true)
        expect(fsck(bob.repository)).to.equal('')
        const verified = await bob.workspace.verify()
        expect(verified.problems).to.deep.equal([])
        await bob.workspace.gc()
        expect(fsck(bob.repository)).to.equal('')
        expect((await bob.workspace.verify()).problems).to.deep.equal([])
        expect(lsRemote(bob.repository)[`refs/heads/${BRANCH}`]).to.equal(
          lsRemote(origin)[`refs/heads/${BRANCH}`]
        )
      }
      expectSame(origin, [ada])
    })

    it('is all brought, and said to be, where the remote leaves nothing out', async () => {
      git(origin, ['config', 'uploadpack.allowFilter', 'false'])
      const bob = join()
      const report = await bob.workspace.clone(url, { partial: true })
      expect(report.ignored).to.deep.equal(['partial'])
      expect(missingIn(bob)).to.deep.equal([])
      expect(countPromisors(bob)).to.equal(0)
      expectSame(origin, [ada, bob])
      const carol = join()
      const fromFolder = await carol.workspace.clone(origin, { partial: true, depth: 1 })
      expect(fromFolder.ignored).to.deep.equal(['depth', 'partial'])
      expectSame(origin, [carol])
    })
  })

  describe('history', () => {
    const isShallow = ({ repository }: Member): boolean => existsSync(`${repository}/shallow`)

    it('ends where git says, and what is put goes on from there', async () => {
      const bob = join()
      const report = await bob.workspace.clone(url, { depth: 1 })
      expect(report.ignored).to.deep.equal([])
      expect(git(bob.repository, ['rev-parse', '--is-shallow-repository']).trim()).to.equal('true')
      expect(git(bob.repository, ['rev-list', '--count', BRANCH]).trim()).to.equal('1')
      expect(fsck(bob.repository)).to.equal('')
      await bob.workspace.runs.create({ in: 'vision/train', name: 'of Bob' })
      expect(statuses(await bob.workspace.push())[BRANCH]).to.equal('updated')
      await ada.workspace.pull()
      await ada.workspace.runs.create({ in: 'vision/train', name: 'of Ada' })
      await ada.workspace.push()
      await bob.workspace.runs.create({ in: 'vision/train', name: 'again' })
      expect(statuses(await bob.workspace.push())[BRANCH]).to.equal('merged')
      expect(isShallow(bob)).to.equal(true)
      expect(fsck(bob.repository)).to.equal('')
      await ada.workspace.pull()
      expectSame(origin, [ada])
      await bob.workspace.gc()
      expect((await bob.workspace.verify()).problems).to.deep.equal([])
      expect(fsck(bob.repository)).to.equal('')
    })

    it('comes when it is asked for, all of it', async () => {
      const bob = join()
      await bob.workspace.clone(url, { depth: 2 })
      const offline = bob.reopen({ offline: true, remotes: makeRemoteHost() })
      const error = await failure(collect(offline.workspace.runs.history(`vision/train/${RUN}`)))
      expect(error).to.have.property('code', 'STORE_LEFT_THERE')
      await offline.workspace.close()
      const history = await collect(bob.workspace.runs.history(`vision/train/${RUN}`))
      const expected = await collect(ada.workspace.runs.history(`vision/train/${RUN}`))
      expect(history).to.deep.equal(expected)
      expect(isShallow(bob)).to.equal(false)
      expectSame(origin, [ada, bob])
    })

    it('comes once for all who ask at a time, and tells how much has come', async () => {
      const bob = join()
      await bob.workspace.clone(url, { depth: 2 })
      server.requests.length = 0
      const told: WorkspaceEvents['fetch'][] = []
      bob.workspace.events.on('fetch', (event) => told.push(event))
      const list = (): Promise<readonly object[]> =>
        collect(bob.workspace.experiments.history('vision/train'))
      const [one, other] = await Promise.all([list(), list()])
      expect(one).to.have.length.above(6)
      expect(other).to.deep.equal(one)
      expect(methods().filter((method) => method === 'GET')).to.have.length(1)
      const last = told.at(-1)
      expect(last).to.include({ project: 'vision' })
      expect(last?.objects).to.equal(last?.total).and.to.be.above(6)
      expect(last?.receivedBytes).to.be.above(1000)
    })

    it('comes for who still asks when who began to ask has stopped', async () => {
      const bob = join()
      await bob.workspace.clone(`${slow.url}/origin.git`, { depth: 2 })
      isSlow = true
      const stop = new AbortController()
      const { signal } = stop
      const stopped = failure(
        collect(bob.workspace.experiments.history('vision/train', { signal }))
      )
      const other = collect(bob.workspace.experiments.history('vision/train'))
      setTimeout(() => stop.abort(new TypeError('stopped')), 50)
      expect((await stopped).message).to.equal('stopped')
      expect(await other).to.have.length.above(6)
    })

    it('is told of to a page while it comes', async () => {
      const bob = join()
      await bob.workspace.clone(`${slow.url}/origin.git`, { depth: 2 })
      isSlow = true
      const source = createWorkspaceSource(bob.workspace, { version: '0' })
      const told: CallProgress[] = []
      const onProgress = (progress: CallProgress): void => void told.push(progress)
      const { entries } = await source.history({ address: 'vision/train' }, { onProgress })
      expect(entries).to.have.length.above(6)
      expect(told[0]).to.include({ text: 'receiving objects' })
      expect(told[0]?.bytes).to.be.above(0)
    })

    it('is brought before it is judged which of two heads contains the other', async () => {
      // Ada's copy stays behind; the remote goes on, and only then is cloned, at depth 1.
      const base = lsRemote(origin)[`refs/heads/${BRANCH}`] as string
      await ada.workspace.runs.create({ in: 'vision/train', name: 'of Ada' })
      for (let k = 0; k < 3; k++)
        commitThere(origin, { [`${FOLDER}/log/bbbbbb-000${k}.txt`]: 'x\n' })
      const bob = join()
      await bob.workspace.clone(url, { depth: 1 })
      const ours = git(ada.repository, ['rev-parse', BRANCH]).trim()
      // Somebody gave the branch there a head that parted before the edge of what Bob has.
      git(origin, ['fetch', '--quiet', ada.repository, `+${BRANCH}:refs/heads/aside`])
      git(origin, ['update-ref', `refs/heads/${BRANCH}`, ours])
      git(origin, ['update-ref', '-d', 'refs/heads/aside'])
      expect(base).to.not.equal(ours)
      const report = await bob.workspace.pull()
      expect(statuses(report)[BRANCH]).to.equal('rewound')
      expect(fsck(bob.repository)).to.equal('')
    })

    it('is all pushed to a remote that has none of it', async () => {
      const bob = join()
      await bob.workspace.clone(url, { depth: 1, partial: true })
      makeEmptyOrigin(`${folder}/other.git`)
      await bob.workspace.remotes.add('other', `${folder}/other.git`)
      await bob.workspace.push({ remote: 'other' })
      expect(git(`${folder}/other.git`, ['fsck', '--strict', '--full'])).to.equal('')
      const count = ['rev-list', '--count', BRANCH]
      expect(Number(git(`${folder}/other.git`, count))).to.be.at.least(Number(git(origin, count)))
    })

    it('that comes cut moves neither a ref nor the edge', async () => {
      const bob = join()
      await bob.workspace.clone(url, { depth: 1 })
      const edge = readFileSync(`${bob.repository}/shallow`, 'utf8')
      cut = (body) => body.subarray(0, body.length - 30)
      const error = await failure(collect(bob.workspace.runs.history(`vision/train/${RUN}`)))
      expect(error)
        .to.have.property('code')
        .that.matches(/^REMOTE_/)
      expect(readFileSync(`${bob.repository}/shallow`, 'utf8')).to.equal(edge)
      expect(fsck(bob.repository)).to.equal('')
    })
  })

  it('lets a workspace that has nothing put a run with little that travels', async () => {
    for (let k = 0; k < 60; k++)
      commitThere(origin, { [`${FOLDER}/log/cccccc-${k}.txt`]: `${k}\n` })
    const bob = join()
    const report = await bob.workspace.clone(url, {
      experiments: ['train'],
      depth: 1,
      partial: 'tree:5'
    })
    const put = await bob.workspace.runs.create({ in: 'vision/train', name: 'of Bob' })
    await bob.workspace.push()
    expect(report.receivedBytes).to.be.below(4000)
    expect(missingIn(bob)).to.not.deep.equal([])
    await ada.workspace.pull()
    expect((await ada.workspace.runs.get(put.address))?.fields.name).to.equal('of Bob')
    expect(fsck(bob.repository)).to.equal('')
    expectSame(origin, [ada])
  })

  it('gets one experiment alone where only that is asked for', async () => {
    await ada.workspace.experiments.create({ name: 'Other', in: 'vision' })
    await ada.workspace.push()
    const bob = join({ project: undefined })
    const { object } = await bob.workspace.get(`${url}#train`)
    expect(object?.address).to.equal('vision/train')
    const slugs = (await collect(bob.workspace.experiments.list({ in: 'vision' }))).map((e) => e.id)
    expect(slugs).to.deep.equal(['train'])
    expect((await bob.workspace.get(`${url}#other`)).object?.address).to.equal('vision/other')
  })

  it('travels through ssh alike', async function () {
    if (!existsSync(SSHD)) return skipBecause(this, 'there is no sshd')
    mkdirSync(`${folder}/ssh`)
    const sshd = await serveGitSsh(`${folder}/ssh`)
    try {
      for (const may of [true, false]) {
        // Without the version of the protocol, which this server does not take over, by a setting.
        git(origin, ['config', 'uploadpack.allowAnySHA1InWant', `${may}`])
        const bob = openMember(makeRemoteHost({ sshCommand: sshd.command('user') }))
        opened.push(bob)
        const through = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${origin}`
        const report = await bob.workspace.clone(through, { depth: 1, partial: true })
        expect(report.ignored).to.deep.equal(may ? [] : ['partial'])
        expect(missingIn(bob)).to.have.length(may ? 2 : 0)
        expect((await bob.workspace.runs.text(`vision/train/${RUN}`)).text).to.equal(LARGE)
        await collect(bob.workspace.runs.history(`vision/train/${RUN}`))
        expect(
          tryGit(bob.repository, ['rev-parse', '--is-shallow-repository']).stdout.trim()
        ).to.equal('false')
        expect(fsck(bob.repository)).to.equal('')
      }
    } finally {
      await sshd.close()
    }
  })
})
