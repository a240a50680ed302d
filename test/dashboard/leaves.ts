import type { Source } from '../../src/dashboard/source/source.ts'
import { createWorkspaceSource } from '../../src/dashboard/source/workspace-source.ts'
import { openWorkspace } from '../../src/node.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'

/** Text that would run, were it taken for what it says. */
export const ATTACK =
  '"><img src=x onerror="globalThis.hacked = true"><script>hacked = true</script>'

export const RUN_COUNT = 300

/** A project `leaves` with 300 runs that are known in advance, and a source over it. */
export interface Leaves {
  readonly workspace: Workspace
  readonly source: Source
  close(): Promise<void>
}

/** Makes the project in a folder of its own. Run 7 of every 300 is the best, run 13 has a hostile name. */
export async function makeLeaves(): Promise<Leaves> {
  const folder = makeTempFolder()
  const workspace = await openWorkspace({ folder, project: 'leaves', background: false })
  await workspace.projects.create({
    name: 'leaves',
    description: `Which net tells leaves apart? ${ATTACK}`
  })
  await workspace.experiments.create({
    in: 'leaves',
    name: 'nets',
    metrics: { accuracy: { goal: 'maximize' }, loss: { goal: 'minimize' } }
  })
  await workspace.transaction(async (transaction) => {
    for (let n = 0; n < RUN_COUNT; n++) await transaction.create('run', runFields(n))
  })
  return {
    workspace,
    source: createWorkspaceSource(workspace, { version: '1.2.3' }),
    async close() {
      await workspace.close()
      removeTempFolder(folder)
    }
  }
}

function runFields(n: number) {
  const started = Date.UTC(2026, 0, 1) + n * 60_000
  const accuracy = n === 7 ? 0.99 : 0.5 + (n % 40) / 100
  const summary = (last: number) => ({ last, min: last / 2, max: 1, count: 10, step: 9 })
  return {
    in: 'leaves/nets',
    name: n === 13 ? ATTACK : `net ${n}`,
    status: n % 10 === 3 ? ('failed' as const) : ('finished' as const),
    started: new Date(started).toISOString(),
    finished: new Date(started + 90_000).toISOString(),
    params: {
      model: ['alder', 'birch', 'cedar'][n % 3] as string,
      lr: 10 ** -(1 + (n % 4)),
      epochs: 5
    },
    metrics: { accuracy: summary(accuracy), loss: summary(1 - accuracy) },
    tags: n % 50 === 0 ? ['baseline'] : []
  }
}
