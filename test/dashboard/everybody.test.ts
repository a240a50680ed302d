import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { makeEmptyOrigin } from '../support/team.ts'
import { createTestTracking } from '../support/tracking.ts'
import { type Animals, makeAnimals } from './animals.ts'
import { SETTLED, seriousProblems } from './axe.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'

describe('the dashboard for everybody', function () {
  this.timeout(180_000)
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page

  before(async function () {
    animals = await makeAnimals()
    await disagree(animals)
    dashboard = await openDashboard(this, animals.source, { bypassCSP: true })
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await animals?.close()
  })
  afterEach(() => page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' }))

  // Who is told that something came or went may be told before the focus moves.
  const focused = (locator: Locator): Promise<boolean> =>
    locator
      .and(page.locator(':focus'))
      .waitFor({ timeout: 20_000 })
      .then(
        () => true,
        () => false
      )
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true })

  /** The places, and what is there once all has come. */
  const places: readonly (readonly [string, () => string, string])[] = [
    ['what two people disagree about', () => '/sync/lab', '.conflict'],
    ['a run', () => `/run/${animals.second}`, 'canvas'],
    ['the rows of a run', () => `/run/${animals.second}?tab=results`, '#result-rows tbody tr'],
    ['the history of a run', () => `/run/${animals.second}?tab=history`, 'tbody tr'],
    ['runs compared', () => compare(''), '.compare-table'],
    ['rows joined', () => compare('&tab=rows'), '.joined'],
    ['a project without anything', () => '/project/bare', '.state pre'],
    ['what is not there', () => '/run/lab/animals/zzzzzzzzzzzz', '[role=alert]']
  ]
  const compare = (more: string): string =>
    `/compare/lab/animals?runs=${animals.first},${animals.second}${more}`
  for (const [name, routeOf, sign] of places) {
    it(`keeps nobody out of ${name}`, async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        // What is too wide is so in any colours.
        for (const width of colorScheme === 'light' ? [390, 1280] : [1280]) {
          await page.setViewportSize({ width, height: 900 })
          await dashboard.go('/')
          await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor()
          await dashboard.go(routeOf())
          await page.locator(sign).first().waitFor()
          await page.locator('.busy-line').waitFor({ state: 'detached' })
          await page.evaluate(SETTLED)
          const size = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
          expect(size, `${name} at ${width}`).to.equal(0)
          expect(await page.locator('h1').count(), name).to.equal(1)
          if (width === 1280) expect(await seriousProblems(page)).to.deep.equal([])
        }
      }
      await page.setViewportSize({ width: 1280, height: 900 })
    })
  }

  it('says what is not there, and leads to what is', async () => {
    await dashboard.go('/run/lab/animals/zzzzzzzzzzzz')
    await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
    await page.getByRole('link', { name: 'To the runs of animals' }).click()
    await page.getByRole('heading', { level: 1, name: 'animals' }).waitFor()
    await dashboard.go('/runs/lab/nothing')
    await page.getByRole('link', { name: 'To the project lab' }).click()
    await page.getByRole('heading', { level: 1, name: 'lab' }).waitFor()
    for (const place of ['/project/nothing', '/nothing/at/all']) {
      await dashboard.go(place)
      await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
      await page.getByRole('link', { name: 'To all projects' }).click()
      await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor()
    }
  })

  it('gives the focus back to what opened a dialog', async () => {
    const [, , id] = animals.first.split('/')
    await dashboard.go(`/runs/lab/animals?sel=${id}`)
    for (const [name, field] of [
      ['Rename', 'Name'],
      ['Tag', 'Add tags, with spaces between'],
      ['Note', 'Notes (Markdown)']
    ] as const) {
      await button(name).focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      expect(await focused(dialog.getByLabel(field)), name).to.equal(true)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await focused(button(name)), name).to.equal(true)
    }
    await button('Columns').focus()
    await page.keyboard.press('Enter')
    const popover = page.getByRole('dialog')
    await popover.waitFor()
    await page.keyboard.press('Escape')
    await popover.waitFor({ state: 'detached' })
    expect(await focused(button('Columns'))).to.equal(true)
    await button('Help').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused(button('Help'))).to.equal(true)
  })

  it('gives up by Escape what was typed, and goes back to where one was', async () => {
    await dashboard.go(`/run/${animals.second}`)
    for (const [name, field] of [
      ['Edit name', 'Name'],
      ['Edit notes', 'Notes'],
      ['Tag', 'New tag']
    ] as const) {
      await button(name).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('textbox', { name: field, exact: true }).fill('something else')
      await page.keyboard.press('Escape')
      await button(name).waitFor()
      expect(await focused(button(name)), name).to.equal(true)
    }
    const run = await animals.workspace.runs.get(animals.second)
    expect(run?.fields).to.deep.include({ name: 'tuned', notes: 'The **best** so far.' })
    expect(run?.fields.tags ?? []).to.deep.equal([])
  })

  it('shows where the focus is, wherever Tab leads', async () => {
    await dashboard.go(`/run/${animals.second}`)
    await page.locator('canvas').first().waitFor()
    await page.getByRole('link', { name: 'Runtree' }).focus()
    const seen = new Set<string>()
    for (let press = 0; press < 40; press++) {
      await page.keyboard.press('Tab')
      const found = (await page.evaluate(SHOWN_FOCUS)) as { name: string; isShown: boolean }
      expect(found.isShown, found.name).to.equal(true)
      seen.add(found.name)
    }
    expect([...seen].some((name) => name.startsWith('Compare with the run before'))).to.equal(true)
    expect([...seen].some((name) => name.startsWith('Overview'))).to.equal(true)
  })

  it('draws charts in their colours without motion, too', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await dashboard.go('/')
    await page.getByRole('heading', { level: 1, name: 'Projects' }).waitFor()
    await dashboard.go(`/run/${animals.second}`)
    await page.locator('canvas').first().waitFor()
    await page.locator('.busy-line').waitFor({ state: 'detached' })
    await page.waitForFunction(HAS_GRID)
    expect(dashboard.complaints).to.deep.equal([])
  })
})

/** Tells what has the focus, and whether that is seen: by its outline, or by the frame of a field. */
const SHOWN_FOCUS = `(() => {
  const element = document.activeElement
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
  const isShown = element === document.body || boxShadow !== 'none' ||
    (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0)
  return { name: element.textContent.slice(0, 60) || element.outerHTML.slice(0, 120), isShown }
})()`

/** Tells whether the first chart has the colour that lines between values are drawn with. */
const HAS_GRID = `(() => {
  const probe = document.createElement('i')
  probe.style.cssText = 'transition: none; transition-property: none; color: var(--line)'
  document.body.append(probe)
  const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number)
  probe.remove()
  const canvas = document.querySelector('canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 250 && wanted.every((part, i) => Math.abs(data[at + i] - part) <= 2)) return true
  }
  return false
})()`

/** Lets two copies of the project set one field to different values, and makes a project without runs. */
async function disagree({ folder, workspace }: Animals): Promise<void> {
  const origin = `${folder}/origin.git`
  makeEmptyOrigin(origin)
  await workspace.remotes.add('origin', origin, { in: 'lab' })
  await workspace.push({ in: 'lab' })
  const tracking = createTestTracking(`${folder}/other`, { remotes: makeRemoteHost() })
  const other: Workspace = createWorkspace(tracking.store, { project: 'lab' })
  await other.clone(origin, { name: 'lab' })
  await other.datasets.create({ name: 'digits', digest: `sha256:${'b'.repeat(64)}` })
  await other.push()
  await other.close()
  await workspace.datasets.create({ in: 'lab', name: 'digits', digest: `sha256:${'a'.repeat(64)}` })
  await workspace.pull({ in: 'lab' })
  await workspace.projects.create({ name: 'bare' })
}
