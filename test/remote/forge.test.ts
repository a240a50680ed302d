import { expect } from 'chai'
import { EMPTY_TREE, type GitObject } from '../../src/git/objects.ts'
import type { ForgeAddress } from '../../src/remote/forge/forge.ts'
import type { RemoteHost } from '../../src/remote/open-remote.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { makeStudy, type Study } from '../dashboard/study.ts'
import { type ForgeServer, RESET_SECONDS } from '../support/forge-server.ts'
import { fsck, git, gitBytes, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHubOptions, serveGitHub } from '../support/github-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { COMMITTER, failure } from '../support/workspaces.ts'

const URL_OF_LAB = 'https://github.example/ada/lab'

describe('a repository behind the API of a forge', function () {
  this.timeout(120_000)
  let study: Study
  let origin: string
  const opened: { close(): Promise<void> }[] = []

  before(async () => {
    study = await makeStudy()
    origin = `${study.folder}/origin.git`
    git(study.folder, ['init', '--quiet', '--bare', '--initial-branch=main', origin])
    await study.workspace.remotes.add('origin', origin, { in: 'lab' })
    await study.workspace.push({ in: 'lab' })
  })
  after(() => study.close())
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close()
  })

  /** Serves the repository; ends with the test. */
  const serve = async (options: GitHubOptions = {}, folder = origin): Promise<ForgeServer> => {
    const server = await serveGitHub(folder, options)
    opened.push(server)
    return server
  }

  /** Opens an empty workspace that reads the repository through an API. */
  const open = (
    server: ForgeServer,
    kind: ForgeAddress['kind'] = 'github'
  ): { readonly workspace: Workspace; readonly store: WorkspaceStore; readonly folder: string } => {
    const folder = makeTempFolder()
    const { files, platform, ...rest } = makeRemoteHost()
    const remotes: RemoteHost = {
      ...rest,
      files,
      platform,
      forgeOf: () => ({ kind, api: server.url })
    }
    const store = new WorkspaceStore(
      { files, platform, committer: async () => COMMITTER, remotes },
      `${folder}/home`
    )
    const workspace = createWorkspace(store, { project: 'lab' })
    opened.push({
      async close() {
        await workspace.close()
        removeTempFolder(folder)
      }
    })
    return { workspace, store, folder: `${folder}/home/lab.git` }
  }

  const clone = (workspace: Workspace, credential?: { token: string }) =>
    workspace.clone(URL_OF_LAB, {
      depth: 1,
      partial: true,
      retries: 0,
      ...(credential === undefined ? {} : { credential })
    })

  const linesOf = ({ requests }: ForgeServer): string[] => requests.map(({ line }) => line)

  it('is cloned, and each of its objects is the one of the repository', async () => {
    const server = await serve()
    const { workspace, store, folder } = open(server)
    await clone(workspace)
    const names: string[] = []
    for await (const run of workspace.runs.list({ in: 'lab/train' })) names.push(run.id)
    expect(names).to.have.lengthOf(3)
    const project = await store.project('lab')
    const listed = git(origin, ['rev-list', '--all', '--objects', '--no-object-names']).trim()
    const kinds = new Set<string>()
    for (const oid of listed.split('\n').filter((name) => name !== EMPTY_TREE)) {
      const object = (await project?.repository.objects.read(oid)) as GitObject
      kinds.add(object.type)
      const bytes = gitBytes(origin, ['cat-file', object.type, oid])
      expect(Buffer.from(object.bytes).equals(bytes), oid).to.equal(true)
    }
    expect([...kinds].sort()).to.deep.equal(['blob', 'commit', 'tree'])
    expect(fsck(folder)).to.equal('')
    expect(linesOf(server).every((line) => line.startsWith('GET /api/repos/ada/lab/'))).to.equal(
      true
    )
  })

  it('asks for nothing twice: the second visit costs the list of branches', async () => {
    const server = await serve()
    const { workspace } = open(server)
    await clone(workspace)
    for await (const _ of workspace.runs.list({ in: 'lab/train' }));
    expect(new Set(linesOf(server)).size).to.equal(server.requests.length)
    server.requests.length = 0
    await workspace.pull({ in: 'lab' })
    for await (const _ of workspace.runs.list({ in: 'lab/train' }));
    expect(linesOf(server)).to.have.members([
      'GET /api/repos/ada/lab/git/matching-refs/heads/?per_page=100',
      'GET /api/repos/ada/lab/git/matching-refs/runtree/?per_page=100'
    ])
  })

  it('tells what limits there are and when they end', async () => {
    const server = await serve({ limit: 6 })
    const { workspace } = open(server)
    const error = await failure(clone(workspace))
    expect(error).to.include({ code: 'REMOTE_RATE_LIMIT' })
    expect(error.data).to.include({ hasToken: false, untilMs: RESET_SECONDS * 1000 })
  })
})
