import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { lsRemote, makeEmptyOrigin } from '../support/team.ts'
import { createTestTracking } from '../support/tracking.ts'
import { type Animals, makeAnimals } from './animals.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'

const MINE = `sha256:${'a'.repeat(64)}`
const THEIRS = `sha256:${'b'.repeat(64)}`

describe('the page of sync', () => {
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page
  let origin: string
  let other: Workspace

  before(async function () {
    animals = await makeAnimals()
    origin = join(animals.folder, 'origin.git')
    makeEmptyOrigin(origin)
    const elsewhere = createTestTracking(join(animals.folder, 'other'), {
      remotes: makeRemoteHost()
    })
    other = createWorkspace(elsewhere.store, { project: 'lab' })
    dashboard = await openDashboard(this, animals.source)
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await other?.close()
    await animals?.close()
  })

  const press = (name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click()

  it('says what to do without a remote', async () => {
    await dashboard.go('/sync/lab')
    await page.getByText('runtree remote add origin <address> --project lab').waitFor()
    await page.getByText('no field was set to different values').waitFor()
  })

  it('pushes', async () => {
    await animals.workspace.remotes.add('origin', origin)
    await dashboard.go('/')
    await dashboard.go('/sync/lab')
    await press('Push')
    await page.locator('.outcome', { hasText: 'new there' }).waitFor()
    expect(lsRemote(origin)).to.include.keys('refs/heads/main', 'refs/heads/experiments/animals')
    await press('Push')
    await page.getByText('Nothing was to be exchanged.').waitFor()
  })

  it('brings what others did, and lets one decide what went apart', async () => {
    await other.clone(origin, { name: 'lab' })
    await other.datasets.create({ name: 'digits', digest: THEIRS })
    await other.push()
    await animals.workspace.datasets.create({ name: 'digits', digest: MINE })
    await press('Sync')
    await page.locator('.outcome', { hasText: 'merged' }).waitFor()
    const conflict = page.locator('.conflict', { hasText: 'lab/datasets/digits' })
    await conflict.getByText(THEIRS, { exact: true }).waitFor()
    await conflict
      .locator('.conflict-values > li', { hasText: MINE })
      .getByRole('button', { name: /this one/ })
      .click()
    await page.getByText('no field was set to different values').waitFor()
    const dataset = await animals.workspace.datasets.get('lab/datasets/digits')
    expect(dataset?.fields).to.include({ digest: MINE })
    expect(dataset?.fields).not.to.have.property('conflicts')
    await press('Sync')
    await page.locator('.outcome', { hasText: 'brought up to date' }).waitFor()
    await other.pull()
    const there = await other.datasets.get('lab/datasets/digits')
    expect(there?.fields).to.include({ digest: MINE })
  })

  it('says plainly that a remote is gone', async () => {
    rmSync(origin, { recursive: true })
    await press('Pull')
    await page.locator('.outcome[role=alert]').waitFor()
    expect(await page.locator('.outcome .state-code').textContent()).to.match(/^(REMOTE|STORE)_/)
    expect(dashboard.complaints).to.deep.equal([])
  })
})
