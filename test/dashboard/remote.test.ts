import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { bundleForBrowser, openPage } from '../support/chromium.ts'
import { git } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { startBrowser } from './browser.ts'
import { bundleFolder, serveSite } from './site.ts'
import { ATTACK, makeStudy, type Study, shareStudy } from './study.ts'

describe('the dashboard over a remote, in Chromium', function () {
  this.timeout(120_000)
  let study: Study
  let origin: string
  let remote: GitHttpServer
  let site: Awaited<ReturnType<typeof serveSite>>
  let browser: Browser
  let context: BrowserContext
  /** What was asked of the site, and what it keeps to itself. */
  const asked = new Set<string>()
  let isKept = (_path: string): boolean => false
  const USERS = {
    ada: { password: 'right', mayPush: true }
  }

  before(async function () {
    browser = await startBrowser(this)
    study = await makeStudy()
    origin = await shareStudy(study)
    const script = await bundleForBrowser('test/dashboard/page/remote.ts')
    const page =
      '<!doctype html><meta charset="utf-8"><script type="module" src="remote.js"></script>'
    site = await serveSite(
      new Map([
        ['remote.js', script],
        ['remote.html', page]
      ]),
      {
        intercept(path) {
          asked.add(path)
          return isKept(path)
        }
      }
    )
    remote = await serveGitHttp(study.folder, { cors: site.url, users: USERS })
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

  interface TestPage {
    open(remote: object): Promise<unknown>
    // biome-ignore lint/suspicious/noExplicitAny: each case reads other members
    ask(method: string, request: object): Promise<any>
    readonly told: readonly object[]
  }

  const open = async (page: Page, password: string): Promise<unknown> =>
    page.evaluate((given) => (globalThis as unknown as TestPage).open(given), {
      url: `${remote.url}/lab.git`,
      credential: { username: 'ada', password }
    })
  // biome-ignore lint/suspicious/noExplicitAny: each case reads other members
  const ask = (page: Page, method: string, request: object = {}): Promise<any> =>
    page.evaluate(([name, given]) => (globalThis as unknown as TestPage).ask(name, given), [
      method,
      request
    ] as const)

  it('answers every question from a worker, and pushes what is changed', async () => {
    const page = await openPage(context, `${site.url}/remote.html`)
    expect(await open(page, 'wrong')).to.include({ code: 'REMOTE_UNAUTHORIZED' })
    expect(await open(page, 'right')).to.equal('opened')
    expect(await page.evaluate(() => (globalThis as unknown as TestPage).told.length)).to.be.above(
      0
    )
    expect(await ask(page, 'about')).to.deep.include({
      way: 'remote',
      writable: true,
      projects: ['lab'],
      place: `${remote.url}/lab.git`
    })
    const found = await ask(page, 'find', { sort: ['metrics.loss'], columns: ['metrics.loss'] })
    expect(found.rows.map(({ values }: { values: unknown[] }) => values[0])).to.deep.equal([
      0.25,
      0.5,
      null
    ])
    expect((await ask(page, 'run', { address: study.first })).record.name).to.equal('first')
    const steps = await page.evaluate(async (address) => {
      const { series } = await (globalThis as unknown as TestPage).ask('series', {
        runs: [address]
      })
      return series[0].steps instanceof Float64Array ? series[0].steps.length : undefined
    }, study.first)
    expect(steps).to.equal(101)
    expect((await ask(page, 'code', { address: study.first })).patch).to.contain('+rate = 2')
    expect((await ask(page, 'log', { address: study.second })).text).to.contain(ATTACK)
    expect((await ask(page, 'history', { address: study.first })).entries.length).to.be.above(1)
    expect(await ask(page, 'run', { address: 'lab/none/k3f9q2xab7mt' })).to.include({
      code: 'STORE_NOT_FOUND'
    })
    await ask(page, 'edit', { address: study.first, addTags: ['seen'] })
    await study.workspace.pull({ in: 'lab' })
    const pulled = await study.workspace.runs.get(study.first)
    expect(pulled?.fields.tags).to.deep.equal(['seen', 'try'])
  })

  it('shows what was here before while the remote is gone, and says so', async () => {
    let isGone = false
    const other = await serveGitHttp(study.folder, {
      cors: site.url,
      intercept: (_, response) => {
        if (isGone) response.destroy()
        return isGone
      }
    })
    try {
      const page = await openPage(context, `${site.url}/?remote=${other.url}/lab.git`)
      await page.getByText('train').first().waitFor()
      isGone = true
      await page.reload()
      await page.getByText('train').first().waitFor()
      await page.getByText('The remote can’t be reached').first().waitFor()
    } finally {
      await other.close()
    }
  })

  it('brings everything where a page may not ask for another version of the protocol', async () => {
    git(origin, ['config', '--unset', 'uploadpack.allowAnySHA1InWant'])
    const open = await serveGitHttp(study.folder, { cors: site.url })
    try {
      const page = await openPage(
        context,
        `${site.url}/?remote=${open.url}/lab.git#/runs/lab/train`
      )
      await page.getByText('3 runs').first().waitFor()
    } finally {
      git(origin, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
      await open.close()
    }
  })

  /** Puts a project where pages may leave a part of it, and ask for objects by name. */
  const serveParts = async (project: string): Promise<void> => {
    const origin = join(study.folder, `${project}.git`)
    git(study.folder, ['init', '--quiet', '--bare', '--initial-branch=main', origin])
    git(origin, ['config', 'uploadpack.allowFilter', 'true'])
    git(origin, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
    await study.workspace.remotes.add('origin', origin, { in: project })
    await study.workspace.push({ in: project })
  }

  it('brings a long series when it is looked at, where a page may ask in no other version', async () => {
    const run = await study.tracking.startRun({ project: 'far', experiment: 'long', quiet: true })
    for (let step = 0; step < 3000; step++) run.log({ loss: Math.sin(step) }, { step })
    await run.finish()
    await serveParts('far')
    const open = await serveGitHttp(study.folder, { cors: site.url })
    try {
      const page = await openPage(context, `${site.url}/remote.html`)
      const opened = await page.evaluate(
        (given) => (globalThis as unknown as TestPage).open(given),
        { url: `${open.url}/far.git` }
      )
      expect(opened).to.equal('opened')
      const request = { runs: [run.address], maxPoints: 5000 }
      open.requests.length = 0
      const { series } = await ask(page, 'series', request)
      expect(series[0]).to.include({ total: 3000, isThinned: false })
      // What the remote can do is known since it was opened.
      const asked = open.requests.map(({ line }) => line).filter((line) => !/^OPTIONS/.test(line))
      expect(asked).to.deep.equal(['POST /far.git/git-upload-pack'])
    } finally {
      await open.close()
    }
  })

  it('says how much has come of a series that is zoomed into', async () => {
    const metric = 'a'.repeat(200)
    const run = await study.tracking.startRun({ project: 'wide', experiment: 'long', quiet: true })
    for (let step = 0; step < 18_000; step++) run.log({ [metric]: Math.sin(step) }, { step })
    await run.finish()
    await serveParts('wide')
    let isHeld = false
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = await serveGitHttp(study.folder, {
      cors: site.url,
      async pace(sentBytes) {
        if (!isHeld) return
        // Who asks is told from 100 ms on; a packet of git’s may have 65,520 bytes.
        if (sentBytes === 0) await new Promise((resolve) => setTimeout(resolve, 150))
        else if (sentBytes > 140_000) await released
      }
    })
    try {
      const page = await openPage(
        context,
        `${site.url}/?remote=${slow.url}/wide.git#/run/${run.address}`
      )
      const chart = page.getByRole('img', { name: /^Chart of aaa/ })
      await chart.waitFor()
      isHeld = true
      await chart.focus()
      await page.keyboard.press('ArrowRight')
      await page.locator('.legend-at', { hasText: 'step 0' }).waitFor()
      await page.keyboard.press('+')
      await page.getByRole('button', { name: 'Reset zoom' }).first().waitFor()
      await page.getByText(/^Receiving… .*\d kB$/).waitFor()
      release()
      await page.getByText(/^Receiving…/).waitFor({ state: 'detached' })
    } finally {
      release()
      await slow.close()
    }
  })

  it('loads little for a first table, and says so when a part is missing', async () => {
    asked.clear()
    // What comes after the first row, such as what is looked at next, is not counted.
    const content = `const look = new MutationObserver(() => {
      if (document.querySelector('.grid-row') === null) return
      look.disconnect()
      void fetch('/row-is-there')
    })
    look.observe(document, { subtree: true, childList: true })`
    await context.addInitScript({ content })
    const page = await openPage(
      context,
      `${site.url}/?remote=${remote.url.replace('//', '//ada:right@')}/lab.git#/runs/lab/train`
    )
    await page.locator('.grid-row').first().waitFor()
    const bytesOf = (path: string): number =>
      gzipSync(readFileSync(join(bundleFolder(), path))).length
    const sumOf = (paths: readonly string[]): number =>
      paths.reduce((sum, path) => sum + bytesOf(path), 0)
    await until(() => asked.has('row-is-there'))
    const all = [...asked]
    const loaded = all.slice(0, all.indexOf('row-is-there'))
    expect(loaded).to.include.members(['index.html', 'main.css', 'main.js', 'worker.js'])
    expect(sumOf(loaded), loaded.join()).to.be.below(250_000)
    // What `runtree ui` needs: all of that but the worker.
    expect(sumOf(loaded.filter((path) => !path.includes('worker')))).to.be.below(100_000)
    isKept = (path) => path.startsWith('parts/')
    try {
      await page.reload()
      await page.getByText('A part of this page can’t be loaded.').first().waitFor()
    } finally {
      isKept = () => false
    }
  })

  it('has what is needed seldom before the network goes away', async () => {
    asked.clear()
    const page = await openPage(
      context,
      `${site.url}/?remote=${remote.url.replace('//', '//ada:right@')}/lab.git#/runs/lab/train`
    )
    await page.locator('.grid-row').first().waitFor()
    await until(() => [...asked].some((path) => path.startsWith('parts/run-page-')))
    await until(() =>
      ['run-compare-', 'run-compare-rows-', 'yaml-foreign-', 'merge-trees-'].every((part) =>
        [...asked].some((path) => path.startsWith(`parts/worker-${part}`))
      )
    )
    await until(() => [...asked].some((path) => path.startsWith('parts/sanitize-')))
    await page.waitForLoadState('networkidle')
    await context.setOffline(true)
    const runs = `${study.first},${study.second}`
    await page.evaluate(`location.hash = '#/compare/lab/train?runs=${runs}'`)
    await page.getByRole('region', { name: 'Fields of the runs' }).waitFor()
  })

  it('tells a part that is missing from a record that is damaged, and tries again', async () => {
    git(study.folder, ['clone', '--quiet', '--branch=experiments/train', 'lab.git', 'hand'])
    const hand = `${study.folder}/hand`
    const [path] = git(hand, ['ls-files', `*${study.second.split('/')[2]}/run.yaml`]).split('\n')
    appendFileSync(join(hand, path as string), '# by hand\n')
    git(hand, ['commit', '--quiet', '--all', '--message=by hand'])
    git(hand, ['push', '--quiet'])
    isKept = (name) => name.includes('yaml-foreign')
    const page = await openPage(
      context,
      `${site.url}/?remote=${remote.url.replace('//', '//ada:right@')}/lab.git#/runs/lab/train`
    )
    try {
      await page.getByText('A part of this page can’t be loaded.').first().waitFor()
      expect(await page.getByText('can’t be read').count()).to.equal(0)
    } finally {
      isKept = () => false
    }
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.getByText('3 runs', { exact: true }).waitFor()
  })

  it('takes credentials out of the address, and asks for them and for an address where there are none', async () => {
    const url = `${remote.url}/lab.git`
    const address = `${site.url}/?${new URLSearchParams({ remote: url.replace('//', '//ada:right@') })}`
    const page = await openPage(context, address)
    await page.getByText('train', { exact: false }).first().waitFor()
    expect(page.url()).not.to.contain('right')
    await page.reload()
    await page.getByText('train', { exact: false }).first().waitFor()
    const wrong = await openPage(context, `${site.url}/?remote=${remote.url}/none.git`)
    await wrong.getByLabel('Token or password').waitFor()
    const asking = await openPage(context, site.url)
    await asking.getByLabel('Address of the repository').waitFor()
  })
})

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 60_000
  while (!isSo()) {
    if (Date.now() > endMs) throw new TypeError('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
