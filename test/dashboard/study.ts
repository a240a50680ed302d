import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Source } from '../../src/dashboard/source/source.ts'
import {
  createWorkspaceSource,
  type WorkspaceSourceOptions
} from '../../src/dashboard/source/workspace-source.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Run } from '../../src/service/run.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'

/** A project `lab` whose runs have every part, and a source over it. */
export interface Study {
  readonly folder: string
  readonly tracking: TestTracking
  readonly workspace: Workspace
  readonly source: Source
  /** Addresses: the first has a child, the second is better. */
  readonly first: string
  readonly child: string
  readonly second: string
  open(options?: Partial<WorkspaceSourceOptions>): Source
  close(): Promise<void>
}

export const LAB = { project: 'lab', experiment: 'train', quiet: true } as const

/** Text that would run, were it taken for what it says. */
export const ATTACK =
  '</script><script>globalThis.hacked = true</script><img src=x onerror="hacked()">'

/** Makes the study in a folder of its own. */
export async function makeStudy(): Promise<Study> {
  const folder = makeTempFolder()
  const code = join(folder, 'code')
  makeCode(code)
  writeFileSync(join(code, 'train.py'), 'rate = 2\n')
  const tracking = createTestTracking(join(folder, 'home'), {
    capture: true,
    cwd: code,
    remotes: makeRemoteHost()
  })
  const first = await tracking.startRun({
    ...LAB,
    name: 'first',
    params: { lr: 0.1 },
    tags: ['try']
  })
  const child = await first.child({ name: 'part', params: { lr: 0.1 } })
  await child.finish()
  await fill(first, 0.5)
  await first.finish()
  const second = await tracking.startRun({ ...LAB, name: ATTACK, params: { lr: 0.01 } })
  await fill(second, 0.25)
  await second.finish()
  const workspace = createWorkspace(tracking.store, { project: 'lab' })
  await workspace.experiments.update('lab/train', { metrics: { loss: { goal: 'minimize' } } })
  await workspace.datasets.create({ name: 'digits', in: 'lab', rows: 10 })
  const open: Study['open'] = (options = {}) =>
    createWorkspaceSource(workspace, { version: '1.2.3', ...options })
  return {
    folder,
    tracking,
    workspace,
    open,
    source: open(),
    first: first.address,
    child: child.address,
    second: second.address,
    async close() {
      await workspace.close()
      removeTempFolder(folder)
    }
  }
}

/** Puts the study into a bare repository, which any server may serve; returns where it lies. */
export async function shareStudy(
  { folder, workspace }: Study,
  options: { readonly summary?: boolean } = {}
): Promise<string> {
  const origin = join(folder, 'lab.git')
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', origin])
  for (const name of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant']) {
    git(origin, ['config', name, 'true'])
  }
  git(origin, ['config', 'http.receivepack', 'true'])
  await workspace.remotes.add('origin', origin, { in: 'lab' })
  await workspace.push({ in: 'lab', ...options })
  return origin
}

/** Makes a repository of code with one commit. */
export function makeCode(folder: string): void {
  mkdirSync(folder)
  git(folder, ['init', '--quiet', '--initial-branch=main'])
  writeFileSync(join(folder, 'train.py'), 'rate = 1\n')
  git(folder, ['add', '.'])
  git(folder, ['commit', '--quiet', '--message=first'])
}

async function fill(run: Run, loss: number): Promise<void> {
  for (let step = 0; step < 100; step++) run.log({ loss: loss + 1 / (step + 1) }, { step })
  run.log({ loss }, { step: 100 })
  run.log({ odd: Number.NaN }, { step: 0 })
  run.text(`loss is ${loss}\n${ATTACK}`)
  run.row('cases', { id: 'a', label: 'cat', right: loss < 0.4, score: loss }, { key: 'id' })
  run.row('cases', { id: 'b', label: 'Dog', right: true, score: 1 })
  run.value(
    'confusion',
    [
      [1, 2],
      [3, 4]
    ],
    { type: 'confusion-matrix' }
  )
  run.split('fold', {
    train: { count: 3 },
    test: { indices: Array.from({ length: 2000 }, (_, i) => i) }
  })
  run.computation('fit', { component: 'Net' }).finish()
  await run.artifact('notes/a.md', '# Notes\n')
  await run.artifact('page.html', ATTACK)
}
