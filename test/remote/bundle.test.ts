import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import { type FetchOutcome, fetchRefs } from '../../src/remote/fetch.ts'
import { openRemote } from '../../src/remote/open-remote.ts'
import { type PushOutcome, type PushUpdate, pushRefs } from '../../src/remote/push.ts'
import { readRemoteInfo } from '../../src/remote/remote-info.ts'
import { fsck, git, gitBytes, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  addCommits,
  codeOf,
  contextOf,
  listRefs,
  makeOrigin,
  makeRemoteHost
} from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const MAIN = 'refs/heads/main'

describe('bundles', () => {
  let folder: string
  let origin: string
  let bundle: string
  let history: Oid[]
  let local: TestRepository

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    bundle = `${folder}/results.bundle`
    history = makeOrigin(origin, 6)
    local = await makeRepository()
  })
  afterEach(async () => {
    await local.close()
    removeTempFolder(folder)
  })

  const fetchFrom = async (path = bundle, into = local): Promise<FetchOutcome> => {
    const remote = await openRemote(makeRemoteHost(), into.repository.objects, path)
    return fetchRefs(contextOf(into), remote, { map: (ref) => ref })
  }
  const push = async (...updates: PushUpdate[]): Promise<PushOutcome> => {
    const remote = await openRemote(makeRemoteHost(), local.repository.objects, bundle)
    return pushRefs(contextOf(local), remote, updates)
  }

  for (const version of [2, 3]) {
    it(`of git’s, version ${version}, are fetched from`, async () => {
      git(origin, ['tag', '-a', '-m', 'x', 'v1'])
      git(origin, ['bundle', 'create', '-q', `--version=${version}`, bundle, '--all'])
      const outcome = await fetchFrom()
      expect(listRefs(local.path)).to.deep.equal(listRefs(origin))
      expect(outcome.updated).to.have.length(2)
      expect(fsck(local.path)).to.equal('')
      expect((await fetchFrom()).receivedBytes).to.equal(0)
    })
  }

  it('that build on others are fetched from once those are here', async () => {
    git(origin, ['bundle', 'create', '-q', bundle, MAIN])
    addCommits(origin, MAIN, 2)
    const next = `${folder}/next.bundle`
    git(origin, ['bundle', 'create', '-q', next, `${history.at(-1)}..main`])
    expect(await codeOf(fetchFrom(next))).to.equal('REMOTE_BUNDLE_NEEDS')
    expect(listRefs(local.path)).to.deep.equal({})
    await fetchFrom()
    await fetchFrom(next)
    expect(listRefs(local.path)).to.deep.equal(listRefs(origin))
    expect(fsck(local.path)).to.equal('')
  })

  it('are written whole, and git verifies and clones them', async () => {
    await fetchFrom(origin)
    const head = history.at(-1) as Oid
    const made = await push(
      { ref: MAIN, expected: null, value: head },
      { ref: 'refs/tags/x', expected: null, value: history[2] as Oid }
    )
    expect([...made.refs.values()]).to.deep.equal([{ status: 'ok' }, { status: 'ok' }])
    expect(git(local.path, ['bundle', 'verify', bundle])).to.match(/complete history/)
    git(folder, ['clone', '-q', bundle, 'clone'])
    expect(fsck(`${folder}/clone`)).to.equal('')
    expect(git(`${folder}/clone`, ['rev-parse', 'HEAD']).trim()).to.equal(head)
    const other = await makeRepository()
    await fetchFrom(bundle, other)
    expect(listRefs(other.path)).to.deep.equal({ [MAIN]: head, 'refs/tags/x': history[2] })
    expect(fsck(other.path)).to.equal('')
    await other.close()
    const changed = await push(
      { ref: MAIN, expected: head, value: history[3] as Oid },
      { ref: 'refs/tags/x', expected: history[2] as Oid, value: null }
    )
    expect([...changed.refs.values()]).to.deep.equal([{ status: 'ok' }, { status: 'ok' }])
    expect(git(local.path, ['bundle', 'list-heads', bundle]).trim().split('\n')).to.deep.equal([
      `${history[3]} ${MAIN}`,
      `${history[3]} HEAD`
    ])
    expect(readdirSync(folder).sort()).to.deep.equal(['clone', 'origin.git', 'results.bundle'])
  })

  it('are left alone where a ref holds something else, or another program writes them', async () => {
    await fetchFrom(origin)
    git(origin, ['bundle', 'create', '-q', bundle, MAIN])
    const before = readFileSync(bundle)
    const stale = await push({ ref: MAIN, expected: history[0] as Oid, value: history[1] as Oid })
    expect(stale.refs.get(MAIN)).to.deep.equal({ status: 'stale', found: history.at(-1) })
    writeFileSync(`${bundle}.lock`, '')
    const update = { ref: MAIN, expected: history.at(-1) as Oid, value: history[1] as Oid }
    expect((await push(update)).refs.get(MAIN)?.status).to.equal('rejected')
    expect(readFileSync(bundle)).to.deep.equal(before)
  })

  it('with commits that are not here are not written over', async () => {
    git(origin, ['bundle', 'create', '-q', bundle, MAIN])
    addCommits(local.path, 'refs/heads/other', 1)
    const value = listRefs(local.path)['refs/heads/other'] as Oid
    const outcome = await push({ ref: 'refs/heads/other', expected: null, value })
    expect(outcome.refs.get('refs/heads/other')).to.deep.equal({
      status: 'rejected',
      reason: 'it has commits that are not here; fetch them first'
    })
  })

  it('that are damaged, cut, or none are refused, and nothing of them stays', async () => {
    git(origin, ['bundle', 'create', '-q', bundle, MAIN])
    const whole = readFileSync(bundle)
    const changed = Buffer.from(whole)
    changed[whole.length - 100] = (changed[whole.length - 100] as number) ^ 1
    const start = whole.indexOf('PACK')
    const header = whole.subarray(0, start).toString()
    for (const [bytes, code] of [
      [changed, 'REMOTE_PACK_DAMAGED'],
      [whole.subarray(0, whole.length - 1), 'REMOTE_PACK_DAMAGED'],
      [whole.subarray(0, start + 20), 'REMOTE_PACK_DAMAGED'],
      [whole.subarray(0, start), 'REMOTE_PACK_DAMAGED'],
      [whole.subarray(0, start - 2), 'REMOTE_BUNDLE'],
      [Buffer.from(header.replace('v2', 'v9')), 'REMOTE_BUNDLE'],
      [
        Buffer.from(header.replace('v2', 'v3').replace('\n', '\n@filter=x\n')),
        'REMOTE_UNSUPPORTED'
      ],
      [
        Buffer.from(header.replace('v2', 'v3').replace('\n', '\n@object-format=sha256\n')),
        'REMOTE_UNSUPPORTED'
      ]
    ] as const) {
      writeFileSync(bundle, bytes)
      expect(await codeOf(fetchFrom())).to.equal(code)
      expect(listRefs(local.path)).to.deep.equal({})
      expect(readdirSync(`${local.path}/objects/pack`)).to.deep.equal([])
    }
    writeFileSync(`${folder}/text`, 'hello')
    expect(await codeOf(fetchFrom(`${folder}/text`))).to.equal('REMOTE_NOT_FOUND')
    expect(await codeOf(fetchFrom(`${folder}/none.bundle`))).to.equal('REMOTE_NOT_FOUND')
  })

  it('lack what they promise and are refused', async () => {
    git(origin, ['bundle', 'create', '-q', bundle, MAIN])
    const whole = readFileSync(bundle)
    const start = whole.indexOf('PACK')
    const pack = packOf(origin, history[2] as Oid)
    writeFileSync(bundle, Buffer.concat([whole.subarray(0, start), pack]))
    expect(await codeOf(fetchFrom())).to.equal('REMOTE_PACK_INCOMPLETE')
    expect(readdirSync(`${local.path}/objects/pack`)).to.deep.equal([])
  })

  it('tell what they are', async () => {
    git(origin, ['bundle', 'create', '-q', bundle, 'HEAD', MAIN])
    const remote = await openRemote(makeRemoteHost(), local.repository.objects, bundle)
    const info = await readRemoteInfo(remote, local.platform)
    expect([info.kind, info.mayRead, info.mayPush, info.defaultBranch]).to.deep.equal([
      'bundle',
      true,
      true,
      'main'
    ])
  })
})

/** Returns a pack of what a commit reaches. */
function packOf(path: string, oid: Oid): Buffer {
  return gitBytes(path, ['pack-objects', '--revs', '-q', '--stdout'], { input: `${oid}\n` })
}
