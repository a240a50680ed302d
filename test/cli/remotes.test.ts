import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'

import { serveGitHttp } from '../support/http-server.ts'
import { type Answer, createDesk, type Desk, openDesk, type Printed } from './desk.ts'

describe('commands with remotes', () => {
  let desk: Desk
  let other: Desk
  let origin: string
  beforeEach(async () => {
    desk = await openDesk()
    other = createDesk(desk.folder, join(desk.folder, 'colleague'))
    origin = join(desk.folder, 'vision.git')
    git('init', '--quiet', '--bare', '--initial-branch=main', origin)
    await desk.ask(['init', 'Vision'])
    await desk.ask(['create', 'experiment', 'train'])
  })
  afterEach(() => desk.remove())

  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: desk.folder,
      encoding: 'utf8',
      stdio: 'pipe',
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.org',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.org'
      }
    })
  const ask = (...args: string[]): Promise<Answer> => desk.ask(args)
  const done = async (at: Desk, ...args: string[]): Promise<Answer> => {
    const answer = await at.ask(args)
    expect(answer, `${args.join(' ')}: ${answer.err}`).to.have.property('status', 0)
    return answer
  }
  const refused = async (at: Desk, status: number, text: string, ...args: string[]) => {
    const answer = await at.ask(args)
    expect(answer, `${args.join(' ')}: ${answer.err}`).to.have.property('status', status)
    expect(answer.out + answer.err)
      .to.contain(text)
      .and.not.contain('    at ')
  }
  const statesOf = (report: Printed): Printed =>
    Object.fromEntries(report.refs.map((ref: Printed) => [ref.experiment ?? ref.ref, ref.status]))
  /** A project at the remote, which a colleague has too. */
  const share = async (): Promise<void> => {
    await done(desk, 'remote', 'add', 'origin', 'vision.git')
    await done(desk, 'push')
    await done(other, 'clone', 'vision.git')
  }

  describe('keep remotes', () => {
    it('that are added, listed, renamed and forgotten', async () => {
      expect((await done(desk, 'remote')).err).to.contain('runtree remote add')
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      await refused(desk, 3, 'exists already', 'remote', 'add', 'origin', 'x')
      expect(await desk.json('remote', 'ls')).to.deep.equal([
        { name: 'origin', url: origin, prefix: '' }
      ])
      await done(desk, 'remote', 'rename', 'origin', 'lab')
      expect((await done(desk, 'remote', 'ls')).out).to.contain(`lab     ${origin}`)
      expect(git('-C', '.runtree/vision.git', 'remote')).to.equal('lab\n')
      await done(desk, 'remote', 'rm', 'lab')
      await refused(desk, 2, 'no remote lab', 'remote', 'rm', 'lab')
      await refused(desk, 2, 'remote rename <name>', 'remote', 'rename', 'lab')
      await refused(desk, 2, 'argument', 'remote', 'show')
      await refused(desk, 2, '--prefix', 'remote', 'ls', '--prefix', 'runtree/')
      await refused(desk, 2, 'prefix is', 'remote', 'add', 'x', 'y', '--prefix', 'z')
    })

    it('without credentials, which are never printed', async () => {
      const url = 'https://ada:s3cret@127.0.0.1:39871/vision.git'
      const printed = [
        await ask('remote', 'add', 'origin', url),
        await ask('remote', 'add', url, 'origin'),
        await ask('remote', 'ls', '--json'),
        await ask('push', url),
        await ask('push'),
        await ask('get', `${url}#train`),
        await ask('clone', url),
        await desk.ask(['clone', url], { env: { RUNTREE_DEBUG: '1' } })
      ]
      for (const { out, err } of printed) expect(out + err).to.not.contain('s3cret')
      expect(printed[0]?.err).to.contain('git credential')
      const config = await readFile(join(desk.folder, '.runtree/vision.git/config'), 'utf8')
      expect(config).to.contain('127.0.0.1').and.not.contain('s3cret')
    })

    it('and say what is there', async () => {
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      const before = await desk.json('remote', 'info')
      expect(before).to.include({ isReachable: true, mayRead: true, mayPush: true, isEmpty: true })
      await done(desk, 'push')
      const after = await desk.json('remote', 'info', 'origin')
      expect(after).to.deep.include({ isProject: true, isEmpty: false, experiments: ['train'] })
      const empty = createDesk(desk.folder, join(desk.folder, 'empty'))
      expect((await done(empty, 'remote', 'info', './vision.git')).out).to.contain('a project')
      const answer = await empty.ask(['remote', 'info', './nowhere.git', '--json'])
      expect(answer.status).to.equal(1)
      expect(JSON.parse(answer.out).problems[0].code).to.equal('REMOTE_NOT_FOUND')
      await refused(empty, 2, 'No project', 'remote', 'info')
    })
  })

  describe('exchange', () => {
    it('a project with who has only its address', async () => {
      await share()
      expect(git('ls-remote', '--heads', origin)).to.contain('refs/heads/experiments/train')
      git('-C', origin, 'fsck', '--strict')
      expect(await other.json('ls')).to.have.lengthOf(1)
      expect((await other.ask(['config', 'project'])).out).to.equal('vision\n')
      const again = await done(other, 'clone', origin, '--json')
      expect(JSON.parse(again.out)).to.include({ wasHere: true, url: origin })
      expect(await other.json('remote', 'ls')).to.have.lengthOf(1)
    })

    it('and keep the path of a clone that was named from another folder', async () => {
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      await done(desk, 'push')
      await done(other, 'clone', './vision.git')
      expect((await other.json('remote', 'ls'))[0].url).to.equal(origin)
    })

    it('what both sides made, and say so', async () => {
      await share()
      await done(desk, 'create', 'run', 'mine', '-i', 'train')
      await done(other, 'create', 'run', 'theirs', '-i', 'train')
      await done(other, 'create', 'experiment', 'more')
      const first = await other.json('push')
      expect(statesOf(first)).to.include({ train: 'updated', more: 'new' })
      expect(first.sentBytes).to.be.greaterThan(0)
      const before = await desk.json('status')
      expect(statesOf(before.remotes[0])).to.include({ train: 'ahead' })
      const pushed = await done(desk, 'push')
      expect(pushed.out).to.match(/^train +merged +[0-9a-f]{8}$/m)
      expect(pushed.err).to.contain('to origin').and.contain('sent')
      expect(statesOf(await other.json('pull'))).to.include({ train: 'updated' })
      expect(await other.json('ls', 'train')).to.have.lengthOf(2)
      expect(await other.json('push')).to.deep.include({ receivedBytes: 0, sentBytes: 0 })
      expect((await done(other, 'push')).err).to.contain('nothing new')
      git('-C', origin, 'fsck', '--strict')
    })

    it('only the experiments that are named', async () => {
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      await done(desk, 'create', 'experiment', 'second')
      await done(desk, 'push', 'origin', '-e', 'second')
      expect(git('ls-remote', '--heads', origin)).to.not.contain('train')
      await done(desk, 'push')
      await done(other, 'clone', 'vision.git', 'copy', '-e', 'train')
      const slugs = (await other.json('ls')).map((each: Printed) => each.address)
      expect(slugs).to.deep.equal(['copy/train'])
      await refused(desk, 1, 'nothing at nosuch', 'push', '-e', 'nosuch')
      await refused(desk, 1, 'has no experiment nosuch', 'pull', '-e', 'nosuch')
      await done(desk, 'create', 'dataset', 'd')
      await refused(desk, 2, 'of the kind dataset', 'push', '-e', 'datasets/d')
    })

    it('an experiment without what belongs to the whole project, which may be protected', async () => {
      await share()
      await done(other, 'create', 'dataset', 'theirs')
      await done(other, 'push')
      await done(desk, 'create', 'dataset', 'mine')
      await done(desk, 'create', 'run', '-i', 'train')
      const before = git('ls-remote', origin, 'refs/heads/main')
      expect(statesOf(await desk.json('push', '-e', 'train'))).to.deep.equal({ train: 'updated' })
      expect(git('ls-remote', origin, 'refs/heads/main')).to.equal(before)
      expect(statesOf(await desk.json('push'))).to.include({ 'refs/heads/main': 'updated' })
    })

    it('tell of what does not travel', async () => {
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      const run = (await done(desk, 'create', 'run', '-i', 'train')).out.trim()
      const store = join(desk.folder, '.runtree/vision.git')
      const pointer = [
        'version https://git-lfs.github.com/spec/v1',
        `oid sha256:${'ab'.repeat(32)}`,
        'size 3400000\n'
      ].join('\n')
      const id = run.split('/').at(-1) as string
      const path = `experiments/train/runs/${id[0]}/${id[1]}/${id}/artifacts/model.bin`
      await writeFile(join(desk.folder, 'pointer'), pointer)
      const blob = git('-C', store, 'hash-object', '-w', join(desk.folder, 'pointer')).trim()
      const index = ['-C', store, '-c', 'core.bare=true']
      const tree = (commands: string[][]): string => {
        let out = ''
        for (const command of commands) {
          out = execFileSync('git', [...index, ...command], {
            cwd: desk.folder,
            encoding: 'utf8',
            env: {
              PATH: process.env.PATH,
              GIT_INDEX_FILE: join(desk.folder, 'index'),
              GIT_AUTHOR_NAME: 'A',
              GIT_AUTHOR_EMAIL: 'a@example.org',
              GIT_COMMITTER_NAME: 'A',
              GIT_COMMITTER_EMAIL: 'a@example.org'
            }
          }).trim()
        }
        return out
      }
      const branch = 'experiments/train'
      const oid = tree([
        ['read-tree', branch],
        ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`],
        ['write-tree']
      ])
      const commit = tree([['commit-tree', '-p', branch, '-m', 'artifact', oid]])
      tree([['update-ref', `refs/heads/${branch}`, commit]])
      const { err } = await done(desk, 'push')
      expect(err).to.contain('1 artifact of 3.4 MB stays where it was made')
      expect((await done(desk, 'push')).err).to.not.contain('artifact')
    })

    it('projects that were begun apart, when they are joined', async () => {
      await share()
      const third = createDesk(desk.folder, join(desk.folder, 'third'))
      await done(third, 'create', 'project', 'Third')
      await done(third, 'create', 'experiment', 'own')
      await done(third, 'remote', 'add', 'origin', 'vision.git')
      await refused(third, 3, 'another project', 'push')
      await refused(third, 3, 'another project', 'push', '-e', 'own')
      expect(git('ls-remote', origin)).to.not.contain('own')
      await refused(third, 3, '--join', 'pull')
      await done(third, 'pull', '--join')
      const { id } = await desk.json('get', 'vision')
      expect((await third.json('get', 'third')).id).to.equal(id)
      await done(third, 'push')
      await done(desk, 'pull')
      const slugs = (await desk.json('ls')).map((each: Printed) => each.address)
      expect(slugs).to.deep.equal(['vision/own', 'vision/train'])
      expect(await desk.json('get', 'vision'))
        .to.include({ id })
        .and.not.have.property('conflicts')
    })

    it('snapshots', async () => {
      await share()
      const made = await desk.json('snapshot', 'paper-v1')
      await refused(desk, 3, 'exists already', 'snapshot', 'paper-v1')
      await refused(desk, 2, 'small letters', 'snapshot', 'Paper v1')
      expect((await done(desk, 'push')).out).to.contain('snapshots/paper-v1')
      await done(other, 'pull')
      expect(await other.json('snapshot')).to.deep.equal([made])
      expect((await other.json('get', 'train@snapshots/paper-v1')).name).to.equal('train')
      const parents = git('-C', origin, 'log', '-1', '--format=%P', made.commitOid).trim()
      expect(parents.split(' ')).to.have.lengthOf(2)
    })

    it('beside code, under a prefix that clones find', async () => {
      const code = join(desk.folder, 'code.git')
      git('init', '--quiet', '--bare', '--initial-branch=main', code)
      git('clone', '--quiet', code, 'work')
      git('-C', 'work', 'commit', '--quiet', '--allow-empty', '-m', 'code')
      git('-C', 'work', 'push', '--quiet', 'origin', 'HEAD:main')
      await done(desk, 'remote', 'add', 'code', 'code.git')
      await refused(desk, 1, 'holds no Runtree project', 'push')
      await refused(other, 1, 'holds no Runtree project', 'clone', 'code.git')
      expect(existsSync(join(desk.folder, 'colleague/code.git'))).to.equal(false)
      await done(desk, 'remote', 'rm', 'code')
      await done(desk, 'remote', 'add', 'code', 'code.git', '--prefix', 'refs/runtree')
      await done(desk, 'push')
      const refs = git('ls-remote', code)
      expect(refs).to.contain('refs/runtree/heads/experiments/train')
      expect(refs).to.not.contain('refs/heads/experiments')
      await done(other, 'clone', 'code.git')
      expect((await other.json('remote'))[0].prefix).to.equal('refs/runtree/')
      expect(await other.json('ls')).to.have.lengthOf(1)
    })

    it('by a bundle file', async () => {
      await done(desk, 'remote', 'add', 'usb', 'vision.bundle')
      await done(desk, 'push', 'usb')
      git('bundle', 'list-heads', 'vision.bundle')
      await done(other, 'clone', 'vision.bundle')
      await done(other, 'create', 'run', '-i', 'train')
      await done(other, 'push')
      expect(statesOf(await desk.json('pull', 'usb'))).to.include({ train: 'updated' })
    })
  })

  describe('refuse', () => {
    it('to push again what was deleted there, unless told so', async () => {
      await share()
      await done(other, 'rm', 'train', '-y', '--mode', 'remote')
      await refused(desk, 3, '--recreate', 'push')
      expect(statesOf(await desk.json('pull'))).to.include({ train: 'deleted-there' })
      await done(desk, 'push', '--recreate')
      expect(git('ls-remote', origin)).to.contain('experiments/train')
    })

    it('to merge a history that was replaced', async () => {
      await share()
      const root = git('-C', origin, 'rev-list', '--max-parents=0', 'experiments/train').trim()
      git('-C', origin, 'update-ref', 'refs/heads/experiments/train', root)
      await refused(desk, 3, 'replaced', 'pull')
      await done(desk, 'create', 'run', '-i', 'train')
      await refused(desk, 3, 'rewound', 'push')
      expect(git('-C', origin, 'rev-parse', 'experiments/train').trim()).to.equal(root)
      await refused(desk, 3, 'runtree remote rm and add', 'push')
      await done(desk, 'remote', 'rm', 'origin')
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      await done(desk, 'pull')
      await done(desk, 'push')
      expect(await desk.json('ls', 'train')).to.have.lengthOf(1)
    })

    it('what cannot be, with what to do, and do nothing', async () => {
      await refused(desk, 2, 'remote add', 'push')
      await refused(desk, 2, 'foo:// is not supported', 'remote', 'add', 'x', 'foo://y')
      await refused(desk, 2, 'run programs', 'clone', 'ext::sh -c true')
      await refused(desk, 1, 'no repository', 'clone', './nowhere.git')
      await refused(desk, 1, 'is empty', 'clone', 'vision.git')
      await refused(desk, 2, '--max-age', 'get', 'train', '--max-age', 'x')
      expect((await desk.json()).projects).to.deep.equal(['vision'])
    })

    it('what the server refuses, for its reason', async () => {
      await share()
      git('-C', origin, 'config', 'receive.denyDeletes', 'true')
      await refused(desk, 1, 'deletion is prohibited', 'rm', 'train', '-y', '--mode', 'all')
      expect(git('ls-remote', origin)).to.contain('experiments/train')
    })
  })

  it('what a rule of git refuses is told with what to do', async () => {
    const work = join(desk.folder, 'work')
    git('init', '--quiet', '--initial-branch=main', work)
    const server = await serveGitHttp(desk.folder)
    try {
      await done(desk, 'remote', 'add', 'work', `${server.url}/work`)
      await refused(desk, 3, 'push to a bare repository', 'push', 'work')
    } finally {
      await server.close()
    }
  })

  describe('delete', () => {
    it('here, there, or both, and say what was deleted where', async () => {
      await share()
      await refused(desk, 2, '--mode remote', 'rm', 'train', '--remote', 'origin')
      await refused(desk, 2, 'local, remote or all', 'rm', 'train', '--mode', 'both')
      const [here] = await desk.json('rm', 'train', '-y')
      expect(here).to.deep.include({ local: true, remote: [] })
      expect(statesOf(await desk.json('pull'))).to.include({ train: 'hidden' })
      expect(statesOf(await desk.json('pull', '-e', 'train'))).to.include({ train: 'new' })
      const asked = await desk.ask(['rm', 'train', '--mode', 'all', '--json'], {
        stdin: {
          isTerminal: true,
          ask: async (question) => (question.includes('remotes') ? 'y' : '')
        }
      })
      const [both] = JSON.parse(asked.out)
      expect(both.local).to.equal(true)
      expect(both.remote[0]).to.include({ remote: 'origin', status: 'deleted' })
      expect(git('ls-remote', origin)).to.not.contain('experiments/train')
    })

    it('a run everywhere at once', async () => {
      await share()
      const run = (await done(desk, 'create', 'run', '-i', 'train')).out.trim()
      await done(desk, 'push')
      await refused(desk, 2, 'one history', 'rm', run, '--mode', 'remote')
      await done(desk, 'rm', run, '--mode', 'all')
      await done(other, 'pull')
      expect(await other.json('ls', 'train')).to.have.lengthOf(0)
    })
  })

  describe('get and put', () => {
    it('bring what the remote has, or say that it could not be asked', async () => {
      await share()
      await done(other, 'edit', 'train', '--note', 'seen')
      await done(other, 'push')
      const fresh = await done(desk, 'get', 'train', '--max-age', '0')
      expect(fresh.out).to.contain('notes: seen')
      expect(fresh.err).to.contain('fetched')
      await done(desk, 'edit', 'train', '--tag', 'mine')
      await done(other, 'edit', 'train', '--tag', 'theirs')
      await done(other, 'push')
      const merged = await done(desk, 'get', 'train', '--max-age', '0')
      expect(merged.err).to.contain('merged')
      expect(merged.out).to.match(/tags:\n +- mine\n +- theirs/)
      const offline = await done(desk, 'get', 'train', '--offline')
      expect(offline.err).to.contain('not every remote could be asked')
      await refused(desk, 4, 'no remote could be asked', 'get', 'nosuch', '--offline')
      await refused(desk, 1, 'nothing at nosuch', 'get', 'nosuch')
    })

    it('by an address of a project that is not here', async () => {
      await done(desk, 'remote', 'add', 'origin', 'vision.git')
      await done(desk, 'push')
      expect(await other.json('get', './vision.git#train')).to.include({ address: 'vision/train' })
      await refused(other, 1, 'nothing at ./vision.git#x', 'rm', './vision.git#x')
      await refused(other, 1, 'nothing at', 'rm', './elsewhere.git#train')
      expect(await other.json('ls')).to.have.lengthOf(1)
    })

    it('store and push at once', async () => {
      await share()
      await writeFile(join(desk.folder, 'run.yaml'), 'kind: run\nin: train\nname: put\n')
      const put = await done(desk, 'put', 'run.yaml', '--remote', 'origin')
      expect(put.out).to.match(/^vision\/train\/\w{12}\n$/)
      expect(put.err).to.contain('1 updated')
      await done(other, 'pull')
      expect((await other.json('ls', 'train'))[0].name).to.equal('put')
      await done(desk, 'edit', 'train', '--note', 'here')
      expect((await done(desk, 'put', 'train', '--remote', 'origin')).out).to.equal(
        'vision/train\n'
      )
      await done(other, 'pull')
      expect((await other.json('get', 'train')).notes).to.equal('here')
      await refused(desk, 2, 'no remote nope', 'put', 'train', '--remote', 'nope')
    })
  })

  describe('settle', () => {
    it('what two people decided differently', async () => {
      await share()
      const digest = (digit: string): string => `digest=sha256:${digit.repeat(64)}`
      await done(desk, 'create', 'dataset', 'd', '-s', digest('1'))
      await done(other, 'create', 'dataset', 'd', '-s', digest('2'))
      await done(other, 'push')
      expect((await done(desk, 'push')).out).to.contain('1 contested field')
      const { conflicts } = await desk.json('status')
      expect(conflicts[0]).to.deep.include({ address: 'vision/datasets/d', fieldPath: 'digest' })
      const { out } = await done(desk, 'status')
      const choice = `runtree edit vision/datasets/d --set ${digest('1')}`
      expect(out).to.contain(choice)
      expect((await done(desk, 'show', 'datasets/d')).out).to.contain('undecided')
      await done(desk, ...choice.split(' ').slice(1))
      expect((await desk.json('status')).conflicts).to.deep.equal([])
      await done(desk, 'push')
      await done(other, 'pull')
      const dataset = await other.json('get', 'datasets/d')
      expect(dataset)
        .to.include({ digest: digest('1').slice(7) })
        .and.not.have.property('conflicts')
    })

    it('and say what is not pushed yet, also without a command', async () => {
      await share()
      expect((await done(desk)).out).to.contain('all is there')
      await done(desk, 'create', 'run', '-i', 'train')
      const { out } = await done(desk)
      expect(out).to.contain('1 branch not in step: train').and.contain('runtree push')
      const { remotes } = await desk.json()
      expect(remotes[0]).to.include({ name: 'origin' })
      expect(statesOf({ refs: remotes[0].unsynced })).to.deep.equal({ train: 'ahead' })
      expect((await done(desk, 'status')).out).to.contain('has more here: runtree push')
    })
  })

  describe('without a network', () => {
    /** A port at which nobody listens. */
    const closedPort = async (): Promise<number> => {
      const server: Server = createServer()
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
      const { port } = server.address() as { port: number }
      await new Promise((closed) => server.close(closed))
      return port
    }

    it('end with 4 and stay usable', async () => {
      const url = `http://127.0.0.1:${await closedPort()}/vision.git`
      await done(desk, 'remote', 'add', 'web', url)
      await refused(desk, 4, 'cannot be reached', 'push')
      await refused(desk, 4, 'not to be used', 'push', '--offline')
      await refused(desk, 4, 'cannot be reached', 'clone', url)
      await refused(desk, 4, 'reachable       no', 'remote', 'info', 'web')
      const state = (await desk.json('status')).remotes[0]
      expect(state).to.include({ isOffline: true })
      expect((await done(desk, 'get', 'train')).err).to.contain('could be asked')
      expect((await done(desk, 'status')).out).to.contain('could not be reached')
    })
  })
})
