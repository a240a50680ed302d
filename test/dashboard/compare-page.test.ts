import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { type Animals, makeAnimals } from './animals.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'
import { savedFile } from './saved-file.ts'

describe('the page of runs compared', () => {
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page

  before(async function () {
    animals = await makeAnimals()
    dashboard = await openDashboard(this, animals.source)
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await animals?.close()
  })

  async function compare(params = ''): Promise<void> {
    const runs = encodeURIComponent(`${animals.first},${animals.second}`)
    await dashboard.go(`/compare/lab/animals?runs=${runs}${params}`)
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
  }

  it('lets one choose runs', async () => {
    await dashboard.go('/compare/lab/animals')
    await page.getByLabel('Search runs').fill('nothing is called so')
    await page.getByText('No run is called so.').waitFor()
    await page.getByLabel('Search runs').fill('')
    await page.getByLabel('plain').check()
    await page.getByLabel('tuned').check()
    await page.getByRole('button', { name: 'Compare 2 runs' }).click()
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
    expect(page.url()).to.contain(encodeURIComponent(animals.second))
  })

  it('shows only what differs, and all if one wants', async () => {
    await compare()
    const table = page.locator('.compare-table')
    await table.getByRole('row', { name: 'lr 0.1 0.01' }).waitFor()
    await table.getByRole('row', { name: 'accuracy ↑ 0.9 0.95 best' }).waitFor()
    expect(await table.getByRole('row', { name: /depth/ }).count()).to.equal(0)
    await page.getByLabel(/fields that are the same/).check()
    await table.getByRole('row', { name: 'depth 2 2' }).waitFor()
  })

  it('compares with another one', async () => {
    await compare()
    await page.getByRole('button', { name: 'Compare the others with tuned' }).click()
    await page.getByRole('row', { name: 'lr 0.01 0.1' }).waitFor()
  })

  it('lays series over each other', async () => {
    await compare('&tab=charts')
    const name = /^Chart of loss: plain train goes from 1 to 0\.01.* tuned train goes from 1/
    await page.getByRole('img', { name }).waitFor()
    const hide = page.getByRole('button', { name: /^plain train/ })
    await hide.click()
    expect(await hide.getAttribute('aria-pressed')).to.equal('false')
  })

  it('draws a metric against a parameter', async () => {
    await compare('&tab=scatter&sx=params.lr&sy=metrics.accuracy')
    await page.getByRole('img', { name: /^metrics.accuracy of 2 runs against params.lr/ }).waitFor()
    await page.getByText('As a table').click()
    await page.getByRole('row', { name: 'tuned 0.01 0.95' }).waitFor()
  })

  it('shows how the code differs', async () => {
    await compare('&tab=code')
    await page
      .getByRole('row', { name: /removed: rate = 1|added: rate = 2/ })
      .first()
      .waitFor()
  })

  it('gives what is compared as CSV', async () => {
    await compare('')
    const fields = page.getByRole('region', { name: 'What differs' })
    const { text } = await savedFile(page, fields.getByRole('button', { name: 'CSV' }))
    const lines = text.split('\r\n')
    expect(lines[0]).to.equal('group,field,plain,tuned')
    expect(lines).to.include.members([
      'params,params.lr,0.1,0.01',
      'metrics,metrics.accuracy,0.9,0.95'
    ])
    await compare('&tab=rows')
    const rows = page.getByRole('region', { name: /^predictions/ })
    const joined = await savedFile(page, rows.getByRole('button', { name: 'CSV' }))
    expect(joined.name).to.equal('predictions plain tuned.csv')
    expect(joined.text.split('\r\n').slice(0, 2)).to.deep.equal([
      'image,state,truth (plain),truth (tuned),prediction (plain),prediction (tuned),correct (plain),correct (tuned)',
      'img-18,improved,dog,dog,cat,dog,false,true'
    ])
  })

  it('shows which cases became better', async () => {
    await compare('&tab=rows')
    await page.getByRole('button', { name: 'img-18' }).waitFor()
    await page.getByRole('button', { name: /^Improved 1/ }).waitFor()
    await page.getByRole('button', { name: /^Worsened 0/ }).click()
    await page.getByText('There are no such rows.').waitFor()
    await page.getByRole('button', { name: /^Improved 1/ }).click()
    await page.getByRole('button', { name: 'img-18' }).click()
    const dialog = page.getByRole('dialog', { name: 'image img-18' })
    await dialog.getByRole('row', { name: 'prediction cat dog' }).waitFor()
    expect(dashboard.complaints).to.deep.equal([])
  })
})
