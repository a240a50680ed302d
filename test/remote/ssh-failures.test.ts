import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import { remoteErrors } from '../../src/remote/errors.ts'
import { fetchRefs } from '../../src/remote/fetch.ts'
import { type OpenRemoteOptions, openRemote } from '../../src/remote/open-remote.ts'
import { fsck, git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { needsProgram } from '../support/programs.ts'
import {
  codeOf,
  contextOf,
  failureOf,
  listRefs,
  makeOrigin,
  makeRemoteHost
} from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'
import { type GitSshServer, SSHD, serveGitSsh } from '../support/ssh-server.ts'

describe('ssh', function () {
  this.timeout(60_000)
  let folder: string
  let server: GitSshServer | undefined
  let local: TestRepository
  let history: Oid[]

  before(async function () {
    needsProgram(this, SSHD)
    folder = makeTempFolder()
    mkdirSync(`${folder}/ssh`)
    server = await serveGitSsh(`${folder}/ssh`)
    history = makeOrigin(`${folder}/origin.git`)
  })
  after(async () => {
    await server?.close()
    if (folder) removeTempFolder(folder)
  })
  beforeEach(async () => {
    local = await makeRepository()
  })
  afterEach(() => local.close())

  const fetchWith = async (
    sshCommand: readonly string[] | undefined,
    address: string,
    options: OpenRemoteOptions = {},
    env = gitEnvironment()
  ): Promise<void> => {
    const command = sshCommand === undefined ? {} : { sshCommand }
    const host = makeRemoteHost({ env, ...command })
    const remote = await openRemote(host, local.repository.objects, address, options)
    try {
      await fetchRefs(contextOf(local), remote, { map: (ref) => ref })
    } finally {
      await remote.close()
    }
  }
  const here = (): GitSshServer => server as GitSshServer
  const address = (path = `${folder}/origin.git`): string =>
    `ssh://${here().user}@127.0.0.1:${here().port}${path}`
  /** A program in place of ssh. */
  const program = (lines: readonly string[]): readonly string[] => {
    const path = `${folder}/program-${lines.length}`
    writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'))
    chmodSync(path, 0o755)
    return [path]
  }

  it('takes host:path and the user’s GIT_SSH_COMMAND', async () => {
    const command = here().command('user').join(' ')
    const env = gitEnvironment({ GIT_SSH_COMMAND: `${command} -p ${here().port}` })
    await fetchWith(undefined, `${here().user}@127.0.0.1:${folder}/origin.git`, {}, env)
    expect(listRefs(local.path)).to.deep.equal({ 'refs/heads/main': history.at(-1) })
  })

  it('hands down nothing of a repository whose hook started this', async () => {
    const env = gitEnvironment({ GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' })
    const echo = program(['env | grep ^GIT_ >&2', 'exit 3'])
    const error = await failureOf(fetchWith(echo, address(), {}, env))
    expect(remoteErrors.is(error, 'REMOTE_SAID') && error.data.message).to.equal(
      'its program ended with 3'
    )
  })

  it('refuses a key that the server does not know', async () => {
    const code = await codeOf(fetchWith(here().command('stranger'), address()))
    expect(code).to.equal('REMOTE_UNAUTHORIZED')
  })

  it('refuses a server whose host key is another', async () => {
    expect(await codeOf(fetchWith(here().doubting, address()))).to.equal('REMOTE_HOST_KEY')
  })

  it('finds nobody listening, or no such host', async () => {
    const command = here().command('user')
    const refused = await failureOf(fetchWith(command, 'ssh://ada@127.0.0.1:1/x'))
    expect(remoteErrors.is(refused, 'REMOTE_UNREACHABLE') && refused.data.cause).to.equal('refused')
    const unknown = await failureOf(fetchWith(command, 'ssh://ada@no-such-host.invalid/x'))
    expect(remoteErrors.is(unknown, 'REMOTE_UNREACHABLE') && unknown.data.cause).to.equal('name')
  })

  it('says which repository is not there', async () => {
    for (const key of ['user', 'forge'] as const) {
      const failing = fetchWith(here().command(key), address(`${folder}/none.git`))
      expect(await codeOf(failing)).to.equal('REMOTE_NOT_FOUND')
    }
  })

  it('needs the ssh program', async () => {
    const failing = fetchWith([`${folder}/no-ssh`], address())
    expect(await codeOf(failing)).to.equal('REMOTE_PROGRAM_MISSING')
  })

  it('tells a login that prints from git', async () => {
    const noise = program(['echo Welcome to the cluster', 'sleep 0'])
    expect(await codeOf(fetchWith(noise, address()))).to.equal('REMOTE_PROTOCOL')
  })

  it('notices a server that cuts off the list of refs, or ends in the middle', async () => {
    const git = `git upload-pack '${folder}/origin.git' < /dev/null`
    const cut = program([`${git} 2>/dev/null | head -c 150`])
    expect(await codeOf(fetchWith(cut, address()))).to.equal('REMOTE_PROTOCOL')
    const half = program([
      'git upload-pack "$SSH_TEST_ORIGIN" | dd bs=1 count=900 2>/dev/null',
      'exit 0',
      ''
    ])
    const env = gitEnvironment({ SSH_TEST_ORIGIN: `${folder}/origin.git` })
    expect(await codeOf(fetchWith(half, address(), {}, env))).to.equal('REMOTE_PROTOCOL')
    expect(listRefs(local.path)).to.deep.equal({})
  })

  it('notices a server that is killed in the middle, and tries again', async () => {
    const noise = `${folder}/noise.git`
    const [head = ''] = makeOrigin(noise, 1)
    const input = randomBytes(6 << 20)
    const blob = git(noise, ['hash-object', '-w', '--stdin'], { input }).trim()
    git(noise, ['update-ref', 'refs/noise/x', blob])
    let kills = 0
    const host = makeRemoteHost({ sshCommand: here().command('user') })
    const fetchNoise = async (retries: number, maxKills: number): Promise<void> => {
      kills = 0
      const remote = await openRemote(host, local.repository.objects, address(noise), { retries })
      const onProgress = ({ kind }: { readonly kind: string }): void => {
        if (kind !== 'received' || kills === maxKills) return
        kills++
        here().killSessions()
      }
      try {
        await fetchRefs(contextOf(local), remote, { map: (ref) => ref, onProgress })
      } finally {
        await remote.close()
      }
    }
    const error = await failureOf(fetchNoise(0, 1))
    expect(remoteErrors.is(error, 'REMOTE_UNREACHABLE') && error.data.cause).to.equal('reset')
    expect(listRefs(local.path)).to.deep.equal({})
    expect(fsck(local.path)).to.equal('')
    await fetchNoise(2, 1)
    expect(kills).to.equal(1)
    expect(listRefs(local.path)).to.deep.equal({ 'refs/heads/main': head, 'refs/noise/x': blob })
    expect(fsck(local.path)).to.equal('')
  })

  it('tells programs that are none of git', async () => {
    const nothing = program(['exit 0', '', '', '', '', ''])
    expect(await codeOf(fetchWith(nothing, address()))).to.equal('REMOTE_PROTOCOL')
    const echo = program(['exec cat', '', '', '', '', '', ''])
    const code = await codeOf(fetchWith(echo, address(), { connectTimeoutMs: 150 }))
    expect(code).to.equal('REMOTE_TIMEOUT')
    const dying = program(['kill -KILL $$', '', '', '', '', '', '', ''])
    expect(await codeOf(fetchWith(dying, address()))).to.match(/^REMOTE_(SAID|UNREACHABLE)$/)
  })

  it('stops waiting for a server that is silent', async () => {
    const silent = program(['exec sleep 60', '', '', ''])
    const error = await failureOf(fetchWith(silent, address(), { connectTimeoutMs: 150 }))
    expect(remoteErrors.is(error, 'REMOTE_TIMEOUT') && error.data.phase).to.equal('connect')
    const begun = program([
      `git upload-pack '${folder}/origin.git' < /dev/null 2>/dev/null`,
      'exec sleep 60',
      '',
      '',
      ''
    ])
    const later = await failureOf(fetchWith(begun, address(), { silenceTimeoutMs: 150 }))
    expect(remoteErrors.is(later, 'REMOTE_TIMEOUT') && later.data.phase).to.equal('silence')
  })

  it('stops when the caller has enough', async () => {
    const controller = new AbortController()
    const reason = new TypeError('enough')
    const silent = program(['exec sleep 60', '', '', ''])
    const failing = failureOf(fetchWith(silent, address(), { signal: controller.signal }))
    controller.abort(reason)
    expect(await failing).to.equal(reason)
  })
})
