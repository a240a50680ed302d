import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import {
  bundleForBrowser,
  findChromium,
  launchChromium,
  openPage,
  serveScripts,
  type TestSite
} from '../support/chromium.ts'
import { fsck, git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { skipMissing } from '../support/programs.ts'

const TOKEN = 'open sesame é'

describe('a workspace in Chromium', () => {
  let browser: Browser
  let site: TestSite
  let context: BrowserContext
  let page: Page
  let folder: string
  let server: GitHttpServer
  let script: string

  before(async function () {
    const executable = findChromium()
    if (executable === undefined) return skipMissing(this, 'chromium')
    script = await bundleForBrowser('test/browser/page/workspace.ts')
    const worker = await bundleForBrowser('test/browser/page/worker.ts')
    site = await serveScripts(
      new Map([
        ['workspace.js', script],
        ['worker.js', worker]
      ])
    )
    browser = await launchChromium(executable)
  })
  after(async () => {
    await browser?.close()
    await site?.close()
  })
  beforeEach(async () => {
    folder = makeTempFolder()
    git(folder, ['init', '--quiet', '--bare', 'vision.git'])
    git(join(folder, 'vision.git'), ['config', 'http.receivepack', 'true'])
    server = await serveGitHttp(folder, {
      cors: site.url,
      users: { ada: { password: TOKEN, mayPush: true }, bob: { password: 'b', mayPush: false } }
    })
    context = await browser.newContext()
    page = await open()
  })
  afterEach(async () => {
    await context?.close()
    await server?.close()
    removeTempFolder(folder)
  })

  const open = (): Promise<Page> => openPage(context, `${site.url}/workspace.html`)
  const act = <T>(action: string, options: object = {}, on = page): Promise<T> =>
    on.evaluate(
      ([name, given]) =>
        (
          globalThis as unknown as { actions: Record<string, (given: object) => Promise<T>> }
        ).actions[name as string]?.(given as object) as Promise<T>,
      [action, options] as const
    )
  const names = (count: number, prefix: string): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix} ${index}`)

  it('needs neither eval nor anything of Node', () => {
    expect(script).to.not.match(/new Function\b|\bBuffer[.([]|memfs|from ?["']node:/)
    // A method may bear the name, as in the engine of regular expressions; the policy of the pages of
    // these tests would stop the function itself.
    expect(script).to.not.match(/(?<!\.)\beval\((?![^()]*\) ?\{)/)
  })

  it('keeps what was put through a reload, and in a second tab', async () => {
    await act('fill', { runs: 5 })
    await page.reload()
    expect(await act('stored')).to.deep.equal(names(5, 'run'))
    expect(await act('stored', {}, await open())).to.deep.equal(names(5, 'run'))
  })

  it('loses nothing when tabs write at once', async () => {
    await act('fill', { runs: 1 })
    const tabs = [page, await open(), await open()]
    await Promise.all(tabs.map((tab, at) => act('append', { names: names(8, `tab ${at}`) }, tab)))
    expect(await act('count')).to.equal(25)
  })

  it('loses nothing that was acknowledged when a tab is closed in the middle of a put', async () => {
    await act('fill', { runs: 1 })
    for (let round = 0; round < 3; round++) {
      const before = await act<number>('count')
      const tab = await open()
      void act('putForEver', {}, tab).catch(() => undefined)
      while (Number(await tab.title()) < 3 + round);
      const acknowledged = Number(await tab.title())
      await tab.close()
      expect(await act('count')).to.be.at.least(before + acknowledged)
      await act('append', { names: [`after ${round}`] })
    }
    await act('push', { url: `${server.url}/vision.git`, token: TOKEN })
    expect(fsck(join(folder, 'vision.git'))).to.equal('')
  })

  it('pushes, clones and merges over HTTP with credentials', async () => {
    const url = `${server.url}/vision.git`
    await act('fill', { name: 'a', runs: 6 })
    await act('push', { name: 'a', url, token: TOKEN })
    await act('clone', { name: 'b', url, token: TOKEN })
    await act('append', { name: 'a', names: ['of a'] })
    await act('append', { name: 'b', names: ['of b'] })
    await act('push', { name: 'a', token: TOKEN })
    await act('push', { name: 'b', token: TOKEN })
    await act('pull', { name: 'a', token: TOKEN })
    const all = ['of a', 'of b', ...names(6, 'run')]
    expect(await act('stored', { name: 'a' })).to.deep.equal(all)
    expect(await act('stored', { name: 'b' })).to.deep.equal(all)
    const there = join(folder, 'vision.git')
    expect(fsck(there)).to.equal('')
    mkdirSync(join(folder, 'copies'))
    execFileSync('git', ['clone', '--quiet', '--branch', 'experiments/train', there, 'copy'], {
      cwd: join(folder, 'copies'),
      env: gitEnvironment()
    })
    expect(server.requests.map(({ authorization }) => authorization)).to.include(
      `Basic ${Buffer.from(`ada:${TOKEN}`).toString('base64')}`
    )
  })

  it('says in plain words why a remote can’t be read', async () => {
    const missing = await act('failure', { url: `${server.url}/none.git`, token: TOKEN })
    expect(missing).to.match(/^REMOTE_NOT_FOUND: /)
    const url = `${server.url}/vision.git`
    expect(await act('failure', { url, token: 'wrong' })).to.match(
      /^REMOTE_UNAUTHORIZED: .*refused/
    )
    expect(await act('failure', { url })).to.match(/^REMOTE_UNAUTHORIZED: .*there are none/)
    expect(await act('failure', { url, offline: true })).to.match(/^REMOTE_OFFLINE: /)
    const closed = await serveGitHttp(folder)
    expect(await act('failure', { url: `${closed.url}/vision.git` })).to.match(
      /^REMOTE_UNREACHABLE: .*\(CORS\)/
    )
    await closed.close()
    expect(await act('failure', { url: `${closed.url}/vision.git` })).to.match(
      /^REMOTE_UNREACHABLE: .*no answer came/
    )
    expect(await act('failure', { url: '/some/folder' })).to.match(/^REMOTE_UNSUPPORTED: /)
  })

  it('reaches a remote through a proxy', async () => {
    const url = `${server.url}/vision.git`
    await act('fill', { name: 'a', runs: 2 })
    await act('push', { name: 'a', url, token: TOKEN })
    // What stands for a proxy hands on what lies behind the host in its own path.
    const proxy = await serveGitHttp(folder, {
      cors: site.url,
      intercept(request) {
        request.url = request.url?.replace('/git.example/', '/') ?? '/'
        return false
      }
    })
    const given = { name: 'b', proxy: proxy.url, url: 'https://git.example/vision.git' }
    await act('clone', given)
    expect(await act('count', { name: 'b' })).to.equal(2)
    await proxy.close()
  })

  it('ends a run whose page was closed as interrupted, with all that it logged', async () => {
    const tab = await open()
    const address = await act<string>('interrupted', {}, tab)
    expect(await act('statusOf', { address })).to.deep.equal(['running', 5])
    await tab.close()
    await page.reload()
    expect(await act('statusOf', { address })).to.deep.equal(['interrupted', 5])
  })

  it('says that the browser gives no more room, and keeps what is there', async () => {
    const devtools = await context.newCDPSession(page)
    const quota = { origin: site.url, quotaSize: 2_500_000 }
    await devtools.send('Storage.overrideQuotaForOrigin', quota)
    await act('fill', { runs: 1 })
    const notes = Array.from({ length: 400_000 }, () => Math.random()).join(' ')
    const full = await act('appendFailure', { names: ['too much'], notes })
    expect(full).to.match(/^STORE_FILES: .*the browser allows this site no more storage/)
    expect(await act('stored')).to.deep.equal(['run 0'])
  })

  it('says that there is no storage', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'indexedDB', { value: undefined })
    })
    const message = await act('failure', { url: `${server.url}/vision.git` }, await open())
    expect(message).to.match(/^BROWSER_NO_STORAGE: This browser gives the page no storage/)
  })

  it('works in a worker', async () => {
    await act('fill', { name: 'w', runs: 3 })
    expect(await act('countInWorker', { name: 'w' })).to.equal(3)
  })
})
