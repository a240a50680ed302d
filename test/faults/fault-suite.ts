import { AssertionError, expect } from 'chai'

import { createModelDisk, type DiskContent } from '../support/disk-model.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { atCalls, createRandom, FAULTS, type Fault, type FaultCounts, tried } from './faults.ts'
import { OPERATIONS, type Operation, prepareWorld } from './operations.ts'
import {
  findFault,
  openOnDisk,
  openWorld,
  PREPARER,
  readState,
  type State,
  stateOf,
  VICTIM,
  writeContent
} from './world.ts'

/** Tests that no fault of the disk at any moment of any operation loses or breaks anything. */
export function testFaults({ stride, cuts }: FaultCounts): void {
  for (const [index, operation] of OPERATIONS.entries()) {
    describe(`the ${operation.name}`, () => {
      let root: string
      let start: DiskContent
      let old: State
      let done: State

      before(async () => {
        root = makeTempFolder()
        start = await prepare(root, operation)
        old = await stateOf(root, start)
        const disk = createModelDisk(start)
        const world = openWorld(root, disk, VICTIM)
        await operation.run(world)
        await world.close()
        done = await stateOf(root, disk.content())
        if (operation.isVisible ?? true) expect(done).not.to.deep.equal(old)
        else expect(done).to.deep.equal(old)
      })
      after(() => removeTempFolder(root))

      for (const fault of FAULTS) {
        it(`survives ${fault.name}`, async () => {
          const random = createRandom(index + 1)
          await atCalls(fault, { first: 1 + (index % stride), stride, cuts }, (at) =>
            meet({ root, start, old, done, operation, fault, at, random })
          )
        })
      }
    })
  }
}

interface Case {
  readonly root: string
  readonly start: DiskContent
  readonly old: State
  readonly done: State
  readonly operation: Operation
  readonly fault: Fault
  readonly at: number
  readonly random: () => number
}

/** Lets an operation meet a fault, and checks what comes after; `false` if it was over before. */
async function meet({
  root,
  start,
  old,
  done,
  operation,
  fault,
  at,
  random
}: Case): Promise<boolean> {
  const what = `${fault.name}, ${at}`
  const disk = createModelDisk(start)
  const { files, met } = fault.wrap(disk, at)
  const world = openWorld(root, files, VICTIM)
  const outcome = await operation.run(world).then(
    (result) => (result === false ? 'told' : 'done'),
    (error: unknown) => {
      // A fault may stop it, but may not make it say what is wrong.
      if (error instanceof AssertionError) throw error
      return 'failed'
    }
  )
  await world.close()
  tried.cases += 1
  writeContent(root, fault.leave(disk, random))
  expect(findFault(root), what).to.equal('')
  const next = openOnDisk(root, fault.next)
  try {
    const state = await readState(next)
    if (outcome === 'done') expect(state, `${what}: acknowledged`).to.deep.equal(done)
    else expectOneOf(state, old, done, what)
    await operation.run(next)
    expect(await readState(next), `${what}: done again`).to.deep.equal(done)
    await next.workspace.runs.put({ in: 'vision/later', id: 'zzzzzzzzzzzz' }).catch(async () => {
      await next.workspace.experiments.put({ in: 'vision', name: 'later' })
      await next.workspace.runs.put({ in: 'vision/later', id: 'zzzzzzzzzzzz' })
    })
    expect((await next.workspace.verify()).problems, what).to.deep.equal([])
  } finally {
    await next.close()
  }
  expect(findFault(root), `${what}: afterwards`).to.equal('')
  if (met()) tried.met += 1
  return met()
}

/** Expects each part of a state to be as before an operation or as after it. */
function expectOneOf(state: State, old: State, done: State, what: string): void {
  for (const place of new Set([...Object.keys(state), ...Object.keys(old)])) {
    if (state[place] === done[place]) continue
    expect(state[place], `${what}: ${place}`).to.equal(old[place])
  }
}

async function prepare(root: string, operation: Operation): Promise<DiskContent> {
  const disk = createModelDisk({ folders: [root], files: new Map() })
  const world = openWorld(root, disk, PREPARER)
  await prepareWorld(world)
  await operation.prepare?.(world)
  // Nobody finishes what a run of this process has begun.
  const content = disk.content()
  await world.close()
  return content
}
