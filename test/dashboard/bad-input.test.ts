import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { openPage } from '../support/chromium.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { startBrowser } from './browser.ts'
import { bundleFolder, serveSite } from './site.ts'
import { makeStudy, type Study, shareStudy } from './study.ts'

/** What browsers do where they give no storage, put before the worker's script. */
const NO_STORAGE = {
  blocked: `indexedDB.open = () => { throw new DOMException('access is denied', 'SecurityError') };`,
  private: `indexedDB.open = () => {
    const request = { error: new DOMException('a mutation was not allowed', 'InvalidStateError') }
    setTimeout(() => request.onerror?.(new Event('error')))
    return request
  };`
}

describe('a page that cannot open a remote says why', function () {
  this.timeout(120_000)
  let browser: Browser
  let study: Study
  let site: Awaited<ReturnType<typeof serveSite>>
  let remote: GitHttpServer
  let context: BrowserContext

  before(async function () {
    browser = await startBrowser(this)
    study = await makeStudy()
    await shareStudy(study)
    site = await serveSite()
    const users = { ada: { password: 'right', mayPush: true } }
    remote = await serveGitHttp(study.folder, { cors: site.url, users })
  })

  after(async () => {
    await browser?.close()
    await site?.close()
    await remote?.close()
    await study?.close()
  })

  beforeEach(async () => {
    context = await browser.newContext()
  })

  afterEach(() => context.close())

  const open = (address: string, at = site.url): Promise<Page> =>
    openPage(context, `${at}/?${new URLSearchParams({ remote: address })}`)
  const problem = (page: Page, text: RegExp | string): Locator =>
    page.getByRole('alert').filter({ hasText: text })

  it('of an address of another kind', async () => {
    const page = await open('git@git.example.org:team/vision.git')
    await problem(page, 'addresses that begin with https://').getByText('runtree ui').waitFor()
  })

  it('of a server that is not there, and of the network that is gone', async () => {
    const server = await serveGitHttp(study.folder, { cors: site.url })
    await server.close()
    const page = await open(`${server.url}/lab.git`)
    await problem(page, 'no answer came').getByText('Check the address and the network').waitFor()
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Try again' }).click()
    await problem(page, /offline|can’t be loaded/).waitFor()
    await context.setOffline(false)
  })

  it('of a server that lets no page of another site read', async () => {
    const server = await serveGitHttp(study.folder)
    try {
      const page = await open(`${server.url}/lab.git`)
      await problem(page, '(CORS)').getByText('a server must allow pages of this site').waitFor()
    } finally {
      await server.close()
    }
  })

  it('of a repository that is not there, and of a wrong password, and takes another one', async () => {
    const none = await open(`${remote.url.replace('//', '//ada:right@')}/none.git`)
    await problem(none, 'There is no repository at').waitFor()
    const page = await open(`${remote.url.replace('//', '//ada:wrong@')}/lab.git`)
    await problem(page, 'refused the credentials').waitFor()
    await page.getByLabel('User, if the server wants one').fill('ada')
    await page.getByLabel('Token or password').fill('right')
    await page.getByRole('button', { name: 'Open with it' }).click()
    await page.getByRole('heading', { level: 1, name: 'lab' }).first().waitFor()
  })

  for (const [mode, script] of Object.entries(NO_STORAGE)) {
    it(`of a browser that gives no storage: ${mode}`, async () => {
      const worker = readFileSync(join(bundleFolder(), 'worker.js'), 'utf8')
      const denying = await serveSite(new Map([['worker.js', `${script}\n${worker}`]]))
      try {
        const page = await open(`${remote.url}/lab.git`, denying.url)
        await problem(page, 'gives the page no storage').getByText('ordinary').waitFor()
        expect(await page.getByRole('button', { name: 'Try again' }).count()).to.equal(1)
      } finally {
        await denying.close()
      }
    })
  }
})
