import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { openPage } from '../support/chromium.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { startBrowser } from './browser.ts'
import { serveSite } from './site.ts'
import { makeStudy, type Study, shareStudy } from './study.ts'

describe('a remote that anybody may read', function () {
  this.timeout(120_000)
  let browser: Browser
  let study: Study
  let site: Awaited<ReturnType<typeof serveSite>>
  let remote: GitHttpServer

  before(async function () {
    browser = await startBrowser(this)
    study = await makeStudy()
    await shareStudy(study)
    site = await serveSite()
    remote = await serveGitHttp(study.folder, {
      cors: site.url,
      isPublic: true,
      users: {
        ada: { password: 'right', mayPush: true },
        eve: { password: 'reader', mayPush: false }
      }
    })
  })

  after(async () => {
    await browser?.close()
    await site?.close()
    await remote?.close()
    await study?.close()
  })

  async function give(page: Page, user: string, password: string): Promise<void> {
    await page.getByLabel('User, if the server wants one').fill(user)
    await page.getByLabel('Token or password').fill(password)
    await page.getByRole('button', { name: 'Use it' }).click()
  }

  it('is changed with a token that is given later, until the tab is closed', async () => {
    const context = await browser.newContext()
    const url = `${site.url}/?remote=${remote.url}/lab.git#/run/${study.first}`
    const page = await openPage(context, url)
    await page.getByRole('heading', { level: 1, name: 'first' }).waitFor()
    expect(await page.getByRole('button', { name: 'Edit name' }).count()).to.equal(0)
    await page.getByRole('button', { name: 'Give a token' }).click()
    await page.getByText(`is sent to ${remote.host} and forgotten`).waitFor()
    const told = page.getByRole('dialog').getByRole('alert')
    await give(page, 'ada', 'wrong')
    await told.getByText('refused the credentials').waitFor()
    await give(page, 'eve', 'reader')
    await told.getByText('may not be written').waitFor()
    await give(page, 'ada', 'right')
    await page.getByText('you may change things now').waitFor()
    await page.getByRole('button', { name: 'Give a token' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Edit name' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('renamed')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor()
    await study.workspace.pull({ in: 'lab' })
    expect((await study.workspace.runs.get(study.first))?.fields.name).to.equal('renamed')
    await page.reload()
    await page.getByRole('button', { name: 'Edit name' }).waitFor()
    const later = await openPage(context, url)
    await later.getByRole('button', { name: 'Give a token' }).waitFor()
    await context.close()
  })
})
