import { expect } from 'chai'

import { isCoded } from '../../src/base/errors.ts'
import type { FileSystem } from '../../src/base/platform.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { createModelDisk, type DiskContent } from '../support/disk-model.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { atCalls, createRandom, FAULTS, type Fault, type FaultCounts, tried } from './faults.ts'
import { connect, prepareWorld } from './operations.ts'
import {
  findFault,
  openOnDisk,
  openWorld,
  PREPARER,
  readState,
  type State,
  stateOf,
  VICTIM,
  type World,
  writeContent
} from './world.ts'

const TRAIN = 'refs/heads/experiments/train'

/** What a disk did to a project that can be repaired. */
interface Damage {
  readonly name: string
  /** Whether a remote has what is lost. Default: nothing is. */
  readonly isPushed?: boolean
  make(world: World): Promise<void>
}

/** Tests that a repair which meets a fault takes nothing away, and that the next one mends all. */
export function testRepairFaults({ stride, cuts }: FaultCounts): void {
  for (const [index, damage] of DAMAGES.entries()) {
    describe(`the repair of ${damage.name}`, () => {
      let root: string
      let start: DiskContent
      let damaged: State
      let sound: State
      before(async () => {
        root = makeTempFolder()
        const disk = createModelDisk({ folders: [root], files: new Map() })
        const world = openWorld(root, disk, PREPARER)
        await prepareWorld(world)
        if (damage.isPushed) {
          await connect(world)
          await world.workspace.push()
        }
        await world.workspace.gc({ in: 'vision', graceMs: 0 })
        sound = await stateOf(root, disk.content(), readable)
        await damage.make(world)
        await world.close()
        start = disk.content()
        damaged = await stateOf(root, start, readable)
      })
      after(() => removeTempFolder(root))

      for (const fault of FAULTS) {
        it(`survives ${fault.name}`, async () => {
          const random = createRandom(index + 7)
          await atCalls(fault, { first: 1 + (index % stride), stride, cuts }, (at) =>
            meet({ root, start, damaged, sound, fault, at, random })
          )
        })
      }
    })
  }
}

interface Case {
  readonly root: string
  readonly start: DiskContent
  readonly damaged: State
  readonly sound: State
  readonly fault: Fault
  readonly at: number
  readonly random: () => number
}

/** Lets a repair meet a fault, and repairs again; `false` if it was over before. */
async function meet({ root, start, damaged, sound, fault, at, random }: Case): Promise<boolean> {
  const what = `${fault.name}, ${at}`
  const disk = createModelDisk(start)
  const { files, met } = fault.wrap(disk, at)
  const world = openWorld(root, files, VICTIM)
  await repair(world).catch(() => undefined)
  await world.close()
  tried.cases += 1
  writeContent(root, fault.leave(disk, random))
  const next = openOnDisk(root, fault.next)
  try {
    expectAll(await readable(next), damaged, `${what}: readable before`)
    const problems = await repair(next)
    expect(
      problems.filter(({ isMended }) => !isMended),
      what
    ).to.deep.equal([])
    expect(await readState(next), `${what}: repaired again`).to.deep.equal(sound)
    expect((await next.workspace.verify()).problems, what).to.deep.equal([])
  } finally {
    await next.close()
  }
  expect(findFault(root), `${what}: afterwards`).to.equal('')
  if (met()) tried.met += 1
  return met()
}

async function repair({ workspace }: World) {
  return (await workspace.verify({ in: 'vision', repair: true })).problems
}

/** Reads what there is of a project that may be too damaged to be opened. */
function readable(world: World): Promise<State> {
  return readState(world).catch((error) => {
    if (isCoded(error)) return {}
    throw error
  })
}

/** Expects each line of what could be read before. */
function expectAll(state: State, before: State, what: string): void {
  for (const [place, lines] of Object.entries(before)) {
    if (place === 'damaged') continue
    expect((state[place] ?? '').split('\n'), what).to.include.members(lines.split('\n'))
  }
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content)

async function change(
  files: FileSystem,
  path: string,
  edit: (bytes: Uint8Array) => Uint8Array
): Promise<void> {
  const bytes = await files.read(path)
  if (bytes === undefined) throw new TypeError(`there is no ${path}`)
  await files.write(path, edit(bytes))
}

const flip =
  (place: (length: number) => number) =>
  (bytes: Uint8Array): Uint8Array => {
    const changed = bytes.slice()
    changed[place(bytes.length)] = (bytes[place(bytes.length)] as number) ^ 0x41
    return changed
  }

/** Returns the path of the one pack of the project, without its ending. */
async function packPath({ root, files }: World): Promise<string> {
  const folder = `${root}/home/vision.git/objects/pack`
  const names = ((await files.list(folder)) ?? []).map(({ name }) => name)
  const packs = names.filter((name) => name.endsWith('.pack'))
  if (packs.length !== 1) throw new TypeError(`${packs.length} packs`)
  return `${folder}/${packs[0]?.slice(0, -5)}`
}

/** Puts the refs of the project into `packed-refs`, as git does. */
async function packRefs({ root, files, store }: World, edit: (text: string) => string) {
  const { repository } = (await store.project('vision')) as ProjectStore
  const refs = await repository.refs.list('refs/')
  const lines = [...refs].map(([ref, oid]) => `${oid} ${ref}\n`).join('')
  const path = `${root}/home/vision.git`
  await files.write(`${path}/packed-refs`, text(edit(lines)))
  for (const ref of refs.keys()) await files.remove(`${path}/${ref}`)
}

const DAMAGES: readonly Damage[] = [
  {
    name: 'a pack with another checksum',
    // All of its objects are sound, and nobody else has them.
    make: async (world) =>
      change(
        world.files,
        `${await packPath(world)}.pack`,
        flip((length) => length - 3)
      )
  },
  {
    name: 'a pack that is damaged with its index',
    async make(world) {
      const path = await packPath(world)
      await change(
        world.files,
        `${path}.pack`,
        flip((length) => length - 3)
      )
      await change(
        world.files,
        `${path}.idx`,
        flip(() => 8 + 1024 + 5)
      )
    }
  },
  {
    name: 'the index of a pack',
    make: async (world) => world.files.write(`${await packPath(world)}.idx`, text('garbage'))
  },
  {
    name: 'a pack of which a remote has the rest',
    isPushed: true,
    make: async (world) =>
      change(
        world.files,
        `${await packPath(world)}.pack`,
        flip((length) => length >> 1)
      )
  },
  {
    name: 'a branch of zeros',
    make: ({ root, files }) => files.write(`${root}/home/vision.git/${TRAIN}`, new Uint8Array(41))
  },
  {
    name: 'the line of a branch in packed refs',
    make: (world) =>
      packRefs(world, (lines) => lines.replace(new RegExp(`.{9}(?= ${TRAIN}\n)`), ''))
  },
  {
    name: 'a record',
    async make({ store }) {
      const project = (await store.project('vision')) as ProjectStore
      await project.transact([TRAIN], 'damage', async (transaction) => {
        const path = 'experiments/train/runs/a/a/aaaaaaaaaaaa/run.yaml'
        transaction.writeFile({ kind: 'experiment', experiment: 'train' }, path, text('status: ['))
      })
    }
  }
]
