import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'

import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { listRefs, makeRemoteHost } from '../support/remotes.ts'
import {
  expectSame,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject
} from '../support/team.ts'

const TRAIN = 'refs/heads/experiments/train'
const TURN = 'refs/runtree/turn/heads/experiments/train/'

describe('turns of those who push to one branch', () => {
  let folder: string
  let origin: string
  let server: GitHttpServer
  let onRequest: (request: IncomingMessage) => void
  let ada: Member

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    onRequest = () => undefined
    const intercept = (request: IncomingMessage): boolean => {
      onRequest(request)
      return false
    }
    server = await serveGitHttp(folder, { intercept })
    ada = openMember(makeRemoteHost())
    await startProject(ada.workspace)
    await ada.workspace.remotes.add('origin', `${server.url}/origin.git`)
    await ada.workspace.push()
    await ada.workspace.runs.create({ in: 'vision/train', id: 'aaaaaaaaaaaa' })
  })
  afterEach(async () => {
    await server.close()
    await ada.close()
    removeTempFolder(folder)
  })

  const turns = (): readonly string[] =>
    Object.keys(listRefs(origin)).filter((ref) => ref.startsWith(TURN))
  /** Commits to the branch there what it holds. */
  const overtake = (): void => {
    const args = ['commit-tree', `${TRAIN}^{tree}`, '-p', TRAIN, '-m', 'faster']
    git(origin, ['update-ref', TRAIN, git(origin, args).trim()])
  }
  const isPush = ({ method, url = '' }: IncomingMessage): boolean =>
    method === 'POST' && url.endsWith('git-receive-pack')
  const isLook = ({ method, url = '' }: IncomingMessage): boolean =>
    method === 'GET' && url.endsWith('git-receive-pack')

  it('asks for a turn when others are faster each time, and gives it back', async () => {
    let overtaken = 0
    onRequest = (request) => {
      if (!isPush(request) || turns().length > 0) return
      overtaken += 1
      overtake()
    }
    await ada.workspace.push()
    expect(overtaken).to.be.within(4, 8)
    expect(turns()).to.deep.equal([])
    expectSame(origin, [ada])
    expect((await ada.workspace.push()).refs.map(({ status }) => status)).to.not.include('updated')
  })

  it('lets those pass who asked before, and only on their branch', async () => {
    const turn = `${TURN}000000000000001-abcdef`
    git(origin, ['update-ref', turn, TRAIN])
    const other = turn.replace('train', 'test')
    git(origin, ['update-ref', other, TRAIN])
    let looks = 0
    let pushedAfter = 0
    onRequest = (request) => {
      if (isLook(request)) looks += 1
      if (isPush(request)) pushedAfter = looks
      if (looks === 5 && turns().length > 0) git(origin, ['update-ref', '-d', turn])
    }
    await ada.workspace.push()
    expect(pushedAfter).to.be.at.least(5)
    git(origin, ['update-ref', '-d', other])
    expectSame(origin, [ada])
  })

  it('clears away the turn of one who is gone', async () => {
    git(origin, ['update-ref', `${TURN}000000000000001-abcdef`, TRAIN])
    await ada.workspace.push()
    expect(turns()).to.deep.equal([])
    expectSame(origin, [ada])
  })

  it('does without where a remote refuses them', async () => {
    git(origin, ['config', 'receive.hideRefs', 'refs/runtree/turn'])
    let overtaken = 0
    onRequest = (request) => {
      if (isPush(request) && overtaken++ < 12) overtake()
    }
    await ada.workspace.push()
    expect(turns()).to.deep.equal([])
    expectSame(origin, [ada])
  })

  it('gives its turn back when it is stopped', async () => {
    const stop = new AbortController()
    let hadTurn = false
    onRequest = (request) => {
      hadTurn ||= turns().length > 0
      if (hadTurn) stop.abort()
      else if (isPush(request)) overtake()
    }
    const failed = await ada.workspace.push({ signal: stop.signal }).catch((error) => error)
    expect(failed).to.be.instanceOf(Error)
    expect(hadTurn).to.equal(true)
    expect(turns()).to.deep.equal([])
    await ada.workspace.push()
    expectSame(origin, [ada])
  })
})
