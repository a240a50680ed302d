import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import type { Facts, RunFacts } from './facts.ts'

/** How a way in answers what another way answers otherwise. */
export interface Manners {
  /** What it says of a run in progress. */
  readonly going: RegExp
  /** How many runs it has at most. Default: all. */
  readonly mostRuns?: number
}

/**
 * Walks through the questions as somebody who was given the address alone and has never seen the page: by what
 * can be read on it, with clicks on what is seen. `page` shows the address.
 */
export async function walkQuestions(page: Page, facts: Facts, manners: Manners): Promise<void> {
  const walk = new Walk(page, facts, manners)
  const questions: readonly (readonly [string, () => Promise<void>])[] = [
    ['what is here?', () => walk.arrive()],
    ['which run is best?', () => walk.findBest()],
    ['what changed from the one before?', () => walk.findChanges()],
    ['which cases and classes are wrong?', () => walk.findWrong()],
    ['can I reproduce it?', () => walk.findCode()],
    ['where is the file?', () => walk.findFile()],
    ['who did what when?', () => walk.findHistory()],
    ['how did it develop, compared with those?', () => walk.compareCurves()],
    ['what is running now, and is it alive?', () => walk.findRunning()]
  ]
  for (const [question, answer] of questions) {
    await answer().catch((error: unknown) => {
      if (error instanceof Error) error.message = `${question} ${error.message}`
      throw error
    })
  }
}

class Walk {
  readonly #page: Page
  readonly #facts: Facts
  readonly #manners: Manners
  #best: RunFacts | undefined

  constructor(page: Page, facts: Facts, manners: Manners) {
    this.#page = page
    this.#facts = facts
    this.#manners = manners
  }

  get #main(): Locator {
    return this.#page.getByRole('main')
  }

  /** What is so of the run that was found to be the best. */
  get #run(): RunFacts {
    if (this.#best === undefined) throw new TypeError('the best run was not found')
    return this.#best
  }

  async #title(): Promise<string> {
    return (await this.#main.getByRole('heading', { level: 1 }).textContent()) ?? ''
  }

  #tab(name: RegExp): Promise<void> {
    return this.#main.getByRole('tab', { name }).click()
  }

  async arrive(): Promise<void> {
    const { project } = this.#facts.study
    const title = this.#main.getByRole('heading', { level: 1, name: project }).first()
    const link = this.#main.getByRole('link', { name: project, exact: true })
    await title.or(link).first().waitFor()
    if ((await title.count()) === 0) await link.click()
    await title.waitFor()
  }

  async findBest(): Promise<void> {
    const { study, best, total } = this.#facts
    const row = this.#main.getByRole('row').filter({ hasText: `greatest ${study.metric}` })
    const named = best.map((name) => row.getByRole('link', { name, exact: true }))
    const link = named.reduce((any, each) => any.or(each))
    const name = (await link.first().textContent()) ?? ''
    expect(best).to.include(name)
    await row.getByRole('link', { name: study.experiment }).click()
    const count = Math.min(total, this.#manners.mostRuns ?? total)
    await this.#main.getByText(`${count} runs`, { exact: true }).waitFor()
    const card = this.#main
      .getByRole('group', { name: 'Best runs' })
      .getByRole('link', { name: new RegExp(`^Greatest ${study.metric}`) })
    const shown = (await card.textContent()) ?? ''
    await card.click()
    await this.#main.getByRole('heading', { level: 1, name }).waitFor()
    this.#best = await this.#facts.of(await this.#title())
    expect(Number(/[\d.]+/.exec(shown)?.[0])).to.be.closeTo(this.#best.value, 1e-4)
  }

  async findChanges(): Promise<void> {
    const { previous, changed, commit } = this.#run
    const region = this.#main.getByRole('region', { name: 'Changed since the run before' })
    await region.getByRole('link', { name: previous, exact: true }).waitFor()
    for (const [name, before, here] of changed) {
      await region.getByRole('row', { name: `${name} ${before} ${here}`, exact: true }).waitFor()
    }
    if (commit === undefined) return
    await region.getByText('The code differs in 1 file').waitFor()
    await region.getByRole('link', { name: 'See how' }).click()
    await this.#main.getByRole('row', { name: /added: \+?rate = 0\.01/ }).waitFor()
    await this.#page.goBack()
  }

  async findWrong(): Promise<void> {
    const { mistake, wrong, cases } = this.#run
    await this.#tab(/^Results/)
    if (mistake !== undefined) {
      const { actual, predicted, count } = mistake
      await this.#main.getByText(`Most often ${actual} is taken for ${predicted}`).waitFor()
      const cell = new RegExp(`^${actual}, taken for ${predicted}: ${count} of`)
      await this.#main.getByRole('button', { name: cell }).click()
      await this.#main.getByText(`${count} of ${cases} rows`).waitFor()
      await this.#main.getByRole('button', { name: 'Show all' }).click()
    }
    await this.#main.getByText(`${cases} rows`, { exact: true }).waitFor()
    const only = this.#main.getByRole('button', { name: 'Only wrong' })
    await only.click()
    await this.#main.getByText(`${wrong} of ${cases} rows`).waitFor()
  }

  async findCode(): Promise<void> {
    const { commit } = this.#run
    await this.#tab(/^Code/)
    await this.#main.getByRole('heading', { name: /reproduced/ }).waitFor()
    await this.#main.getByText(/^(Yes: all|In part:|No: nothing)/).waitFor()
    if (commit === undefined) return
    await this.#main.getByText(commit, { exact: true }).first().waitFor()
    await this.#main.getByText('git apply').waitFor()
  }

  async findFile(): Promise<void> {
    const { file } = this.#run
    await this.#tab(/^Files/)
    await this.#main.getByRole('button', { name: this.#facts.study.file }).click()
    await this.#main.getByText(file.digest).waitFor()
    const download = this.#page.waitForEvent('download')
    await this.#main.getByRole('button', { name: 'Download' }).click()
    expect(readFileSync(await (await download).path(), 'utf8')).to.equal(file.text)
  }

  async findHistory(): Promise<void> {
    await this.#tab(/^History/)
    const rows = this.#main.getByRole('row')
    for (const [who, what] of this.#run.history) {
      await rows.filter({ hasText: who }).filter({ hasText: what }).first().waitFor()
    }
  }

  async compareCurves(): Promise<void> {
    const { experiment, metric, curve } = this.#facts.study
    await this.#page
      .getByRole('navigation', { name: 'Where you are' })
      .getByRole('link', { name: experiment })
      .click()
    const grid = this.#main.getByRole('grid', { name: 'Runs' })
    await grid.getByRole('columnheader', { name: metric, exact: true }).click()
    await grid.locator('[role=columnheader][aria-sort=descending]').waitFor()
    const row = (place: number): Locator => grid.locator(`[role=row][aria-rowindex="${place + 1}"]`)
    const first = this.#facts.best.map((name) => row(1).getByRole('link', { name, exact: true }))
    await first.reduce((any, each) => any.or(each)).waitFor()
    const names = [await this.#nameIn(row(1)), await this.#nameIn(row(2))]
    for (const place of [1, 2]) await row(place).getByRole('gridcell').first().click()
    await this.#main.getByRole('button', { name: 'Compare' }).click()
    await this.#tab(/^Charts/)
    const chart = this.#main.getByRole('figure', { name: curve.chart, exact: true })
    await chart.locator('summary').click()
    for (const name of names) {
      const { first, last } = (await this.#facts.of(name)).curve
      const line = chart.getByRole('row').filter({
        has: this.#page.getByRole('rowheader', { name: `${name}${curve.line}`, exact: true })
      })
      const cells = await line.getByRole('cell').allTextContents()
      expect(Number(cells[1])).to.be.closeTo(first, Math.abs(first) * 1e-3)
      expect(Number(cells[2])).to.be.closeTo(last, Math.abs(last) * 1e-3)
    }
  }

  async #nameIn(row: Locator): Promise<string> {
    return (await row.getByRole('link').textContent()) ?? ''
  }

  async findRunning(): Promise<void> {
    const { project, going } = this.#facts.study
    await this.#page
      .getByRole('navigation', { name: 'Where you are' })
      .getByRole('link', { name: project, exact: true })
      .click()
    const [who] = this.#run.history[0] as readonly [string, string]
    await this.#main.getByRole('region', { name: 'Activity' }).getByText(who).first().waitFor()
    await this.#main.getByRole('link', { name: '1 running' }).click()
    await this.#main.getByText('1 run found').waitFor()
    await this.#main.getByRole('grid').getByRole('link', { name: going, exact: true }).click()
    await this.#main.getByRole('heading', { level: 1, name: going }).waitFor()
    await this.#main.getByText('running', { exact: true }).first().waitFor()
    await this.#main.getByText(this.#manners.going).first().waitFor()
  }
}
