import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'

import { createDesk } from '../cli/desk.ts'
import { git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { type Member, makeEmptyOrigin, openMember, startProject } from '../support/team.ts'
import { collect, failure, RUN } from '../support/workspaces.ts'

describe('addresses', () => {
  let folder: string
  let marker: string
  let log: string
  let ada: Member

  beforeEach(async () => {
    folder = makeTempFolder()
    marker = `${folder}/run-by-an-address`
    log = `${folder}/ssh-was-called`
    const ssh = `${folder}/ssh.sh`
    writeFileSync(ssh, `#!/bin/sh\necho "$@" >> '${log}'\nexit 255\n`)
    chmodSync(ssh, 0o755)
    ada = openMember(makeRemoteHost({ env: gitEnvironment({ GIT_SSH: ssh }) }))
    await startProject(ada.workspace)
    await ada.workspace.runs.create({ id: RUN, in: 'vision/train' })
  })
  afterEach(async () => {
    await ada.close()
    removeTempFolder(folder)
  })

  const hostile = (): readonly string[] => [
    `ext::sh -c touch% ${marker}`,
    'fd::17',
    `-oProxyCommand=touch ${marker}`,
    `-oProxyCommand=touch ${marker}:repository`,
    `ssh://-oProxyCommand=touch ${marker}/repository`,
    `ssh://ada@-oProxyCommand=touch%20${marker}/repository`,
    'ssh://%2doProxyCommand=x/repository',
    '-ada@host:repository',
    'host:-repository',
    'http://-host/repository',
    `host.example:repository\n--upload-pack=touch ${marker}`,
    `https://host.example/a\nhost: evil`,
    `https://host.example/a\r\nX: y`,
    `\u0000/etc`,
    'git://host.example/x',
    'file://host.example/etc'
  ]

  it('that run programs or look like options are refused wherever they are given', async () => {
    const { workspace } = ada
    for (const address of hostile()) {
      for (const [what, doing] of [
        ['clone', () => workspace.clone(address)],
        ['add', () => workspace.remotes.add('evil', address)]
      ] as const) {
        const error = await failure(doing()).catch(() => ({ code: 'it did not fail' }))
        expect(error.code, `${what} ${JSON.stringify(address)}`).to.match(
          /^(REMOTE_ADDRESS|REMOTE_UNREACHABLE|STORE_REMOTE_NAME)$/
        )
      }
    }
    expect(await workspace.remotes.list()).to.deep.equal([])
    expect([existsSync(marker), readSsh()]).to.deep.equal([false, ''])
  })

  it('that somebody wrote into the config are refused when they are used', async () => {
    for (const address of hostile().filter((text) => !/[\n\r\0]/.test(text))) {
      git(ada.repository, ['config', 'remote.evil.url', address])
      for (const doing of [
        () => ada.workspace.pull({ remote: 'evil' }),
        () => ada.workspace.push({ remote: 'evil' })
      ]) {
        expect((await failure(doing())).code, address).to.match(/^REMOTE_(ADDRESS|UNREACHABLE)$/)
      }
      await ada.workspace.get(`vision/train/${RUN}`, { maxAgeMs: 0 }).catch(() => undefined)
    }
    expect([existsSync(marker), readSsh()]).to.deep.equal([false, ''])
  })

  const readSsh = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '')

  it('in records are never contacted by themselves', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const { workspace } = ada
      const remotes = { 'evil.example/x': { url: `${url}/x.git`, branch: 'main' } }
      await workspace.experiments.update('vision/train', { remotes })
      await workspace.projects.update('vision', { remotes })
      const dataset = {
        name: 'Iris',
        in: 'vision',
        locations: [`${url}/iris.csv`],
        originalSource: url
      }
      await workspace.datasets.create(dataset)
      await workspace.runs.update(`vision/train/${RUN}`, {
        notes: `![x](${url}/notes.png)`,
        artifacts: { model: { uri: `${url}/model.bin` } }
      })
      makeEmptyOrigin(`${folder}/origin.git`)
      await workspace.remotes.add('origin', `${folder}/origin.git`)
      await workspace.push()
      const bob = openMember(makeRemoteHost())
      await bob.workspace.clone(`${folder}/origin.git`)
      await bob.workspace.pull()
      await bob.workspace.get(`vision/train/${RUN}`, { maxAgeMs: 0 })
      await bob.workspace.status()
      await collect(bob.workspace.datasets.list({ in: 'vision' }))
      await collect(bob.workspace.artifacts.list(`vision/train/${RUN}`))
      await bob.workspace.artifacts
        .read(`vision/train/${RUN}/artifacts/model`)
        .catch(() => undefined)
      await bob.workspace.verify({ repair: true })
      const desk = createDesk(folder, bob.folder)
      for (const args of [
        ['show', `vision/train/${RUN}`],
        ['show', 'vision/datasets/iris'],
        ['export', 'vision', 'out'],
        ['artifacts', 'ls', `vision/train/${RUN}`]
      ]) {
        await desk.ask(args)
      }
      await bob.close()
      expect(asked).to.deep.equal([])
    } finally {
      server.close()
    }
  })

  it('that a server sends on to are followed on the web alone, without credentials', async () => {
    makeEmptyOrigin(`${folder}/origin.git`)
    await ada.workspace.remotes.add('folder', `${folder}/origin.git`)
    await ada.workspace.push({ remote: 'folder' })
    const other = await serveGitHttp(folder)
    let target = ''
    const first = await serveGitHttp(folder, {
      intercept: (request, response) => {
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
        } else response.writeHead(302, { location: target + request.url }).end()
        return true
      }
    })
    const credential = { username: 'ada', password: 's3cret-word' }
    const bob = openMember(makeRemoteHost())
    try {
      for (const to of [`file://${folder}`, 'ext::sh', 'ssh://127.0.0.1', 'ftp://127.0.0.1']) {
        target = to
        const error = await failure(bob.workspace.clone(`${first.url}/origin.git`, { credential }))
        expect(error.code, to).to.equal('REMOTE_REDIRECT')
      }
      expect(await bob.store.projects()).to.deep.equal([])
      target = other.url
      await bob.workspace.clone(`${first.url}/origin.git`, { credential })
      expect(other.requests).to.not.have.length(0)
      for (const { authorization } of other.requests) expect(authorization).to.equal(undefined)
    } finally {
      await bob.close()
      await other.close()
      await first.close()
    }
  })
})
