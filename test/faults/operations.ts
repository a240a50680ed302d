import { expect } from 'chai'
import { createIndexCaches } from '../../src/query/index/index-cache.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { askBothWays } from '../support/ask-both-ways.ts'
import type { World } from './world.ts'

/** Something that a fault may meet. */
export interface Operation {
  readonly name: string
  /** Whether its effect can be read. Default: true. */
  readonly isVisible?: boolean
  /** Brings the world into the state before it. */
  prepare?(world: World): Promise<void>
  /**
   * Does it; done a second time it succeeds and changes nothing more. `false` stands for a report that not
   * all of it was done.
   */
  run(world: World): Promise<unknown>
}

const RUNS = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const

/** Makes the world from which all operations start: a project with three runs. */
export async function prepareWorld({ workspace }: World): Promise<void> {
  await workspace.projects.create({ name: 'Vision' })
  await workspace.experiments.create({ name: 'Train' })
  for (const [k, id] of RUNS.entries()) {
    await workspace.runs.create({ in: 'train', id, params: { k }, tags: ['old'] })
  }
}

/** Makes a remote on the same disk. */
export async function connect({ root, workspace, files }: World): Promise<void> {
  const origin = `${root}/origin.git`
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads']) {
    await files.makeFolder(`${origin}/${folder}`)
  }
  const config = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'
  await files.write(`${origin}/config`, new TextEncoder().encode(config))
  await files.write(`${origin}/HEAD`, new TextEncoder().encode('ref: refs/heads/main\n'))
  await workspace.remotes.add('origin', origin)
}

/** Lets a colleague put a run and edit one, and push both. */
async function workElsewhere(world: World): Promise<void> {
  const colleague = world.colleague()
  await colleague.clone(`${world.root}/origin.git`)
  await colleague.runs.create({ in: 'train', id: 'dddddddddddd', params: { k: 9 } })
  await colleague.runs.update(`train/${RUNS[0]}`, { notes: 'theirs' })
  await colleague.push()
}

async function workHere({ workspace }: World): Promise<void> {
  await workspace.runs.put({ in: 'train', id: 'eeeeeeeeeeee', params: { k: 4 } })
  await workspace.runs.update(`train/${RUNS[0]}`, { tags: ['mine'] })
}

const put = (world: World): Promise<unknown> =>
  world.workspace.runs.put({ in: 'train', id: 'eeeeeeeeeeee', params: { k: 4 } })

/** Three runs are worth a file of an index, one more is added in a second one, and more make a new one. */
const INDEX_LIMITS = { minSavedRuns: 1, minUnsavedRuns: 1, minWornRows: 2 }

/** Brings the files of the index up to date as a new process does, and expects what every run says. */
async function askIndex({ store }: World): Promise<void> {
  const project = (await store.project('vision')) as ProjectStore
  const caches = createIndexCaches(project, 'train', INDEX_LIMITS)
  const { byIndex, byReading } = await askBothWays(project, ['params', 'k'], caches)
  expect(byIndex).to.deep.equal(byReading)
}

/** Each kind of change, with its ways to the disk. */
export const OPERATIONS: readonly Operation[] = [
  { name: 'put of a run', run: put },
  {
    name: 'edit of a run',
    run: ({ workspace }) =>
      workspace.runs.update(`train/${RUNS[1]}`, { notes: 'better', tags: ['good'] })
  },
  {
    name: 'transaction over two experiments',
    prepare: async ({ workspace }) => {
      await workspace.experiments.create({ name: 'Test' })
    },
    run: ({ workspace }) =>
      workspace.transaction(async (transaction) => {
        await transaction.put('run', { in: 'vision/train', id: 'eeeeeeeeeeee' })
        await transaction.put('run', { in: 'vision/train', id: 'ffffffffffff' })
        await transaction.put('run', { in: 'vision/test', id: 'gggggggggggg' })
      })
  },
  {
    name: 'deletion of a run',
    run: ({ workspace }) => workspace.delete(`train/${RUNS[1]}`)
  },
  {
    name: 'deletion of an experiment',
    run: ({ workspace }) => workspace.delete('vision/train')
  },
  {
    name: 'restoring of an experiment',
    prepare: async ({ workspace }) => void (await workspace.delete('vision/train')),
    run: async ({ workspace }) => {
      if (!(await workspace.experiments.exists('vision/train'))) {
        await workspace.experiments.restore('vision/train')
      }
    }
  },
  {
    name: 'put of a run, and an addition to an index',
    prepare: askIndex,
    run: async (world) => {
      await put(world)
      await askIndex(world)
    }
  },
  {
    name: 'put of two runs, and an index that is written anew',
    prepare: async (world) => {
      await askIndex(world)
      await put(world)
      await askIndex(world)
    },
    run: async (world) => {
      await world.workspace.transaction(async (transaction) => {
        for (const id of ['ffffffffffff', 'gggggggggggg']) {
          await transaction.put('run', { in: 'vision/train', id, params: { k: 5 } })
        }
      })
      await askIndex(world)
    }
  },
  {
    name: 'clone',
    prepare: async (world) => {
      await connect(world)
      await world.workspace.push()
    },
    run: (world) => world.colleague().clone(`${world.root}/origin.git`)
  },
  {
    name: 'first push',
    prepare: connect,
    run: ({ workspace }) => workspace.push()
  },
  {
    name: 'push of a run',
    prepare: async (world) => {
      await connect(world)
      await world.workspace.push()
      await put(world)
    },
    run: ({ workspace }) => workspace.push()
  },
  {
    name: 'pull that goes forward',
    prepare: async (world) => {
      await connect(world)
      await world.workspace.push()
      await workElsewhere(world)
    },
    run: ({ workspace }) => workspace.pull()
  },
  {
    name: 'pull that merges, and push',
    prepare: async (world) => {
      await connect(world)
      await world.workspace.push()
      await workElsewhere(world)
      await workHere(world)
    },
    run: async ({ workspace }) => {
      await workspace.pull()
      await workspace.push()
    }
  },
  {
    name: 'deletion of an experiment here and at the remote',
    prepare: async (world) => {
      await connect(world)
      await world.workspace.push()
    },
    run: async ({ workspace }) => {
      const report = await workspace.delete('vision/train', { mode: 'all' })
      return report.remote.every(({ status }) => status === 'deleted')
    }
  },
  {
    name: 'snapshot',
    run: async ({ workspace }) => {
      const known = await workspace.snapshots.list({ in: 'vision' })
      if (known.length === 0) await workspace.snapshots.create('paper', { in: 'vision' })
    }
  },
  {
    name: 'collection of garbage',
    prepare: async ({ workspace }) => {
      await workspace.delete(`train/${RUNS[2]}`)
      await workspace.experiments.create({ name: 'Gone' })
      await workspace.runs.create({ in: 'vision/gone' })
      await workspace.delete('vision/gone')
    },
    isVisible: false,
    run: ({ workspace }) => workspace.gc({ graceMs: 0 })
  },
  {
    name: 'recovery of a run',
    prepare: async ({ tracking }) => {
      const options = { project: 'vision', experiment: 'train', code: false, key: 'k' } as const
      const run = await tracking.startRun(options)
      for (let step = 0; step < 20; step++) run.log({ loss: 1 / (step + 1) }, { step })
      run.text('a line')
      await run.flush()
    },
    run: async ({ workspace }) => (await workspace.runs.recover()).length === 1
  }
]
