import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { openPage } from '../support/chromium.ts'
import { git } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { openInFolder, type TestWorkspace } from '../support/workspaces.ts'
import { startBrowser } from './browser.ts'
import { bundleFolder, serveSite } from './site.ts'

/** As many as are worth being read beside. */
const RUNS = 640

/** Put before the worker's script: what the one says that reads records is told to the page, too. */
const TELL = `if (self.name === 'runtree-runs') {
  const channel = new BroadcastChannel('runtree-runs')
  const post = self.postMessage.bind(self)
  self.postMessage = (message, transfer) => {
    const { readBytes, index } = message
    channel.postMessage({ readBytes, indexParts: index?.length })
    post(message, transfer)
  }
}
`

/** Put into the page: collects what is told. */
const LISTEN = `globalThis.told = []
new BroadcastChannel('runtree-runs').onmessage = ({ data }) => globalThis.told.push(data)`

interface Told {
  readonly readBytes?: number
  readonly indexParts?: number
}

describe('a first visit of a page to a remote of many runs', function () {
  this.timeout(120_000)
  let origin: TestWorkspace
  let remote: GitHttpServer
  let site: Awaited<ReturnType<typeof serveSite>>
  let browser: Browser

  before(async function () {
    browser = await startBrowser(this)
    origin = openInFolder()
    const { workspace } = origin
    await workspace.projects.create({ name: 'Vision' })
    await workspace.experiments.create({ name: 'train' })
    await workspace.transaction(async (transaction) => {
      for (let k = 0; k < RUNS; k++) {
        await transaction.create('run', { in: 'vision/train', name: `run ${k}`, params: { k } })
      }
    })
    for (const name of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant']) {
      git(`${origin.folder}/vision.git`, ['config', name, 'true'])
    }
    const script = readFileSync(`${bundleFolder()}/worker.js`, 'utf8')
    site = await serveSite(new Map([['worker.js', TELL + script]]))
    remote = await serveGitHttp(origin.folder, { cors: site.url })
  })

  after(async () => {
    await browser?.close()
    await site?.close()
    await remote?.close()
    await origin?.close()
  })

  it('has their records read, and their index made, by a second worker', async () => {
    const context = await browser.newContext()
    await context.addInitScript({ content: LISTEN })
    const told = (): Promise<readonly Told[]> =>
      page.evaluate(() => (globalThis as unknown as { readonly told: readonly Told[] }).told)
    const page = await openPage(
      context,
      `${site.url}/?remote=${remote.url}/vision.git#/runs/vision/train`
    )
    const shown = page.getByText(`${RUNS} runs`, { exact: true })
    await shown.waitFor({ timeout: 60_000 })
    const isMade = (): boolean =>
      (globalThis as unknown as { readonly told: readonly Told[] }).told.some(
        ({ indexParts }) => indexParts !== undefined
      )
    await page.waitForFunction(isMade, undefined, { timeout: 60_000 })
    const read = (await told()).reduce((sum, { readBytes = 0 }) => sum + readBytes, 0)
    expect(read).to.be.above(RUNS * 100)
    // What was here before is not read anew.
    await page.reload()
    await shown.waitFor({ timeout: 60_000 })
    expect(await told()).to.deep.equal([])
    await context.close()
  })
})
