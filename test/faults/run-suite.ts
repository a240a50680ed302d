import { expect } from 'chai'

import type { RunReport } from '../../src/service/run.ts'
import { createModelDisk, type DiskContent } from '../support/disk-model.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { collect } from '../support/workspaces.ts'
import { atCalls, createRandom, FAULTS, type Fault, type FaultCounts, tried } from './faults.ts'
import { prepareWorld } from './operations.ts'
import {
  findFault,
  openOnDisk,
  openWorld,
  PREPARER,
  REBOOTED,
  VICTIM,
  type World,
  writeContent
} from './world.ts'

const KEY = 'job'
const STEPS = 30

/** What a run was told. */
interface Told {
  /** Steps that were taken before the fault: a killed process loses none. */
  readonly logged: number[]
  /** Steps that were committed before the fault: a power cut loses none. */
  committed: readonly number[]
  report?: RunReport
}

/** Tests that a run in progress keeps, through any fault of the disk, what it was told to be kept. */
export function testRunFaults({ stride, cuts }: FaultCounts): void {
  describe('a run in progress', () => {
    let root: string
    let start: DiskContent
    before(async () => {
      root = makeTempFolder()
      const disk = createModelDisk({ folders: [root], files: new Map() })
      const world = openWorld(root, disk, PREPARER)
      await prepareWorld(world)
      await world.close()
      start = disk.content()
    })
    after(() => removeTempFolder(root))

    for (const fault of FAULTS) {
      it(`survives ${fault.name}`, async () => {
        const random = createRandom(99)
        await atCalls(fault, { first: 1, stride, cuts }, (at) =>
          meet(root, start, fault, at, random)
        )
      })
    }
  })
}

async function meet(
  root: string,
  start: DiskContent,
  fault: Fault,
  at: number,
  random: () => number
): Promise<boolean> {
  const what = `${fault.name}, ${at}`
  const disk = createModelDisk(start)
  const { files, met } = fault.wrap(disk, at)
  const world = openWorld(root, files, VICTIM)
  const told: Told = { logged: [], committed: [] }
  await work(world, told, met)
  await world.close()
  tried.cases += 1
  writeContent(root, fault.leave(disk, random))
  expect(findFault(root), what).to.equal('')
  const next = openOnDisk(root, fault.next)
  try {
    await next.workspace.runs.recover()
    const steps = await stepsOf(next)
    const kept = fault.next === REBOOTED ? told.committed : told.logged
    expect([...steps], what).to.include.members([...kept])
    // A run that ends without a problem has all of its rows, whatever happened on the way.
    if (told.report?.problems.length === 0) {
      expect(steps.size, what).to.equal(STEPS)
      expect(told.report.status, what).to.equal('finished')
    }
    await goOn(next, what)
    expect((await next.workspace.verify()).problems, what).to.deep.equal([])
  } finally {
    await next.close()
  }
  expect(findFault(root), `${what}: afterwards`).to.equal('')
  if (met()) tried.met += 1
  return met()
}

/** Starts a run, logs, commits in the middle, and ends it; notes what was done before the fault. */
async function work({ tracking }: World, told: Told, met: () => boolean): Promise<void> {
  const options = { project: 'vision', experiment: 'train', code: false, key: KEY } as const
  const run = await tracking.startRun(options)
  for (let step = 0; step < STEPS; step++) {
    run.log({ loss: 1 / (step + 1) }, { step })
    if (!met()) told.logged.push(step)
    if (step !== STEPS / 2) continue
    await run.flush()
    if (!met()) told.committed = [...told.logged]
  }
  const report = await run.finish()
  told.report = report
  if (!met()) told.committed = [...told.logged]
}

async function stepsOf({ workspace }: World): Promise<ReadonlySet<number>> {
  const steps = new Set<number>()
  for await (const { address, fields } of workspace.runs.list({ in: 'vision/train' })) {
    if (fields.key !== KEY) continue
    for (const { step } of await collect(workspace.runs.series(address))) steps.add(step as number)
  }
  return steps
}

/** Starts the run again, which goes on where it was. */
async function goOn(world: World, what: string): Promise<void> {
  const options = { project: 'vision', experiment: 'train', code: false, key: KEY } as const
  const before = (await stepsOf(world)).size
  const run = await world.tracking.startRun(options)
  run.log({ loss: 0 }, { step: 1000 })
  const { status, problems } = await run.finish()
  expect({ status, problems }, what).to.deep.equal({ status: 'finished', problems: [] })
  expect((await stepsOf(world)).size, what).to.equal(before + 1)
}
