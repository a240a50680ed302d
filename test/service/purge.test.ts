import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { expect } from 'chai'

import { experimentRef } from '../../src/format/paths.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { fsck, git, gitBytes, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import {
  expectSame,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  refsHere,
  startProject,
  statuses
} from '../support/team.ts'
import { collect, failure, RUN } from '../support/workspaces.ts'

const TRAIN = experimentRef('train')
const SECRET = 'hunter2-4f9c1e77-do-not-tell'

describe('a purge', () => {
  let folder: string
  let origin: string
  let ada: Member
  const opened: Member[] = []
  const enter = (): Member => {
    const member = openMember(makeRemoteHost())
    opened.push(member)
    return member
  }
  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    ada = enter()
    await startProject(ada.workspace)
    await addRun(ada.workspace, 'before')
  })
  afterEach(async () => {
    for (const member of opened.splice(0)) await member.close()
    removeTempFolder(folder)
  })

  /** Makes a run that bears the secret, and others after it. */
  async function leak(): Promise<string> {
    const { address } = await ada.workspace.runs.create({
      id: RUN,
      in: 'vision/train',
      notes: SECRET
    })
    await ada.workspace.runs.update(address, { tags: ['seen'] })
    await addRun(ada.workspace, 'after')
    return address
  }

  it('rewrites the history: who, when and what of all else stay', async () => {
    const address = await leak()
    const { workspace, repository } = ada
    const log = (): string[] =>
      git(repository, ['log', '--format=%an %ae %at %s', TRAIN]).trim().split('\n')
    const before = log()
    const kept = git(repository, ['rev-list', '--max-parents=0', TRAIN])
    const report = await workspace.purge(address)
    expect(report).to.include({ address, kind: 'run', ref: TRAIN, replaced: 4, removedContent: 0 })
    expect(report.heldBy).to.deep.equal([])
    const isOther = (line: string): boolean => !line.includes(RUN)
    expect(log().filter(isOther)).to.deep.equal(before.filter(isOther))
    expect(log()[0]).to.match(new RegExp(`^Ada .* purge run ${RUN}$`))
    expect(git(repository, ['rev-list', '--max-parents=0', TRAIN])).to.equal(kept)
    expect(git(repository, ['log', '--all', '-p', '-m', TRAIN])).to.not.include(SECRET)
    expect(
      (await collect(workspace.runs.list({ in: 'vision/train' }))).map(nameOf)
    ).to.have.members(['before', 'after'])
    expect((await workspace.verify()).problems).to.deep.equal([])
    expect(fsck(repository)).to.equal('')
    expect((await failure(workspace.purge(address))).code).to.equal('STORE_NOT_FOUND')
  })

  it('leaves no byte of it after the next collection of garbage', async () => {
    const address = await leak()
    expect(bytesBelow(ada.repository)).to.include(SECRET)
    await ada.workspace.purge(address)
    await ada.workspace.gc({ graceMs: 0 })
    expect(bytesBelow(ada.folder)).to.not.include(SECRET)
  })

  it('takes what was deleted already, and a file whose run stays', async () => {
    const address = await leak()
    await ada.workspace.delete(address)
    expect((await ada.workspace.purge(address)).kind).to.equal('run')
    const { address: other } = await addRun(ada.workspace, 'with file')
    const split = `${other}/splits/a`
    await ada.workspace.splits.create({ in: other, name: 'a', notes: SECRET } as never)
    await ada.workspace.purge(split)
    expect(await ada.workspace.splits.exists(split)).to.equal(false)
    expect(await ada.workspace.runs.exists(other)).to.equal(true)
    await ada.workspace.gc({ graceMs: 0 })
    expect(bytesBelow(ada.folder)).to.not.include(SECRET)
  })

  it('takes child runs with it', async () => {
    const address = await leak()
    const child = await ada.workspace.runs.create({
      in: 'vision/train',
      parent: RUN,
      name: 'child'
    })
    const report = await ada.workspace.purge(address)
    expect(report.paths).to.have.length(2)
    expect(await ada.workspace.runs.exists(child.address)).to.equal(false)
  })

  it('names main and snapshots that still hold it', async () => {
    const address = await leak()
    await ada.workspace.snapshots.create('paper')
    const { repository } = ada
    const tree = git(repository, ['rev-parse', 'refs/tags/snapshots/paper^{tree}']).trim()
    const main = git(repository, ['rev-parse', 'main']).trim()
    const merged = git(repository, ['commit-tree', '-p', main, '-m', 'publish', tree]).trim()
    git(repository, ['update-ref', 'refs/heads/main', merged])
    const { heldBy } = await ada.workspace.purge(address)
    expect(heldBy).to.deep.equal(['refs/heads/main', 'refs/tags/snapshots/paper'])
  })

  it('refuses what lies in no experiment, and what never was', async () => {
    for (const address of ['vision', 'vision/train']) {
      expect((await failure(ada.workspace.purge(address))).code).to.equal('STORE_WRONG_KIND')
    }
    const error = await failure(ada.workspace.purge(`vision/train/${RUN}`))
    expect(error.code).to.equal('STORE_NOT_FOUND')
  })

  it('of an execution that has runs is refused', async () => {
    const execution = await ada.workspace.executions.create({
      in: 'vision/train',
      tree: 'c'.repeat(40)
    })
    await ada.workspace.runs.create({ in: 'vision/train', execution: execution.id })
    expect((await failure(ada.workspace.purge(execution.address))).code).to.equal('STORE_IN_USE')
  })

  for (const way of ['folder', 'HTTP'] as const) {
    it(`goes through a remote (${way}), and no clone brings it back`, async () => {
      const server = way === 'HTTP' ? await serveGitHttp(folder) : undefined
      try {
        await ada.workspace.remotes.add('origin', server ? `${server.url}/origin.git` : origin)
        const address = await leak()
        await ada.workspace.push()
        const url = server ? `${server.url}/origin.git` : origin
        const [bob, eve] = [enter(), enter()]
        await bob.workspace.clone(url)
        await eve.workspace.clone(url)
        await addRun(ada.workspace, 'later')
        await ada.workspace.push()
        // Bob works on the old history, Eve on the purged object itself.
        await addRun(bob.workspace, 'of Bob')
        await eve.workspace.runs.update(address, { notes: `${SECRET} again` })
        const old = refsHere(ada)[TRAIN] as string
        const { pushed } = await ada.workspace.purge(address, { remote: 'origin' })
        expect(statuses(pushed as never)).to.include({ 'experiments/train': 'merged' })
        expect(lsRemote(origin)[TRAIN]).to.equal(refsHere(ada)[TRAIN])
        for (const { workspace } of [bob, eve, ada, bob, eve]) {
          await workspace.pull()
          await workspace.push()
        }
        expectSame(origin, [ada, bob, eve])
        expect(git(origin, ['rev-list', '--all'])).to.not.include(old)
        for (const { workspace } of [ada, bob, eve]) {
          const runs = await collect(workspace.runs.list({ in: 'vision/train' }))
          expect(runs.map(nameOf)).to.have.members(['before', 'after', 'later', 'of Bob'])
          expect(await workspace.runs.exists(address)).to.equal(false)
        }
        git(origin, ['gc', '--quiet', '--prune=now'])
        expect(bytesBelow(origin)).to.not.include(SECRET)
        for (const { workspace, folder: home } of [ada, bob, eve]) {
          await workspace.gc({ graceMs: 0 })
          expect(bytesBelow(home)).to.not.include(SECRET)
        }
      } finally {
        await server?.close()
      }
    })
  }

  it('is pushed over what somebody else pushed meanwhile, whose work stays', async () => {
    await ada.workspace.remotes.add('origin', origin)
    const address = await leak()
    await ada.workspace.push()
    const bob = enter()
    await bob.workspace.clone(origin)
    await addRun(bob.workspace, 'of Bob')
    await bob.workspace.push()
    await ada.workspace.purge(address, { remote: 'origin' })
    await bob.workspace.pull()
    expectSame(origin, [ada, bob])
    const runs = await collect(bob.workspace.runs.list({ in: 'vision/train' }))
    expect(runs.map(nameOf)).to.have.members(['before', 'after', 'of Bob'])
    git(origin, ['gc', '--quiet', '--prune=now'])
    expect(bytesBelow(origin)).to.not.include(SECRET)
  })
})

function addRun(workspace: Workspace, name: string): Promise<{ readonly address: string }> {
  return workspace.runs.create({ in: 'vision/train', name })
}

function nameOf({ fields }: { readonly fields: { readonly name?: string } }): string | undefined {
  return fields.name
}

/** Returns all bytes of all files below a folder, and all objects of each repository there unpacked. */
function bytesBelow(folder: string): string {
  const found: string[] = []
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) {
      if (name === 'objects' && readdirSync(path).includes('pack')) found.push(objectsOf(folder))
      found.push(bytesBelow(path))
      continue
    }
    const bytes = readFileSync(path)
    found.push(bytes.toString('latin1'))
    if (/^[0-9a-f]{38}$/.test(name)) found.push(inflateSync(bytes).toString('latin1'))
  }
  return found.join('\n')
}

function objectsOf(repository: string): string {
  const options = ['--batch', '--batch-all-objects', '--unordered']
  return gitBytes(repository, ['cat-file', ...options]).toString('latin1')
}
