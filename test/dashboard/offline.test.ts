import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import { makeEmptyOrigin } from '../support/team.ts'
import { type Animals, makeAnimals } from './animals.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'

describe('a page whose network goes away', () => {
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page

  before(async function () {
    animals = await makeAnimals()
    const origin = `${animals.folder}/origin.git`
    makeEmptyOrigin(origin)
    await animals.workspace.remotes.add('origin', origin, { in: 'lab' })
    dashboard = await openDashboard(this, animals.source)
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await animals?.close()
  })

  const heading = (name: RegExp | string): Locator =>
    page.getByRole('heading', { level: 1, name }).first()
  const gone = (): Locator => page.getByRole('status').filter({ hasText: 'is the last that was' })
  const tab = (name: RegExp): Promise<void> => page.getByRole('tab', { name }).click()

  async function leave(): Promise<void> {
    await page.context().setOffline(true)
    await gone().waitFor()
  }

  /** Comes back; nothing but the button is needed for what was missed. */
  async function comeBack(): Promise<void> {
    await page.getByRole('alert').getByText('does not answer any more').first().waitFor()
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await gone().waitFor({ state: 'detached' })
  }

  it('keeps what it has of a run, and gets the rest later', async () => {
    await dashboard.go(`/run/${animals.second}`)
    await heading('tuned').waitFor()
    await page.getByRole('img', { name: /^Chart of loss/ }).waitFor()
    await leave()
    expect(await heading('tuned').isVisible()).to.equal(true)
    await tab(/^Log/)
    await comeBack()
    await page.getByText('the end', { exact: true }).waitFor()
    await leave()
    await tab(/^Results/)
    await comeBack()
    await page.context().setOffline(false)
    const again = page.getByRole('button', { name: 'Try again' })
    for (let left = await again.count(); left > 0; left--) await again.first().click()
    await page.getByText('20 rows').waitFor()
  })

  it('keeps what it has of a comparison, and gets the rest later', async () => {
    await dashboard.go(`/compare/lab/animals?runs=${animals.first},${animals.second}`)
    await page.getByRole('region', { name: 'Fields of the runs' }).waitFor()
    await leave()
    expect(await page.getByRole('region', { name: 'Fields of the runs' }).isVisible()).to.equal(
      true
    )
    await tab(/^Charts/)
    await comeBack()
    await page.getByRole('img', { name: /^Chart of loss/ }).waitFor()
    await leave()
    await tab(/^Rows/)
    await comeBack()
    await page.getByRole('region', { name: 'Rows of both runs' }).waitFor()
  })

  it('says of an exchange that it did not come about, which may be tried again', async () => {
    await dashboard.go('/sync/lab')
    await heading('Sync').waitFor()
    const card = page.getByRole('region', { name: 'origin' })
    await card.getByRole('button', { name: 'Push' }).waitFor()
    await leave()
    await card.getByRole('button', { name: 'Push' }).click()
    await card.getByRole('alert').getByText('does not answer any more').waitFor()
    await card.getByText('to push').first().waitFor()
    await page.context().setOffline(false)
    await card.getByRole('button', { name: 'Push' }).click()
    await card.getByRole('status').getByText('new there').first().waitFor()
    expect(await card.getByRole('alert').count()).to.equal(0)
  })
})
