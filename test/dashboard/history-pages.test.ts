import { expect } from 'chai'
import type { Page } from 'playwright-core'
import type { Source } from '../../src/dashboard/source/source.ts'
import { type Animals, makeAnimals } from './animals.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'

const EDITS = 60

describe('a history that is long, or comes slowly', function () {
  this.timeout(180_000)
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page
  /** Whether a history comes only when it is stopped. */
  let isSlow = false
  let onStopped: () => void
  const stopped = new Promise<void>((resolve) => {
    onStopped = resolve
  })

  before(async function () {
    animals = await makeAnimals()
    for (let n = 0; n < EDITS; n++) {
      await animals.workspace.runs.update(animals.second, { notes: `Note ${n}` })
    }
    dashboard = await openDashboard(this, { ...animals.source, history })
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await animals?.close()
  })

  const history: Source['history'] = async (request, call = {}) => {
    if (!isSlow) return animals.source.history(request, call)
    call.onProgress?.({ text: 'reading the history', done: 25 })
    const { signal } = call
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        onStopped()
        reject(signal.reason)
      })
    })
  }

  it('comes a page at a time', async () => {
    await dashboard.go(`/run/${animals.second}?tab=history`)
    const rows = page.getByRole('region', { name: 'History' }).locator('tbody tr')
    const more = page.getByRole('button', { name: 'Show more' })
    await more.waitFor()
    expect(await rows.count()).to.equal(50)
    await more.click()
    // Besides, it was started and finished.
    await rows.nth(EDITS + 1).waitFor()
    await more.waitFor({ state: 'detached' })
    expect(await rows.count()).to.equal(EDITS + 2)
  })

  it('tells how far it is, and is stopped and gone on with', async () => {
    isSlow = true
    await dashboard.go(`/run/${animals.first}?tab=history`)
    await page.getByText('Reading… 25 commits so far').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('It was stopped.').waitFor()
    isSlow = false
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('finish run').first().waitFor()
    await stopped
    expect(dashboard.complaints).to.deep.equal([])
  })
})
