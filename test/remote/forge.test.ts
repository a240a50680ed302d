import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { EMPTY_TREE, type GitObject } from '../../src/git/objects.ts'
import type { ForgeAddress } from '../../src/remote/forge/forge.ts'
import type { RemoteHost } from '../../src/remote/open-remote.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { HistoryEntry } from '../../src/service/service.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { LAB, makeStudy, type Study } from '../dashboard/study.ts'
import { type ForgeServer, RESET_SECONDS } from '../support/forge-server.ts'
import { fsck, git, gitBytes, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHubOptions, serveGitHub } from '../support/github-server.ts'
import { serveGitLab } from '../support/gitlab-server.ts'
import { listRefs, makeRemoteHost } from '../support/remotes.ts'
import { COMMITTER, failure } from '../support/workspaces.ts'

const URL_OF_LAB = 'https://github.example/ada/lab'

async function entriesOf(entries: AsyncIterable<HistoryEntry>): Promise<readonly HistoryEntry[]> {
  const found: HistoryEntry[] = []
  for await (const entry of entries) found.push(entry)
  return found
}

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
  const open = (server: ForgeServer, kind: ForgeAddress['kind'] = 'github') => {
    const folder = makeTempFolder()
    const clock = { skewMs: 0, now: () => Date.now() + clock.skewMs }
    const { files, platform: real, ...rest } = makeRemoteHost()
    const platform = { ...real, clock }
    const forgeOf = (): ForgeAddress => ({ kind, api: server.url })
    const remotes: RemoteHost = { ...rest, files, platform, forgeOf }
    const host = { files, platform, committer: async () => COMMITTER, remotes }
    const store = new WorkspaceStore(host, `${folder}/home`)
    const workspace = createWorkspace(store, { project: 'lab' })
    opened.push({
      async close() {
        await workspace.close()
        removeTempFolder(folder)
      }
    })
    return { workspace, store, clock, folder: `${folder}/home/lab.git` }
  }

  const clone = (workspace: Workspace, credential?: { token: string }) =>
    workspace.clone(URL_OF_LAB, {
      depth: 1,
      partial: true,
      retries: 0,
      ...(credential === undefined ? {} : { credential })
    })

  const idsOf = async (workspace: Workspace): Promise<string[]> => {
    const ids: string[] = []
    for await (const { id } of workspace.runs.list({ in: 'lab/train' })) ids.push(id)
    return ids
  }

  const linesOf = ({ requests }: ForgeServer): string[] => requests.map(({ line }) => line)

  it('is cloned, and each of its objects is the one of the repository', async () => {
    const server = await serve()
    const { workspace, store, folder } = open(server)
    await clone(workspace)
    expect(await idsOf(workspace)).to.have.lengthOf(3)
    const project = await store.project('lab')
    const listed = git(origin, ['rev-list', '--all', '--objects', '--no-object-names']).trim()
    const kinds = new Set<string>()
    const wanted = listed.split('\n').filter((name) => name !== EMPTY_TREE)
    const read = new Set<string>()
    for await (const { oid, type, bytes } of project?.repository.objects.readMany(wanted) ?? []) {
      kinds.add(type)
      read.add(oid)
      const stored = gitBytes(origin, ['cat-file', type, oid])
      expect(Buffer.from(bytes).equals(stored), oid).to.equal(true)
    }
    expect(read.size).to.equal(wanted.length)
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

  it('brings a table with one request for each branch, from summaries, and removes them with what was purged', async () => {
    const { workspace: own } = study
    const other = `${study.folder}/summed.git`
    git(study.folder, ['init', '--quiet', '--bare', '--initial-branch=main', other])
    await own.remotes.add('summed', other, { in: 'lab' })
    const push = (summary: boolean) => own.push({ in: 'lab', remote: 'summed', summary })
    const summaries = (): string[] =>
      Object.keys(listRefs(other)).filter((ref) => ref.startsWith('refs/runtree/summary/'))
    // Another experiment on the same machine: its environment lies in both summaries.
    const run = await study.tracking.startRun({ ...LAB, experiment: 'other' })
    await run.finish()
    await push(true)
    const first = summaries()
    expect(first).to.have.lengthOf(3)
    await push(true)
    expect(summaries()).to.deep.equal(first)
    const server = await serve({}, other)
    const { workspace, folder } = open(server)
    await clone(workspace)
    expect(await idsOf(workspace)).to.have.lengthOf(3)
    expect(server.requests.length).to.equal(5)
    expect([fsck(other), fsck(folder)]).to.deep.equal(['', ''])
    // Of a pack in which an object lies twice git would complain.
    for (const name of readdirSync(`${folder}/objects/pack`)) {
      if (name.endsWith('.idx')) git(folder, ['verify-pack', `objects/pack/${name}`])
    }
    // What came after the summary is asked for by itself, by those who come then and by those who were there.
    const { id } = await own.runs.create({ in: 'lab/train', name: 'later' })
    await push(false)
    expect(summaries()).to.deep.equal(first)
    const newcomer = open(server)
    await clone(newcomer.workspace)
    await workspace.pull({ in: 'lab' })
    for (const each of [workspace, newcomer.workspace]) {
      expect(await idsOf(each))
        .to.include(id)
        .and.to.have.lengthOf(4)
    }
    expect([fsck(folder), fsck(newcomer.folder)]).to.deep.equal(['', ''])
    await own.purge(`lab/train/${id}`)
    const record = await own.runs.create({ in: 'lab/train', name: 'last' })
    await push(true)
    expect(summaries()).to.have.lengthOf(3)
    const newest = summaries()
    await own.purge(record.address)
    await push(false)
    expect(summaries()).to.deep.equal(newest.filter((ref) => !ref.includes('/train/')))
  })

  it('makes commits anew whatever their zones, messages and signatures', async () => {
    const folder = `${study.folder}/odd.git`
    git(study.folder, ['clone', '--quiet', '--bare', origin, folder])
    const tree = git(folder, ['rev-parse', 'main^{tree}']).trim()
    const parent = git(folder, ['rev-parse', 'main']).trim()
    const signature =
      'gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n'
    const texts = [
      'author A B <a@b> 1700000000 +0545\ncommitter C <c@d> 1700000001 -0330\n\nsubject\n\nbody\n',
      'author A <a@b> 1700000000 +0100\ncommitter A <a@b> 1700000000 +0100\n\nno line break',
      `author A <a@b> 1700000000 +0200\ncommitter A <a@b> 1700000000 +0200\n${signature}\nsigned\n`,
      `author A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n${signature} \n\nby GitHub\n`
    ]
    for (const text of texts) {
      const input = `tree ${tree}\nparent ${parent}\n${text}`
      const oid = git(folder, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input }).trim()
      git(folder, ['update-ref', 'refs/heads/main', oid])
      const { workspace, store } = open(await serve({}, folder))
      await clone(workspace)
      const read = await (await store.project('lab'))?.repository.objects.read(oid)
      expect(Buffer.from(read?.bytes ?? []).toString()).to.equal(input)
    }
    const input = `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nencoding x\n\nx\n`
    const oid = git(folder, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input }).trim()
    git(folder, ['update-ref', 'refs/heads/main', oid])
    const error = await failure(clone(open(await serve({}, folder)).workspace))
    expect(error.code).to.equal('REMOTE_PACK_DAMAGED')
    expect(error.message).to.contain(oid)
  })

  it('lists folder by folder what is too much for one listing', async () => {
    const { workspace } = open(await serve({ mostEntries: 20 }))
    await clone(workspace)
    expect(await idsOf(workspace)).to.have.lengthOf(3)
  })

  for (const [what, part, text, code] of [
    ['a file', '/git/blobs/', 'name', 'REMOTE_PACK_DAMAGED'],
    ['a listing', '/git/trees/', '"100644"', 'REMOTE_PACK_DAMAGED'],
    ['a commit', '/commits?', '@', 'REMOTE_PACK_DAMAGED'],
    ['a list of branches', '/git/matching-refs/heads', '"object"', 'REMOTE_PROTOCOL']
  ] as const) {
    it(`refuses ${what} that came damaged`, async () => {
      const damage = (body: Buffer): string =>
        body.toString('latin1').replace(text, text.replace(/[a-z4@]/, 'x'))
      const rewrite = (path: string, body: Buffer): Buffer =>
        path.includes(part) ? Buffer.from(damage(body), 'latin1') : body
      const { workspace } = open(await serve({ rewrite }))
      expect((await failure(clone(workspace))).code).to.equal(code)
    })
  }

  it('sends a token to the API alone, and tells a missing one from a wrong one', async () => {
    const server = await serve({ token: 'right' })
    const { workspace } = open(server)
    const hidden = await failure(clone(workspace))
    expect(hidden).to.include({ code: 'REMOTE_NOT_FOUND' })
    expect(hidden.message).to.contain('no token was given')
    const wrong = await failure(clone(workspace, { token: 'wrong' }))
    expect(wrong).to.include({ code: 'REMOTE_UNAUTHORIZED' })
    expect(wrong.data).to.include({ credentials: 'refused', detail: 'Bad credentials' })
    expect(JSON.stringify([wrong.message, wrong.data])).not.to.contain('"wrong"')
    server.requests.length = 0
    await clone(workspace, { token: 'right' })
    for (const { authorization } of server.requests) {
      expect(authorization).to.equal('Bearer right')
    }
  })

  it('tells when requests have run out and when they come back, and goes on from there', async () => {
    const server = await serve()
    const { workspace, clock } = open(server)
    await clone(workspace)
    server.remaining = 0
    server.requests.length = 0
    const errors: unknown[] = []
    const onDamaged = ({ error }: { readonly error: unknown }): void => void errors.push(error)
    for await (const run of workspace.runs.list({ in: 'lab/train', onDamaged })) {
      expect.fail(`${run.id} was never brought`)
    }
    expect(errors).to.have.lengthOf(3)
    for (const error of errors) expect(error).to.include({ code: 'REMOTE_RATE_LIMIT' })
    const [{ data, message }] = errors as [{ data: object; message: string }]
    expect(data).to.include({ hasToken: false, untilMs: RESET_SECONDS * 1000 })
    expect(message).to.contain('before 00:00 UTC').and.to.contain('with a token')
    // Requests that were under way are answered; then nobody asks any more.
    expect(server.requests.length).to.be.at.most(3)
    server.remaining = 100
    expect(await idsOf(workspace)).to.have.lengthOf(0)
    clock.skewMs = RESET_SECONDS * 1000
    expect(await idsOf(workspace)).to.have.lengthOf(3)
  })

  it('is only read, and only in part', async () => {
    const { workspace } = open(await serve())
    const whole = await failure(workspace.clone(URL_OF_LAB))
    expect(whole.code).to.equal('REMOTE_UNSUPPORTED')
    await clone(workspace)
    await workspace.runs.create({ in: 'lab/train' })
    expect((await failure(workspace.push({ in: 'lab' }))).code).to.equal('REMOTE_FORBIDDEN')
    const address = await failure(workspace.clone('https://github.example/lab', { depth: 1 }))
    expect(address.code).to.equal('REMOTE_ADDRESS')
  })

  it('is read through GitLab, too: all of a branch with one request', async () => {
    const server = await serveGitLab(origin)
    opened.push(server)
    const { workspace, folder } = open(server, 'gitlab')
    await clone(workspace)
    expect(await idsOf(workspace)).to.have.lengthOf(3)
    for await (const _ of workspace.runs.rows(study.first, 'cases'));
    const branches = Object.keys(listRefs(origin)).length
    // The list of branches, and of each its newest commit and an archive.
    expect(server.requests).to.have.lengthOf(1 + 2 * branches)
    expect(fsck(folder)).to.equal('')
  })

  it('makes what is odd in an archive of GitLab anew, too', async () => {
    const odd = `${makeTempFolder()}/odd.git`
    opened.push({ close: async () => removeTempFolder(odd) })
    git('/', ['clone', '--quiet', '--bare', origin, odd])
    const long = `${'deep/'.repeat(60)}${'x'.repeat(120)}`
    const blob = git(odd, ['hash-object', '-w', '--stdin'], { input: 'odd\n' }).trim()
    const link = git(odd, ['hash-object', '-w', '--stdin'], { input: 'a'.repeat(150) }).trim()
    const listing = [
      `100644 blob ${blob}\tnotes/${long}`,
      `100755 blob ${blob}\tnotes/program`,
      `120000 blob ${link}\tnotes/link`
    ].join('\n')
    const index = { GIT_INDEX_FILE: `${odd}/odd-index` }
    git(odd, ['read-tree', 'refs/heads/main'], { env: index })
    git(odd, ['update-index', '--index-info'], { input: `${listing}\n`, env: index })
    const tree = git(odd, ['write-tree'], { env: index }).trim()
    const commit = git(odd, ['commit-tree', tree, '-p', 'refs/heads/main', '-m', 'odd']).trim()
    git(odd, ['update-ref', 'refs/heads/main', commit])
    const server = await serveGitLab(odd)
    opened.push(server)
    const { workspace, store } = open(server, 'gitlab')
    await clone(workspace)
    expect(linesOf(server).some((line) => line.includes('/tree?'))).to.equal(false)
    const project = await store.project('lab')
    expect(await project?.repository.objects.read(blob)).to.include({ type: 'blob' })
  })

  it('is read through GitLab file by file where it gives no archive, or another', async () => {
    const torn = (path: string, body: Buffer): Buffer =>
      path.includes('/archive') ? body.subarray(0, body.length - 9) : body
    for (const options of [{ noArchives: true }, { rewrite: torn }]) {
      const server = await serveGitLab(origin, options)
      opened.push(server)
      const { workspace } = open(server, 'gitlab')
      await clone(workspace)
      expect(await idsOf(workspace)).to.have.lengthOf(3)
      expect(linesOf(server).some((line) => line.includes('/tree?'))).to.equal(true)
    }
  })

  it('tells histories as the forge lists them: each 100 commits with a request, once', async () => {
    for (const kind of ['github', 'gitlab'] as const) {
      const server = await (kind === 'github' ? serveGitHub(origin) : serveGitLab(origin))
      opened.push(server)
      const { workspace } = open(server, kind)
      await clone(workspace)
      server.requests.length = 0
      const folder = 'experiments/train'
      const [, , run = ''] = study.first.split('/')
      for (const [service, address, path] of [
        [workspace.experiments, 'lab/train', folder],
        [workspace.runs, study.first, `:(glob)${folder}/**/${run}/**`]
      ] as const) {
        const format = '--format=%H %an %s'
        const log = git(origin, ['log', format, folder, '--', path]).trim().split('\n')
        const told = await entriesOf(service.history(address))
        const lines = told.map(({ commitOid, author, subject }) =>
          [commitOid, author.name, subject].join(' ')
        )
        expect(lines, kind).to.deep.equal(log)
        expect(await entriesOf(service.history(address, { skip: 1 }))).to.deep.equal(told.slice(1))
      }
      expect(server.requests, kind).to.have.lengthOf(2)
      server.remaining = 0
      const other = entriesOf(workspace.projects.history('lab'))
      expect((await failure(other)).code).to.equal('REMOTE_RATE_LIMIT')
    }
  })

  it('is read through GitLab as the repository has it', async () => {
    const server = await serveGitLab(origin)
    opened.push(server)
    const { workspace, store, folder } = open(server, 'gitlab')
    await clone(workspace)
    const project = await store.project('lab')
    for (const head of Object.values(listRefs(origin))) {
      const names = git(origin, ['rev-list', '-n1', '--objects', '--no-object-names', head])
      for (const oid of names.trim().split('\n')) {
        const object = (await project?.repository.objects.read(oid)) as GitObject
        const bytes = gitBytes(origin, ['cat-file', object.type, oid])
        expect(Buffer.from(object.bytes).equals(bytes), oid).to.equal(true)
      }
    }
    expect(fsck(folder)).to.equal('')
    const { address } = await study.workspace.runs.create({ in: 'lab/train', name: 'newer' })
    await study.workspace.push({ in: 'lab', remote: 'origin' })
    await workspace.pull({ in: 'lab' })
    expect(await idsOf(workspace)).to.include(address.split('/')[2])
    server.remaining = 0
    expect((await failure(workspace.pull({ in: 'lab' }))).code).to.equal('REMOTE_RATE_LIMIT')
  })

  it('refuses what came damaged from GitLab', async () => {
    for (const [part, text] of [
      ['/tree?', '100644'],
      ['/commits?', '@'],
      ['/raw', 'name']
    ] as const) {
      const rewrite = (path: string, body: Buffer): Buffer =>
        path.includes(part)
          ? Buffer.from(body.toString('latin1').replace(text, 'x'), 'latin1')
          : body
      const server = await serveGitLab(origin, { rewrite, noArchives: true })
      opened.push(server)
      const { workspace } = open(server, 'gitlab')
      expect((await failure(clone(workspace))).code, part).to.equal('REMOTE_PACK_DAMAGED')
    }
  })
})
