import { expect } from 'chai'
import type { Run } from '../../src/node.ts'
import { openWorkspace, startRun } from '../../src/node.ts'
import type { RunContents } from '../../src/service/runs.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { withTempFolder } from '../support/git.ts'
import { collect } from '../support/workspaces.ts'

const QUIET = { code: false, environment: true, quiet: true, push: false } as const

/** Starts a run that has something of everything. */
async function log(folder: string, experiment: string, k: number): Promise<Run> {
  const run = await startRun({ workspace: folder, project: 'vision', experiment, ...QUIET })
  for (let step = 0; step < 3; step++) run.log({ loss: k / (step + 1), acc: step }, { step })
  run.split('fold', { seed: k }).log({ loss: k }, { step: 1 })
  run.value('matrix', [[k]])
  run.computation('fit', { params: { k } }).finish()
  for (let row = 0; row < 4; row++) run.row('cases', { row, k })
  run.text(`run ${k}`)
  await run.artifact('model.bin', new Uint8Array([k, 1, 2]))
  return run
}

/** What one run has, asked for part by part. */
async function readAlone(workspace: Workspace, address: string, at?: string): Promise<object> {
  const read = at === undefined ? {} : { at }
  const below = { in: address, ...read }
  const { text } = await workspace.runs.text(address, read)
  return {
    run: await workspace.runs.get(address, read),
    environment: await workspace.environments.get(`${address}/environment`, read),
    splits: await collect(workspace.splits.list(below)),
    computations: await collect(workspace.computations.list(below)),
    results: await collect(workspace.results.list(below)),
    series: await collect(workspace.runs.series(address, read)),
    rows: await collect(workspace.runs.rows(address, 'cases', read)),
    artifacts: await collect(workspace.artifacts.list(address, read)),
    text
  }
}

async function readContents(contents: RunContents): Promise<object> {
  return {
    run: contents.run,
    environment: await contents.environment(),
    splits: await collect(contents.list('split')),
    computations: await collect(contents.list('computation')),
    results: await collect(contents.list('result')),
    series: await contents.series(),
    rows: await collect(contents.rows('cases')),
    artifacts: await collect(contents.artifacts()),
    text: await contents.text()
  }
}

describe('the contents of many runs', () => {
  it('are what each has by itself: of two experiments, at a commit, and in progress', async () => {
    await withTempFolder(async (folder) => {
      const addresses: string[] = []
      for (const [k, experiment] of ['a', 'a', 'b', 'a'].entries()) {
        const run = await log(folder, experiment, k)
        await run.finish()
        addresses.push(run.address)
      }
      const live = await log(folder, 'a', 9)
      addresses.push(live.address)
      const workspace = await openWorkspace({ folder, project: 'vision', background: false })
      const found: RunContents[] = []
      for await (const contents of workspace.runs.contents(addresses)) {
        found.push(contents)
        const { address } = contents.run
        expect(await readContents(contents)).to.deep.equal(await readAlone(workspace, address))
      }
      expect(found.map(({ run }) => run.address)).to.deep.equal(addresses)
      expect(await found[4]?.text()).to.equal('run 9\n')
      const [metric] = await collect((found[1] as RunContents).list('metric'))
      expect(metric?.fields).to.deep.include({ name: 'matrix', value: [[1]] })

      const { commitOid } = (await workspace.runs.get(addresses[1] as string)) ?? {}
      await workspace.runs.update(addresses[1] as string, { notes: 'later' })
      for (const given of [[addresses[1] as string], [`${addresses[1]}@${commitOid}`]]) {
        const at = given[0] === addresses[1] ? { at: commitOid as string } : {}
        const [before] = await collect(workspace.runs.contents(given, at))
        expect(before?.run.fields.notes).to.equal(undefined)
        expect(await before?.text()).to.equal('run 1\n')
      }
      await live.finish()
      await workspace.close()
    })
  })

  it('come in the order that was asked for, however many there are', async () => {
    await withTempFolder(async (folder) => {
      const workspace = await openWorkspace({ folder, project: 'vision', background: false })
      await workspace.projects.create({ name: 'Vision' })
      const addresses: string[] = []
      await workspace.transaction(async (transaction) => {
        await transaction.create('experiment', { name: 'many' })
        for (let k = 0; k < 100; k++) {
          const address = await transaction.create('run', { in: 'many', name: `${k}` })
          await transaction.create('split', { in: address, name: 'fold', seed: k })
          addresses.push(address)
        }
      })
      const names: string[] = []
      for await (const contents of workspace.runs.contents(addresses, { folders: ['splits'] })) {
        const [split] = await collect(contents.list('split'))
        names.push(`${contents.run.fields.name} ${split?.fields.seed}`)
        expect(await contents.series()).to.deep.equal([])
      }
      expect(names).to.deep.equal(addresses.map((_, k) => `${k} ${k}`))
      await workspace.close()
    })
  })

  it('fail where a run is not there, or has no such result', async () => {
    await withTempFolder(async (folder) => {
      const run = await log(folder, 'a', 1)
      await run.finish()
      const workspace = await openWorkspace({ folder, project: 'vision', background: false })
      const codes: unknown[] = []
      for (const address of [
        `${run.address.slice(0, -12)}zzzzzzzzzzzz`,
        'vision/a',
        'nothing/a/zz'
      ]) {
        const error = await collect(workspace.runs.contents([address])).catch((each) => each)
        codes.push(error.code)
      }
      expect(codes).to.deep.equal(['STORE_NOT_FOUND', 'STORE_WRONG_KIND', 'STORE_NOT_FOUND'])
      const [contents] = await collect(workspace.runs.contents([run.address]))
      const error = await collect((contents as RunContents).rows('none')).catch((each) => each)
      expect(error.code).to.equal('STORE_NOT_FOUND')
      await workspace.close()
    })
  })
})
