import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import { git } from '../support/git.ts'
import { ANIMALS, type Animals, makeAnimals } from './animals.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'
import { savedFile } from './saved-file.ts'

describe('the page of a run', () => {
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page

  before(async function () {
    animals = await makeAnimals()
    dashboard = await openDashboard(this, animals.source, { acceptDownloads: true })
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await animals?.close()
  })

  async function show(tab = '', address = animals.second): Promise<void> {
    await dashboard.go(`/run/${address}${tab === '' ? '' : `?tab=${tab}`}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }

  it('says what the run is, how it ended and what it came to', async () => {
    await show()
    await page.getByRole('heading', { level: 1, name: 'tuned' }).waitFor()
    const head = page.locator('.run-head')
    await head.getByText('finished').waitFor()
    expect(await head.locator('.headline').textContent())
      .to.contain('accuracy')
      .and.contain('0.95')
    await page.getByRole('heading', { name: 'Parameters' }).waitFor()
    await page.locator('.markdown strong', { hasText: 'best' }).waitFor()
  })

  it('says what changed from the one before', async () => {
    await show()
    const changes = page.getByRole('region', { name: 'Changed since the run before' })
    await changes.getByRole('row', { name: /lr 0\.1 0\.01/ }).waitFor()
    await changes.getByRole('row', { name: /accuracy 0\.9 0\.95 better/ }).waitFor()
    expect(await changes.textContent()).not.to.contain('depth')
    await changes.getByText('The code differs in 1 file').waitFor()
    await changes.getByRole('link', { name: 'See how' }).click()
    await page.getByRole('row', { name: /added: rate = 2/ }).waitFor()
  })

  it('shows how a metric developed, to eyes, keys and screen readers', async () => {
    await show()
    const chart = page.getByRole('img', { name: /^Chart of loss: train goes from 1 to 0\.01/ })
    await chart.waitFor()
    expect(await chart.locator('canvas').count()).to.equal(1)
    await chart.focus()
    await page.keyboard.press('ArrowRight')
    await page.locator('.legend-at', { hasText: 'step 0' }).waitFor()
    await page.keyboard.press('+')
    await page.getByRole('button', { name: 'Reset zoom' }).first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Reset zoom' }).first().waitFor({ state: 'detached' })
    await pinch(page, chart)
    await page.getByRole('button', { name: 'Reset zoom' }).first().click()
    await page.getByText('As a table').first().click()
    await page
      .getByRole('row', { name: /val 100 1\.5 0\.015 0\.015 step 99 1\.5 step 0/ })
      .waitFor()
    await page.getByLabel('Log values').check()
    await page.getByRole('combobox', { name: 'Over' }).selectOption('elapsed')
    expect(page.url()).to.contain('log=y').and.contain('x=elapsed')
  })

  it('shows which classes and cases are wrong', async () => {
    await show('results')
    await page.getByText('Most often dog is taken for cat: once, 10% of the class.').waitFor()
    const cell = page.getByRole('button', { name: 'dog, taken for cat: 1 of 10 (10%).' })
    await page.getByRole('button', { name: 'cat, told right: 10 of 10 (100%).' }).focus()
    await page.keyboard.press('ArrowDown')
    expect(await cell.and(page.locator(':focus')).count()).to.equal(1)
    await page.keyboard.press('Enter')
    await page.getByText('1 of 20 rows').waitFor()
    const rows = page.getByRole('region', { name: 'Rows of predictions' }).locator('.rows-table')
    await rows.getByRole('row', { name: /img-19 dog cat/ }).waitFor()
    await rows.getByRole('button', { name: 'Open row 1' }).click()
    await page.getByRole('dialog', { name: 'image img-19' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('20 rows').waitFor()
    await page.getByRole('button', { name: 'Only wrong' }).click()
    await page.getByText('1 of 20 rows').waitFor()
    await page.getByRole('button', { name: 'Only wrong' }).click()
    await page.getByLabel('Search in the rows').fill('img-3')
    await page.getByText('1 of 20 rows').waitFor()
  })

  it('shows the log without colours, and searches it', async () => {
    await show('log')
    await page.getByText('warning: 1 wrong', { exact: true }).waitFor()
    await page.getByLabel('Search in the log').fill('END')
    await page.getByText('1 of 2 lines').waitFor()
    await page.locator('mark', { hasText: 'end' }).waitFor()
  })

  it('says where files are, and what is in them', async () => {
    await show('files')
    await page.getByRole('button', { name: /scores\.csv/ }).click()
    await page.getByRole('cell', { name: '0,9' }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    expect((await download).suggestedFilename()).to.equal('scores.csv')
    await page.getByRole('button', { name: /pixel\.png/ }).click()
    const picture = page.locator('.preview-image')
    type Picture = { decode(): Promise<void>; readonly naturalWidth: number }
    const width = await picture.evaluate(async (element) => {
      const image = element as unknown as Picture
      await image.decode()
      return image.naturalWidth
    })
    expect(width).to.equal(1)
    await page.getByRole('button', { name: /weights\.pt/ }).click()
    await page.getByText('s3://bucket/weights.pt').waitFor()
    await page.getByText('The content stays where it is').waitFor()
  })

  it('says whether the run can be reproduced, and how', async () => {
    await show('code')
    await page.getByText('Random seed').waitFor()
    await page.locator('.command', { hasText: 'git apply' }).waitFor()
    await page.getByRole('row', { name: /removed: rate = 1/ }).waitFor()
    await page.getByRole('row', { name: /added: rate = 2/ }).waitFor()
    await page.locator('.run-side').getByText('Runtime').waitFor()
  })

  it('says who did what when', async () => {
    await show('history')
    await page.getByRole('row', { name: /Ada/ }).first().waitFor()
  })

  it('edits name, tags and notes in place', async () => {
    await show()
    await page.getByRole('button', { name: 'Edit name' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('renamed')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor()
    await page.getByRole('button', { name: 'Tag', exact: true }).click()
    await page.getByLabel('New tag').fill('paper')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove tag paper' }).waitFor()
    await page.getByRole('button', { name: 'Edit notes' }).click()
    await page.getByRole('textbox', { name: 'Notes' }).fill('Now *this*.')
    await page.keyboard.press('Control+Enter')
    await page.locator('.markdown em', { hasText: 'this' }).waitFor()
    const run = await animals.workspace.runs.get(animals.second)
    expect(run?.fields).to.deep.include({ name: 'renamed', tags: ['paper'], notes: 'Now *this*.' })
  })

  it('takes a name, a tag and notes back', async () => {
    await show()
    const before = await animals.workspace.runs.get(animals.second)
    const undo = page.getByRole('button', { name: 'Undo' })
    const dismiss = page.getByRole('button', { name: 'Dismiss' })
    /** Makes a change that is said so, and takes it back. */
    const takeBack = async (said: string, change: () => Promise<void>): Promise<void> => {
      while ((await dismiss.count()) > 0) await dismiss.first().click()
      await change()
      const toast = page.getByRole('status').locator('.toast', { hasText: said })
      await toast.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('Taken back').waitFor()
      const now = await animals.workspace.runs.get(animals.second)
      const { name, tags, notes } = before?.fields ?? {}
      expect(now?.fields).to.deep.include({ name, tags, notes })
      expect(await undo.count()).to.equal(0)
    }
    await takeBack('The run is renamed.', async () => {
      await page.getByRole('button', { name: 'Edit name' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('otherwise')
      await page.keyboard.press('Enter')
    })
    await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor()
    await takeBack('The tag paper is taken away.', () =>
      page.getByRole('button', { name: 'Remove tag paper' }).click()
    )
    await page.getByRole('button', { name: 'Remove tag paper' }).waitFor()
    await takeBack('The notes are changed.', async () => {
      await page.getByRole('button', { name: 'Edit notes' }).click()
      await page.getByRole('textbox', { name: 'Notes' }).fill('')
      await page.keyboard.press('Control+Enter')
    })
    await page.locator('.markdown em', { hasText: 'this' }).waitFor()
  })

  it('gives its tables as CSV', async () => {
    await show()
    const csv = (name: string) =>
      savedFile(page, page.getByRole('region', { name }).getByRole('button', { name: 'CSV' }))
    expect((await csv('Metrics')).text).to.contain(
      'metric,unit,last,best,least,greatest,mean,std,points\r\naccuracy,,0.95,0.95,'
    )
    expect((await csv('Parameters')).text).to.equal(
      'parameter,value\r\ndepth,2\r\nlr,0.01\r\nseed,7\r\n'
    )
    await show('results&rows=img-1')
    await page.getByText('11 of 20 rows').waitFor()
    const rows = await csv('Rows of predictions')
    expect(rows.text.split('\r\n').slice(0, 3)).to.deep.equal([
      'image,truth,prediction,correct',
      'img-1,cat,cat,true',
      'img-10,dog,dog,true'
    ])
    expect(rows.text.trim().split('\r\n')).to.have.lengthOf(12)
    await show('history')
    await page.getByText('finish run').first().waitFor()
    const history = await csv('History')
    expect(history.text).to.match(/^time,author,email,experiment,subject,commit\r\n\d{4}-/)
  })

  it('deletes a run, and takes that back', async () => {
    await show('', animals.first)
    await page.getByRole('heading', { level: 1, name: 'plain' }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('plain is deleted.').waitFor()
    expect(await animals.workspace.runs.exists(animals.first)).to.equal(false)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('heading', { level: 1, name: 'plain' }).waitFor()
    expect(await animals.workspace.runs.exists(animals.first)).to.equal(true)
  })

  it('follows a run in progress', async () => {
    const run = await animals.tracking.startRun({ ...ANIMALS, name: 'going' })
    run.log({ loss: 3 }, { step: 0 })
    await show('', run.address)
    await page.getByText(/alive, last heard/).waitFor()
    run.log({ loss: 2 }, { step: 1 })
    run.log({ loss: 1.25 }, { step: 2 })
    await page.locator('.headline', { hasText: '1.25' }).waitFor()
    await page.getByRole('img', { name: /^Chart of loss: loss goes from 3 to 1\.25/ }).waitFor()
    await page.getByRole('tab', { name: 'Log' }).click()
    run.text('a line that comes later')
    await page.getByText('a line that comes later').waitFor()
    await run.finish()
    await page.locator('.run-facts .badge', { hasText: 'finished' }).waitFor()
  })

  it('shows what is readable of a damaged run, and says what is not', async () => {
    damage(animals.repository, animals.first)
    await show('', animals.first)
    await page.locator('.banner.bad', { hasText: 'environment.yaml' }).waitFor()
    await page.getByRole('heading', { level: 1, name: 'plain' }).waitFor()
  })

  it('says that there is no such run', async () => {
    await dashboard.go('/run/lab/animals/zzzzzzzzzzzz')
    await page.getByRole('alert').getByText('STORE_NOT_FOUND').waitFor()
    expect(dashboard.complaints).to.deep.equal([])
  })
})

/** Writes nonsense over the record of a run's machine. */
function damage(repository: string, address: string): void {
  const ref = 'refs/heads/experiments/animals'
  const id = address.split('/').at(-1) as string
  const path = git(repository, ['ls-tree', '-r', '--name-only', ref])
    .split('\n')
    .find((name) => name.includes(id) && name.endsWith('environment.yaml')) as string
  const blob = git(repository, ['hash-object', '-w', '--stdin'], { input: 'host: [1, {\n' }).trim()
  const index = { env: { GIT_INDEX_FILE: `${repository}/damage.index` } }
  git(repository, ['read-tree', ref], index)
  git(repository, ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], index)
  const tree = git(repository, ['write-tree'], index).trim()
  const commit = git(repository, ['commit-tree', tree, '-p', ref, '-m', 'damage']).trim()
  git(repository, ['update-ref', ref, commit])
}

/** Spreads two fingers on a chart. */
async function pinch(page: Page, chart: Locator): Promise<void> {
  const { x, y, width, height } = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const session = await page.context().newCDPSession(page)
  const touch = async (type: string, ...places: readonly number[]): Promise<void> => {
    const touchPoints = places.map((place, id) => ({ id, x: x + width * place, y: y + height / 2 }))
    await session.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints
    })
  }
  await touch('touchStart', 0.45, 0.55)
  await touch('touchMove', 0.4, 0.6)
  await touch('touchMove', 0.3, 0.7)
  await touch('touchEnd')
  await session.detach()
}
