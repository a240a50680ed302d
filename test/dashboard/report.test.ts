import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { createReportPage } from '../../src/dashboard/server/report-page.ts'
import {
  collectReport,
  REPORT_LIMITS,
  type ReportData
} from '../../src/dashboard/source/report-data.ts'
import { createReportSource } from '../../src/dashboard/source/report-source.ts'
import { SOURCE_METHODS, type Source, WRITING_METHODS } from '../../src/dashboard/source/source.ts'
import { formatWire, parseWire } from '../../src/dashboard/source/wire.ts'
import { createDesk } from '../cli/desk.ts'
import { findChromium, launchChromium, openPage } from '../support/chromium.ts'
import { bundleFolder } from './site.ts'
import { ATTACK, LAB, makeStudy, type Study } from './study.ts'

const MADE = '2026-11-29T10:00:00.000Z'

describe('a report', () => {
  let study: Study
  let data: ReportData
  let report: Source

  before(async () => {
    study = await makeStudy()
    const runs = [study.first, study.second, study.child]
    data = await collectReport(study.source, { project: 'lab', runs, made: MADE })
    report = createReportSource(parseWire(formatWire(data)) as ReportData)
  })

  after(() => study.close())

  it('answers as the workspace that it was made from', async () => {
    const { first, second } = study
    const questions: readonly (readonly [keyof Source, object])[] = [
      ['fields', { address: 'lab' }],
      [
        'find',
        {
          sort: ['-metrics.loss', 'name'],
          columns: ['params.lr', 'metrics.loss', 'environment.platform.os']
        }
      ],
      ['find', { address: 'lab/train', filter: 'params.lr < 0.05 and experiment.name = train' }],
      ['find', { filter: 'name ~ "^fir"', offset: 0, limit: 1 }],
      ['group', { by: ['status', 'params.lr'], aggregate: ['metrics.loss'] }],
      ['run', { address: first }],
      ['run', { address: second.split('/').at(-1) as string }],
      ['run', { address: study.child }],
      ['series', { runs: [first, second], metrics: ['loss'], maxPoints: 30, from: 5 }],
      ['value', { address: first, metric: 'confusion' }],
      ['rows', { address: first, result: 'cases', search: 'dog', sort: '-score' }],
      ['log', { address: first }],
      ['artifact', { address: first, path: 'page.html', maxBytes: 10 }],
      ['code', { address: first }],
      ['history', { address: first, limit: 20 }],
      ['compareRows', { base: first, other: second, result: 'cases', column: 'right' }],
      [
        'compareRows',
        { base: first, other: second, result: 'cases', column: 'right', show: 'all', limit: 1 }
      ],
      ['views', { address: 'lab' }],
      ['conflicts', { address: 'lab' }]
    ]
    for (const [method, request] of questions) {
      const call = (source: Source): Promise<unknown> => source[method](request as never)
      const name = `${method} ${JSON.stringify(request)}`
      expect(await call(report), name).to.deep.equal(await call(study.source))
    }
    const [here, there] = await Promise.all(
      [report, study.source].map((source) => source.compare({ runs: [first, second] }))
    )
    expect(here?.fields).to.deep.equal(there?.fields)
    expect((await report.project({ address: 'lab' })).readme).to.match(/^# lab/)
    expect(await report.about()).to.deep.include({
      way: 'report',
      writable: false,
      made: MADE,
      project: 'lab'
    })
  })

  it('changes nothing, and says what it does not have', async () => {
    for (const method of SOURCE_METHODS) {
      const error = await report[method]({
        address: 'lab/none/zzzzzzzzzzzz',
        runs: ['x', 'y']
      } as never).then(
        () => undefined,
        (thrown: { readonly code: string }) => thrown.code
      )
      if (WRITING_METHODS.includes(method)) expect(error, method).to.equal('READ_ONLY')
      else expect(error, method).not.to.be.oneOf(['UNEXPECTED', 'READ_ONLY'])
    }
    for (const [method, code] of [
      ['live', 'NOT_INCLUDED'],
      ['run', 'STORE_NOT_FOUND']
    ] as const) {
      const error = await report[method]({ address: 'none' }).catch((thrown: unknown) => thrown)
      expect(error).to.include({ code })
    }
  })

  it('says what it leaves out', async () => {
    const run = await study.tracking.startRun({ ...LAB, name: 'large', code: false })
    for (let step = 0; step < REPORT_LIMITS.points + 1; step++) run.log({ loss: step }, { step })
    for (let id = 0; id <= REPORT_LIMITS.rows; id++) run.row('many', { id }, { key: 'id' })
    run.text('x'.repeat(REPORT_LIMITS.logChars + 1))
    await run.artifact('big.bin', new Uint8Array(REPORT_LIMITS.artifactBytes + 1))
    await run.finish()
    const large = await collectReport(study.source, {
      project: 'lab',
      runs: [run.address],
      made: MADE
    })
    expect(large.omitted).to.have.length(4)
    const source = createReportSource(large)
    expect((await source.rows({ address: run.address, result: 'many' })).total).to.equal(
      REPORT_LIMITS.rows
    )
    expect((await source.log({ address: run.address })).isCut).to.equal(true)
    const error = await source
      .artifact({ address: run.address, path: 'big.bin' })
      .catch((thrown) => thrown)
    expect(error).to.include({ code: 'NOT_INCLUDED' })
    expect((await source.about()).omitted).to.deep.equal(large.omitted)
  })

  it('holds data that cannot break out of it', async () => {
    const script = 'x("</script>", "<!-- <script>", /<!--/)'
    const page = await createReportPage(data, { title: ATTACK, script, style: 'a{}' })
    expect(page.match(/<script/g)).to.have.length(2)
    expect(page.match(/<\/script/g)).to.have.length(2)
    expect(page).not.to.contain('<!--').and.not.to.contain('<img')
    const json = /id="runtree-data">(.*?)<\/script>/s.exec(page)?.[1] as string
    expect(parseWire(json)).to.deep.equal(parseWire(formatWire(data)))
    expect(page).to.match(/script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='/)
    expect(page).not.to.contain('unsafe')
  })

  describe('as a file', function () {
    this.timeout(120_000)
    let browser: Browser | undefined
    const executable = findChromium()

    before(async () => {
      if (executable !== undefined) browser = await launchChromium(executable)
      else if (process.env.CI === 'true') throw new TypeError('there is no Chromium')
    })

    after(() => browser?.close())

    it('is written by runtree export, and opens without a server', async function () {
      if (browser === undefined) return this.skip()
      const desk = createDesk(study.folder, join(study.folder, 'home'), {
        dashboardFolder: bundleFolder()
      })
      const path = join(study.folder, 'report.html')
      const { status, err } = await desk.ask(['export', 'lab', path])
      expect([status, err.split(' (')[0]]).to.deep.equal([0, `Wrote 4 runs to ${path}`])
      expect(readFileSync(path, 'utf8')).to.contain('name="runtree" content="report"')
      const again = await desk.ask(['export', 'lab', path])
      expect(again.status).to.equal(2)
      const context = await browser.newContext()
      const asked: string[] = []
      context.on('request', (request) => {
        if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url())
      })
      try {
        const page = await openPage(context, pathToFileURL(path).href)
        await page.getByText('train').first().waitFor()
        await page.goto(`${pathToFileURL(path).href}#/runs/lab/train`)
        await page.getByRole('grid').getByText('first').first().waitFor()
        await page.getByText(/^A report of .*: what happened later is not in it, and/).click()
        await page.getByText('Of 1 results only the first 1000 rows are here.').waitFor()
        expect(await page.evaluate('globalThis.hacked')).to.equal(undefined)
        expect(asked).to.deep.equal([])
      } finally {
        await context.close()
      }
    })
  })
})
