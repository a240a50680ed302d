import { expect } from 'chai'

import { createNodePlatform } from '../../src/host/node/platform.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import {
  expectSame,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject
} from '../support/team.ts'
import { failure } from '../support/workspaces.ts'

describe('getting what a team has', () => {
  let folder: string
  let origin: string
  let url: string
  let server: GitHttpServer
  let ada: Member
  let bob: Member
  let nowMs: number
  const opened: Member[] = []

  const join = (options: Parameters<typeof openMember>[1] = {}): Member => {
    const platform = { ...createNodePlatform(), clock: { now: () => nowMs++ } }
    const member = openMember(makeRemoteHost(), { platform, ...options })
    opened.push(member)
    return member
  }
  const create = async ({ workspace }: Member, name: string): Promise<string> =>
    (await workspace.runs.create({ in: 'vision/train', name })).address

  beforeEach(async () => {
    nowMs = Date.now()
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    server = await serveGitHttp(folder)
    url = `${server.url}/origin.git`
    ada = join()
    await startProject(ada.workspace)
    await ada.workspace.remotes.add('origin', origin)
    await ada.workspace.push()
    bob = join()
    await bob.workspace.clone(url)
    server.requests.length = 0
  })
  afterEach(async () => {
    await server.close()
    for (const member of opened.splice(0)) await member.close()
    removeTempFolder(folder)
  })

  it('is local, fetched or merged, as it was', async () => {
    const own = await create(bob, 'of Bob')
    nowMs += 20_000
    expect((await bob.workspace.get(own)).sync).to.equal('local')
    const theirs = await create(ada, 'of Ada')
    await ada.workspace.push()
    nowMs += 20_000
    const merged = await bob.workspace.get(theirs)
    expect(merged.object?.fields).to.include({ name: 'of Ada' })
    expect(merged.sync).to.equal('merged')
    await bob.workspace.push()
    nowMs += 20_000
    expect((await ada.workspace.get(own)).sync).to.equal('fetched')
    expectSame(origin, [ada, bob])
  })

  it('asks again only when what is known is too old', async () => {
    const run = await create(ada, 'late')
    await ada.workspace.push()
    // The clone was a moment ago.
    expect(await bob.workspace.get(run)).to.deep.include({ sync: 'local', object: undefined })
    expect(server.requests).to.deep.equal([])
    expect((await bob.workspace.get(run, { maxAgeMs: 0 })).sync).to.equal('fetched')
    server.requests.length = 0
    expect((await bob.workspace.get(run)).sync).to.equal('local')
    nowMs += 9000
    await bob.workspace.get(run)
    expect(server.requests).to.deep.equal([])
    nowMs += 2000
    await bob.workspace.get(run)
    expect(server.requests.length).to.be.above(0)
  })

  it('shares one look-up among those who ask at once', async () => {
    const run = await create(ada, 'shared')
    await ada.workspace.push()
    nowMs += 20_000
    const got = await Promise.all(Array.from({ length: 6 }, () => bob.workspace.get(run)))
    expect(got.map(({ sync }) => sync)).to.deep.equal(Array(6).fill('fetched'))
    for (const { object } of got) expect(object?.fields).to.include({ name: 'shared' })
    const lists = server.requests.filter(({ line }) => line.startsWith('GET'))
    expect(lists).to.have.length(1)
  })

  it('counts a remote that cannot be reached as offline for a minute', async () => {
    const run = await create(bob, 'here')
    await server.close()
    nowMs += 20_000
    expect(await bob.workspace.get(run)).to.deep.include({ sync: 'stale' })
    expect((await bob.workspace.get(run)).object?.fields).to.include({ name: 'here' })
    expect((await bob.workspace.status()).remotes[0]?.isOffline).to.equal(true)
    server = await serveGitHttp(folder)
    await bob.workspace.remotes.remove('origin')
    await bob.workspace.remotes.add('origin', `${server.url}/origin.git`)
    expect((await bob.workspace.get(run)).sync).to.equal('local')
    expect((await bob.workspace.status()).remotes[0]?.isOffline).to.equal(false)
  })

  it('asks a remote again after that minute', async () => {
    const run = await create(bob, 'here')
    const port = Number(server.url.split(':').at(-1))
    await server.close()
    nowMs += 20_000
    expect((await bob.workspace.get(run)).sync).to.equal('stale')
    server = await serveGitHttp(folder, { port })
    nowMs += 50_000
    expect((await bob.workspace.get(run)).sync).to.equal('stale')
    expect(server.requests).to.deep.equal([])
    nowMs += 11_000
    expect((await bob.workspace.get(run)).sync).to.equal('local')
    expect(server.requests.length).to.be.above(0)
    expect((await bob.workspace.status()).remotes[0]?.isOffline).to.equal(false)
  })

  it('asks nobody offline, and refuses to push or pull', async () => {
    const run = await create(bob, 'here')
    nowMs += 20_000
    const offline = bob.reopen({ offline: true, project: 'vision', remotes: makeRemoteHost() })
    expect((await offline.workspace.get(run)).sync).to.equal('stale')
    expect((await bob.workspace.get(run, { offline: true })).sync).to.equal('stale')
    expect((await failure(offline.workspace.push())).code).to.equal('REMOTE_OFFLINE')
    expect((await failure(offline.workspace.pull())).code).to.equal('REMOTE_OFFLINE')
    expect(server.requests).to.deep.equal([])
    expect((await offline.workspace.get(run, { offline: false })).sync).to.equal('local')
    expect(server.requests.length).to.be.above(0)
    await offline.workspace.close()
  })

  it('asks nobody to list, find and show', async () => {
    await create(bob, 'here')
    nowMs += 100_000
    for await (const _ of bob.workspace.runs.list({ in: 'vision/train' }));
    await bob.workspace.experiments.get('vision/train')
    await bob.workspace.status()
    expect(server.requests).to.deep.equal([])
  })

  it('takes an address on the web, and clones its project once', async () => {
    const run = await create(ada, 'of Ada')
    await ada.workspace.push()
    const eve = join({ project: undefined })
    const address = `${url}#${run.split('/').slice(1).join('/')}`
    const first = await eve.workspace.get(address)
    expect(first).to.deep.include({ sync: 'fetched' })
    expect(first.object).to.deep.include({ project: 'vision', kind: 'run' })
    expect(await eve.store.projects()).to.deep.equal(['vision'])
    server.requests.length = 0
    expect((await eve.workspace.get(address)).object?.address).to.equal(run)
    expect(server.requests).to.deep.equal([])
    expect((await eve.workspace.clone(url)).wasHere).to.equal(true)
    expect(await eve.store.projects()).to.deep.equal(['vision'])
    expectSame(origin, [ada, eve])
  })

  it('brings back an experiment that was deleted here, which a pull of everything leaves away', async () => {
    const report = await bob.workspace.delete('vision/train')
    expect(report).to.deep.equal({ local: true, remote: [] })
    await create(ada, 'later')
    await ada.workspace.push()
    const pulled = await bob.workspace.pull()
    expect(pulled.refs.map(({ status }) => status)).to.have.members(['unchanged', 'hidden'])
    expect(await bob.workspace.experiments.exists('vision/train')).to.equal(false)
    expect((await bob.workspace.get('vision/train', { maxAgeMs: 0 })).sync).to.equal('fetched')
    expectSame(origin, [ada, bob])
    await create(ada, 'and on')
    await ada.workspace.push()
    const again = await bob.workspace.pull()
    expect(again.refs.map(({ status }) => status)).to.have.members(['unchanged', 'updated'])
  })

  it('brings datasets and the project, which lie on main', async () => {
    await ada.workspace.datasets.create({ name: 'Iris', in: 'vision' })
    await ada.workspace.push()
    const got = await bob.workspace.get('vision/datasets/iris', { maxAgeMs: 0 })
    expect(got.object?.fields).to.include({ name: 'Iris' })
    expect(got.sync).to.equal('fetched')
  })
})
