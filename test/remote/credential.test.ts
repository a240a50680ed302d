import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { gitCredentials } from '../../src/host/node/credential.ts'
import {
  type Credential,
  CredentialChain,
  type CredentialProvider,
  environmentCredential,
  givenCredential
} from '../../src/remote/credentials.ts'
import { openRemote } from '../../src/remote/open-remote.ts'
import { gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { codeOf, makeOrigin, makeRemoteHost } from '../support/remotes.ts'
import { makeRepository } from '../support/repositories.ts'

const REQUEST = { url: 'https://example.org/team/x.git' }

describe('credentials', () => {
  it('are given to the host alone that they are for', async () => {
    const given = givenCredential('example.org', { token: 't' })
    expect(await given.fill(REQUEST)).to.deep.equal({ username: 'token', password: 't' })
    expect(await given.fill({ url: 'https://example.org:444/x' })).to.equal(undefined)
    expect(await given.fill({ url: 'https://evil.org/example.org' })).to.equal(undefined)
    const named = { ...REQUEST, username: 'ada' }
    expect(await given.fill(named)).to.deep.equal({ username: 'ada', password: 't' })
  })

  it('come from the environment', async () => {
    const fill = (env: Record<string, string>): Promise<Credential | undefined> =>
      environmentCredential('example.org', env).fill(REQUEST)
    expect(await fill({})).to.equal(undefined)
    expect(await fill({ RUNTREE_USERNAME: 'ada' })).to.equal(undefined)
    expect(await fill({ RUNTREE_USERNAME: 'ada', RUNTREE_PASSWORD: 'p' })).to.deep.equal({
      username: 'ada',
      password: 'p'
    })
    expect(await fill({ RUNTREE_TOKEN: 't' })).to.deep.equal({ username: 'token', password: 't' })
  })

  it('are asked for one after another, and who gave them hears how it went', async () => {
    const heard: string[] = []
    const provider = (name: string): CredentialProvider => ({
      fill: async () => (name === 'none' ? undefined : { username: name, password: 'p' }),
      approve: async () => void heard.push(`approve ${name}`),
      reject: async () => void heard.push(`reject ${name}`)
    })
    const chain = new CredentialChain(['none', 'first', 'second'].map(provider))
    expect(chain.wasTried).to.equal(false)
    expect((await chain.next(REQUEST))?.username).to.equal('first')
    expect((await chain.next(REQUEST))?.username).to.equal('second')
    await chain.approve(REQUEST)
    expect(await chain.next(REQUEST)).to.equal(undefined)
    expect(chain.wasTried).to.equal(true)
    expect(heard).to.deep.equal(['reject first', 'approve second', 'reject second'])
  })

  describe('of git’s helpers', () => {
    let folder: string
    let stored: string
    let env: NodeJS.ProcessEnv

    beforeEach(() => {
      folder = makeTempFolder()
      stored = `${folder}/stored`
      env = gitEnvironment({
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'credential.helper',
        GIT_CONFIG_VALUE_0: `store --file=${stored}`
      })
    })
    afterEach(() => removeTempFolder(folder))

    it('are filled and rejected, and nobody is asked where there are none', async () => {
      const provider = gitCredentials({ env, cwd: folder })
      expect(await provider.fill(REQUEST)).to.equal(undefined)
      writeFileSync(stored, 'https://ada:p%3dw%26@example.org\nhttps://bob:b@other.org\n')
      const found = await provider.fill(REQUEST)
      expect(found).to.deep.equal({ username: 'ada', password: 'p=w&' })
      await provider.reject(REQUEST, found as Credential)
      expect(readFileSync(stored, 'utf8')).to.equal('https://bob:b@other.org\n')
    })

    it('are not asked with an address that would be two fields', async () => {
      writeFileSync(stored, 'https://ada:p@example.org\n')
      const provider = gitCredentials({ env, cwd: folder })
      expect(await provider.fill({ url: 'https://example.org/a%0ahost=evil.org' })).to.equal(
        undefined
      )
    })

    it('are none without the git program', async () => {
      const provider = gitCredentials({ env: { PATH: folder }, cwd: folder })
      expect(await provider.fill(REQUEST)).to.equal(undefined)
    })

    it('open a server, and a password that it refuses is forgotten', async () => {
      makeOrigin(`${folder}/origin.git`)
      const local = await makeRepository()
      const server = await serveGitHttp(folder, {
        users: { ada: { password: 'right', mayPush: true } }
      })
      const list = async () => {
        const host = makeRemoteHost({ env, cwd: folder })
        const { objects } = local.repository
        const remote = await openRemote(host, objects, `${server.url}/origin.git`)
        await remote.list('fetch').finally(() => remote.close())
      }
      writeFileSync(stored, `http://ada:wrong@${server.host.replace(':', '%3a')}\n`)
      expect(await codeOf(list())).to.equal('REMOTE_UNAUTHORIZED')
      expect(readFileSync(stored, 'utf8')).to.equal('')
      writeFileSync(stored, `http://ada:right@${server.host.replace(':', '%3a')}\n`)
      await list()
      expect(readFileSync(stored, 'utf8')).to.match(/^http:\/\/ada:right@/)
      await server.close()
      await local.close()
    })
  })
})
