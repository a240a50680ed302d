import type { ProjectStatus } from '../service/sync.ts'
import type { Workspace } from '../service/workspace.ts'
import { defineCommand } from './command.ts'
import type { Context } from './context.ts'
import { collect, recoverRuns } from './find.ts'
import { newestFirst } from './listing.ts'
import { formatPairs, formatSection } from './page.ts'
import { flatObject, print, printJson } from './print.ts'
import { printable } from './printable.ts'
import { formatRemoteLine, summarizeState, unsynced } from './remote-state.ts'
import { formatRunTable } from './run-table.ts'
import { formatCount } from './values.ts'

const SHOWN_RUNS = 5

/** What the current project holds, in short. */
interface Overview {
  readonly folder: string
  readonly project: string | undefined
  readonly projects: readonly string[]
  readonly experiments: number
  readonly runs: Awaited<ReturnType<typeof readRuns>>
  readonly remotes: ProjectStatus['remotes']
}

/** `runtree` alone: where the user is, what happened last, and what to do next. */
export const overview = defineCommand({
  description:
    'Keeps experiments in git: a project is a repository, an experiment a branch, runs are commits. ' +
    'Without a command, it says where you are and what happened last.',
  arguments: {},
  options: {},
  examples: [
    ['run -- python train.py', 'track a script; nothing needs to be set up'],
    ['ls', 'the experiments of the current project'],
    ['ls train --sort -accuracy', 'the runs of an experiment, the best first'],
    ['show k3f9', 'one run, by the beginning of its id']
  ],
  async run(context) {
    const workspace = await context.open()
    await recoverRuns(context, workspace)
    const found = await readOverview(context, workspace)
    if (context.json) {
      const { folder, project, projects, experiments, runs, remotes } = found
      await printJson(context, {
        workspace: folder,
        ...(project === undefined ? {} : { project }),
        projects,
        experiments,
        runs: runs.length,
        running: runs.filter(({ fields }) => fields.status === 'running').map(flatObject),
        interrupted: runs.filter(({ fields }) => fields.status === 'interrupted').map(flatObject),
        lastRuns: runs.slice(0, SHOWN_RUNS).map(flatObject),
        remotes: remotes.map((state) => ({ ...state.remote, unsynced: unsynced(state) }))
      })
      return
    }
    await print(context, formatOverview(context, found))
    return undefined
  }
})

async function readOverview(context: Context, workspace: Workspace): Promise<Overview> {
  const projects = await collect(context, (onDamaged) => workspace.projects.list({ onDamaged }))
  const slugs = projects.map(({ project }) => project)
  const project = workspace.project !== undefined && slugs.includes(workspace.project)
  const experiments = project
    ? await collect(context, (onDamaged) => workspace.experiments.list({ onDamaged }))
    : []
  return {
    folder: workspace.folder,
    project: workspace.project,
    projects: slugs,
    experiments: experiments.length,
    runs: project ? await readRuns(context, workspace) : [],
    remotes: project ? await readRemotes(workspace) : []
  }
}

/** Tells how the project stands to its remotes; a damaged one must not hide the rest. */
async function readRemotes(workspace: Workspace): Promise<ProjectStatus['remotes']> {
  const status = await workspace.status({ conflicts: false }).catch(() => undefined)
  return status?.remotes ?? []
}

async function readRuns(context: Context, workspace: Workspace) {
  const { signal } = context
  return newestFirst(
    await collect(context, (onDamaged) => workspace.runs.list({ onDamaged, signal }))
  )
}

function formatOverview(context: Context, found: Overview): string {
  const { colors } = context
  const running = found.runs.filter(({ fields }) => fields.status === 'running')
  const last = found.runs.filter(({ fields }) => fields.status !== 'running').slice(0, SHOWN_RUNS)
  const interrupted = found.runs.filter(
    (run) => run.fields.status === 'interrupted' && !last.includes(run)
  )
  const others = found.projects.filter((slug) => slug !== found.project)
  const isNew = found.project !== undefined && !found.projects.includes(found.project)
  const table = (runs: Overview['runs']): string =>
    runs.length === 0
      ? ''
      : formatRunTable(context, runs.slice(0, SHOWN_RUNS), { experiment: found.experiments > 1 })
  return (
    formatPairs(context, [
      ['workspace', printable(found.folder)],
      [
        'project',
        found.project === undefined
          ? found.projects.length === 0
            ? 'none yet'
            : 'none chosen'
          : `${colors.bold(found.project)}${isNew ? ' (not made yet)' : ''}`
      ],
      [
        'holds',
        isNew || found.project === undefined
          ? undefined
          : `${formatCount(found.experiments, 'experiment')}, ${formatCount(found.runs.length, 'run')}`
      ],
      ...found.remotes.map((state): [string, string] => [
        printable(state.remote.name),
        `${formatRemoteLine(context, state)}\n${summarizeState(state)}`
      ]),
      ['other projects', shortList(others)]
    ]) +
    formatSection(context, 'Running', table(running)) +
    formatSection(context, 'Interrupted', table(interrupted)) +
    formatSection(context, 'Last runs', table(last)) +
    formatSection(context, 'Next', nextSteps(found, running.length > 0))
  )
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ')
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown
}

function nextSteps(found: Overview, isRunning: boolean): string {
  const last = found.runs[0]
  if (last === undefined) {
    const steps = ['  runtree run -- python train.py    track a command']
    if (found.projects.some((slug) => slug !== found.project))
      steps.push('  runtree ls --project <name>       look into a project')
    return `${steps.join('\n')}\n`
  }
  const id = last.id.slice(0, 6)
  const steps = isRunning
    ? [['runtree watch', 'the runs in progress']]
    : [[`runtree show ${id}`, 'the last run']]
  steps.push(
    [`runtree ls ${last.key.experiment}`, 'the runs of its experiment'],
    [`runtree logs ${id}`, 'what it printed']
  )
  if (found.remotes.some((state) => unsynced(state).length > 0)) {
    steps.push(['runtree push', 'bring it to the remote'])
  }
  const width = Math.max(...steps.map(([line]) => (line as string).length))
  return steps.map(([line, what]) => `  ${(line as string).padEnd(width)}  ${what}\n`).join('')
}
