import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { SETTLED, seriousProblems } from './axe.ts'
import { type Leaves, makeLeaves } from './leaves.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'

describe('the dashboard', () => {
  let leaves: Leaves
  let dashboard: OpenDashboard
  let page: Page

  before(async function () {
    leaves = await makeLeaves()
    dashboard = await openDashboard(this, leaves.source, { bypassCSP: true })
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await leaves?.close()
  })

  it('opens at the only project: its experiments, their best runs, and who did what', async () => {
    await page.getByRole('heading', { level: 1, name: 'leaves' }).first().waitFor()
    const experiments = page.getByRole('region', { name: 'Experiments' })
    await experiments
      .getByRole('row', { name: /^nets 300 30 failed greatest accuracy 0\.99 net 7/ })
      .waitFor()
    await page.getByRole('region', { name: 'README' }).getByRole('heading', { level: 3 }).waitFor()
    expect(await page.locator('h1').count()).to.equal(1)
    const activity = page.getByRole('region', { name: 'Activity' })
    await activity.getByText('create 300 objects in nets').waitFor()
    await experiments.getByRole('link', { name: 'nets', exact: true }).click()
    await page.getByRole('grid', { name: 'Runs' }).waitFor()
  })

  it('lists the projects, and how each stands to its remotes', async () => {
    await page.getByRole('link', { name: 'Runtree' }).click()
    const card = page.getByRole('listitem').filter({ hasText: 'leaves' })
    await card.getByText('300 runs').waitFor()
    await card.getByText('only on this machine').waitFor()
    await card.getByRole('link', { name: 'leaves' }).click()
    await page.getByRole('heading', { level: 1, name: 'leaves' }).first().waitFor()
  })

  it('goes back and forth in the history of the browser', async () => {
    await dashboard.go('/')
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await dashboard.go('leaves/nets')
    await page.getByRole('grid').waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await page.goForward()
    await page.getByRole('grid').waitFor()
  })

  it('is dark or light as one wants, and remembers it', async () => {
    const scheme = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.documentElement).colorScheme')
    await page.getByRole('button', { name: 'Colours: as the system' }).click()
    await page.getByRole('button', { name: 'Colours: light' }).click()
    await page.getByRole('button', { name: 'Colours: dark' }).waitFor()
    expect(await scheme()).to.equal('dark')
    await page.reload()
    await page.getByRole('button', { name: 'Colours: dark' }).click()
    await page.getByRole('button', { name: 'Colours: as the system' }).waitFor()
    expect(await scheme()).to.equal('light dark')
  })

  it('says that something is not there, and what to do', async () => {
    await dashboard.go('/project/nowhere')
    await page.getByRole('alert').getByText('STORE_NOT_FOUND').waitFor()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
  })

  it('follows what others change', async () => {
    await dashboard.go('/runs/leaves/nets?filter=tags+has+fresh')
    await page.getByText('No run passes the filter').waitFor()
    await leaves.workspace.runs.create({ in: 'leaves/nets', name: 'newcomer', tags: ['fresh'] })
    await page.getByRole('link', { name: 'newcomer' }).waitFor()
  })

  // Of few runs there is less of the same to look through.
  const FEW = 'tags+has+baseline'
  /** The places, and what is there once all has come. */
  const places = {
    'the projects': ['/', '.remote-states'],
    'a project': ['/project/leaves', '.activity li'],
    runs: [`/runs/leaves/nets?filter=${FEW}`, '.grid-row .heat'],
    'a wrong filter': ['/runs/leaves/nets?filter=tags+has+', '[role=alert]'],
    groups: ['/runs/leaves/nets?by=params.model', 'td.heat'],
    'selected runs': [`/runs/leaves/nets?sel=*&filter=${FEW}`, '.selection-bar']
  } as const
  for (const [name, [route, sign]] of Object.entries(places)) {
    it(`keeps nobody out of ${name}, whatever they see with`, async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await dashboard.go('/sync/leaves')
        await page.locator(sign).waitFor({ state: 'detached' })
        await dashboard.go(route)
        await page.locator(sign).first().waitFor()
        await page.locator('.busy-line').waitFor({ state: 'detached' })
        await page.evaluate(SETTLED)
        expect(await seriousProblems(page)).to.deep.equal([])
      }
    })
  }

  it('has complained of nothing', () => {
    expect(dashboard.complaints).to.deep.equal([])
  })
})
