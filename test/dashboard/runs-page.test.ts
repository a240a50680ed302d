import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import type { Source } from '../../src/dashboard/source/source.ts'
import { ATTACK, type Leaves, makeLeaves, RUN_COUNT } from './leaves.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'
import { savedFile } from './saved-file.ts'

describe('the table of runs', () => {
  let leaves: Leaves
  let dashboard: OpenDashboard
  let page: Page
  /** What the answers to some filters wait for. */
  const held = new Map<unknown, Promise<void>>()

  before(async function () {
    leaves = await makeLeaves()
    const { source } = leaves
    const find: Source['find'] = async (request, options) => {
      await held.get(request.filter)
      return source.find(request, options)
    }
    dashboard = await openDashboard(this, { ...source, find }, { acceptDownloads: true })
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await leaves?.close()
  })
  beforeEach(async () => {
    await dashboard.go('/')
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
  })

  const grid = (): Locator => page.getByRole('grid', { name: 'Runs' })
  const row = (index: number): Locator => grid().locator(`.grid-row[data-index="${index}"]`)
  const heading = (name: string): Locator => grid().getByRole('columnheader', { name, exact: true })
  const filter = (): Locator => page.getByRole('combobox', { name: 'Filter' })

  async function show(params = ''): Promise<void> {
    await dashboard.go(`/runs/leaves/nets${params}`)
    await row(0).getByRole('link').waitFor()
  }
  const said = (text: string): Promise<void> =>
    page.locator('.runs-title .count', { hasText: text }).waitFor()
  const first = (name: string): Promise<void> =>
    row(0).getByRole('link', { name, exact: true }).waitFor()

  it('tells which run is best without a word of explanation', async () => {
    await show()
    const best = page.getByRole('group', { name: 'Best runs' })
    await best.getByRole('link', { name: 'Greatest accuracy 0.99 net 7' }).waitFor()
    await best.getByRole('link', { name: 'Least loss 0.01 net 7' }).waitFor()
    await first(`net ${RUN_COUNT - 1}`)
    await heading('accuracy').click()
    await first('net 7')
    await row(0).locator('.grid-cell.top').first().waitFor()
    expect(await heading('accuracy').getAttribute('aria-sort')).to.equal('descending')
  })

  it('filters as one writes, with what may come next', async () => {
    await show()
    await filter().fill('params.mo')
    await page.getByRole('option', { name: /^params\.model/ }).waitFor()
    await filter().press('ArrowDown')
    await filter().press('Enter')
    await filter().pressSequentially('= ')
    await page.getByRole('option', { name: 'birch' }).waitFor()
    await filter().pressSequentially('bi')
    await filter().press('Tab')
    await said('100 runs found')
    await filter().pressSequentially('and status = failed')
    await filter().press('Enter')
    await said('10 runs found')
    expect(decodeURIComponent(page.url()).replaceAll('+', ' ')).to.contain(
      'filter=params.model = birch and status = failed'
    )
  })

  it('shows the answer to the newest question, also if an older one comes later', async () => {
    await show()
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const text = 'status = failed'
    held.set(text, gate)
    const asked = page.waitForRequest((request) => request.postData()?.includes(text) === true)
    await filter().fill(text)
    await asked
    await filter().fill('params.model = birch')
    await said('100 runs found')
    release()
    held.delete(text)
    await heading('accuracy').click()
    await first('net 7')
    await said('100 runs found')
  })

  it('shows where a filter is wrong, and what was meant', async () => {
    await show()
    await filter().fill('metrics.accuracy >> 0.5')
    await filter().press('Enter')
    const problem = page.getByRole('alert')
    await problem.getByText('a value is expected').waitFor()
    const picture = (await problem.locator('pre').textContent())?.split('\n')
    expect(picture?.[1]?.indexOf('^')).to.equal('metrics.accuracy >'.length)
    expect(await filter().getAttribute('aria-invalid')).to.equal('true')
    await first(`net ${RUN_COUNT - 1}`)
    await filter().fill('metrics.acuracy > 0.97')
    await filter().press('Enter')
    await page.getByRole('button', { name: 'metrics.accuracy', exact: true }).click()
    await said('1 run found')
    await first('net 7')
    await filter().fill('environment.hots = x')
    await filter().press('Enter')
    await page.getByRole('alert').getByText('Did you mean environment.host?').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).first().click()
    await said(`${RUN_COUNT} runs`)
  })

  it('sorts by several columns', async () => {
    await show()
    await heading('model').click()
    await heading('lr').click({ modifiers: ['Shift'] })
    await heading('lr').click({ modifiers: ['Shift'] })
    await heading('started').click({ modifiers: ['Shift'] })
    await first('net 288')
    expect(page.url()).to.contain('sort=params.model%2C-params.lr%2C-started')
    expect(await heading('lr').getAttribute('aria-sort')).to.equal('descending')
    await heading('model').click()
    await heading('model').click()
    expect(page.url()).not.to.contain('sort=')
  })

  it('goes to the filter and to the help by a key', async () => {
    await show()
    await page.keyboard.press('/')
    await page.locator('.filter-input:focus').waitFor()
    expect(await page.locator('.filter-input').inputValue()).to.equal('')
    await page.locator('.filter-input').blur()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Help' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('chooses, moves, pins and resizes columns, and hides those that do not differ', async () => {
    await show()
    await heading('duration').waitFor({ state: 'detached' })
    expect(await heading('epochs').count()).to.equal(0)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel(/Hide columns that don’t differ/).uncheck()
    await heading('epochs').waitFor()
    await page.getByLabel('Search fields').fill('metrics.loss')
    await page.getByLabel('metrics.loss', { exact: true }).uncheck()
    await page.keyboard.press('Escape')
    await heading('loss').waitFor({ state: 'detached' })
    const menu = async (name: string, item: string): Promise<void> => {
      await heading(name).click({ button: 'right' })
      await page.getByRole('menuitem', { name: item }).click()
    }
    await menu('lr', 'Move left')
    await menu('model', 'Pin to the left')
    await menu('accuracy', 'Wider')
    const columns = decodeURIComponent(/cols=([^&]*)/.exec(page.url())?.[1] ?? '').split(',')
    expect(columns).to.deep.equal([
      'metrics.accuracy~156',
      'started',
      'duration',
      'tags',
      'params.lr',
      'params.epochs',
      '!params.model'
    ])
    expect(await heading('model').getAttribute('class')).to.contain('pinned')
    await heading('lr').dragTo(heading('accuracy'))
    await page.waitForURL(/cols=params\.lr/)
  })

  it('groups runs, and leads to those of a group', async () => {
    await dashboard.go('/runs/leaves/nets?by=params.model')
    const groups = page.getByRole('region', { name: 'Groups' })
    await groups.getByRole('row', { name: /^birch 100 / }).waitFor()
    await groups.getByRole('button', { name: 'accuracy' }).click()
    await groups.getByRole('button', { name: 'birch' }).click()
    await said('100 runs found')
    expect(await filter().inputValue()).to.equal('params.model = birch')
  })

  it('tags a range of runs, and takes that back', async () => {
    await show('?sort=started')
    await row(1).locator('.check').click()
    await row(4)
      .locator('.check')
      .click({ modifiers: ['Shift'] })
    await page.getByText('4 runs selected').waitFor()
    await page.getByRole('toolbar').getByRole('button', { name: 'Tag' }).click()
    await page.getByLabel('Add tags, with spaces between').fill('good paper')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('4 runs tagged').waitFor()
    await row(1).locator('.tag', { hasText: 'paper' }).waitFor()
    expect(
      await leaves.workspace.runs.count({ filter: 'tags has good and tags has paper' })
    ).to.equal(4)
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(1).locator('.tag', { hasText: 'paper' }).waitFor({ state: 'detached' })
    await page.getByText('Taken back').waitFor()
    expect(await leaves.workspace.runs.count({ filter: 'tags has good' })).to.equal(0)
  })

  it('renames a run, notes on it, deletes it and brings it back', async () => {
    await show('?filter=name+%3D+%22net+20%22')
    await row(0).locator('.check').click()
    const tools = page.getByRole('toolbar')
    await tools.getByRole('button', { name: 'Note' }).click()
    await page.getByLabel('Notes (Markdown)').fill('odd one')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await row(0).getByTitle('odd one').waitFor()
    await tools.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('1 run deleted').waitFor()
    await page.getByText('No run passes the filter').waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await first('net 20')
    await row(0).locator('.check').click()
    await tools.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('Name', { exact: true }).fill('oak')
    await page.getByRole('button', { name: 'Rename' }).last().click()
    await page.getByText('Run renamed').waitFor()
    expect(await leaves.workspace.runs.count({ filter: 'name = oak and notes has odd' })).to.equal(
      1
    )
  })

  it('keeps a view in the project, and shows it after a reload', async () => {
    await show('?filter=status+%3D+failed&sort=-metrics.accuracy')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByLabel('Save what you see as').fill('Failures')
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByRole('link', { name: 'Failures' }).waitFor()
    await show()
    await page.reload()
    await page.getByRole('link', { name: 'Failures' }).click()
    await said('30 runs found')
    expect(await filter().inputValue()).to.equal('status = failed')
    const views = await leaves.source.views({ address: 'leaves' })
    expect(views.map(({ name }) => name)).to.deep.equal(['Failures'])
  })

  it('shows again what an address says: filter, order, columns and selection', async () => {
    await show('?sort=started')
    await row(2).locator('.check').click()
    await filter().fill('params.lr < 0.05')
    await filter().press('Enter')
    await said('225 runs found')
    await row(0).locator('.check').click()
    await page.getByText('1 run selected').waitFor()
    const name = (await row(0).getByRole('link').textContent()) ?? ''
    await page.reload()
    await said('225 runs found')
    await page.getByText('1 run selected').waitFor()
    await first(name)
    expect(await row(0).getAttribute('aria-selected')).to.equal('true')
    expect(await filter().inputValue()).to.equal('params.lr < 0.05')
  })

  it('is used with the keyboard alone', async () => {
    await show('?sort=started')
    await grid().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('2 runs selected').waitFor()
    await page.keyboard.press('Control+a')
    await page.getByText(`${RUN_COUNT} runs selected`).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+ArrowDown')
    await row(RUN_COUNT - 1)
      .getByRole('link')
      .waitFor()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await first('net 7')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/run\/leaves\/nets\//)
  })

  it('draws only what is in sight of many rows', async () => {
    await show()
    expect(await grid().getAttribute('aria-rowcount')).to.equal(String(RUN_COUNT + 1))
    expect(await grid().locator('.grid-row').count()).to.be.below(80)
  })

  it('gives the runs that pass as CSV', async () => {
    await show('?filter=metrics.accuracy+%3E+0.9&cols=metrics.accuracy,params.model')
    const { name, text } = await savedFile(page, page.getByRole('button', { name: 'CSV' }))
    const [run] = (await leaves.workspace.runs.find({ filter: 'name = "net 7"' })).rows
    expect(name).to.equal('leaves-nets.csv')
    expect(text).to.equal(
      `address,name,status,metrics.accuracy,params.model\r\n${run?.run.address},net 7,finished,0.99,birch\r\n`
    )
  })

  it('gives groups as CSV', async () => {
    await dashboard.go('/runs/leaves/nets?by=params.model')
    const groups = page.getByRole('region', { name: 'Groups' })
    const { text } = await savedFile(page, groups.getByRole('button', { name: 'CSV' }))
    const [head = '', ...lines] = text.trim().split('\r\n')
    expect(head.startsWith('params.model,runs,mean ')).to.equal(true)
    const counts = lines.map((line) => Number(line.split(',')[1]))
    expect(counts.reduce((sum, count) => sum + count, 0)).to.equal(RUN_COUNT)
  })

  it('takes hostile names for text', async () => {
    await show('?filter=name+~+%22onerror%22')
    await first(ATTACK)
    expect(await page.evaluate(() => 'hacked' in globalThis)).to.equal(false)
    expect(dashboard.complaints).to.deep.equal([])
  })
})
