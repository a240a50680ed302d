import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { openPage } from '../support/chromium.ts'
import type { ForgeServer } from '../support/forge-server.ts'
import { serveGitHub } from '../support/github-server.ts'
import { startBrowser } from './browser.ts'
import { serveSite } from './site.ts'
import { makeStudy, type Study, shareStudy } from './study.ts'

describe('the dashboard over the API of a forge, in Chromium', function () {
  this.timeout(120_000)
  let study: Study
  let server: ForgeServer
  let site: Awaited<ReturnType<typeof serveSite>>
  let browser: Browser

  before(async function () {
    browser = await startBrowser(this)
    study = await makeStudy()
    const origin = await shareStudy(study, { summary: true })
    server = await serveGitHub(origin, { token: 'right' })
    site = await serveSite()
  })

  after(async () => {
    await browser?.close()
    await site?.close()
    await server?.close()
    await study?.close()
  })

  const addressOf = (): string =>
    `${site.url}/?${new URLSearchParams({
      remote: 'https://github.example/ada/lab',
      forge: 'github',
      api: server.url
    })}`

  it('asks for a token, shows the runs and what is in them, and changes nothing', async () => {
    const page = await openPage(await browser.newContext(), addressOf())
    await page.getByLabel('Token or password').fill('right')
    await page.getByText(`is sent to ${new URL(server.url).host} and`).waitFor()
    await page.getByRole('button', { name: 'Open with it' }).click()
    await page.getByText('train').first().waitFor()
    await page.evaluate("location.hash = '#/runs/lab/train'")
    await page.getByText('0.2500').first().waitFor()
    const table = server.requests.length
    expect(table).to.be.at.most(10)
    expect(server.requests.at(-1)?.authorization).to.equal('Bearer right')
    expect(await page.getByText('read-only').count()).to.be.above(0)
    // A second visit shows what is here and asks for the branches alone.
    server.requests.length = 0
    await page.reload()
    await page.getByText('0.2500').first().waitFor()
    for (const { line } of server.requests) expect(line).to.contain('/git/matching-refs/')
    // What a table does not show comes when it is looked at.
    await page.evaluate(`location.hash = '#/run/${study.first}?tab=log'`)
    await page.getByText('loss is 0.5').first().waitFor()
    expect(server.requests.some(({ line }) => line.includes('/git/blobs/'))).to.equal(true)
    expect(await page.getByRole('button', { name: /delete|rename|edit/i }).count()).to.equal(0)
  })
})
