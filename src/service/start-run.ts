import { Emitter } from '../base/emitter.ts'
import { RUN_ID_LENGTH, randomId, runIdOfKey, WRITER_LENGTH } from '../base/ids.ts'
import { slugOf } from '../model/slug.ts'
import { formatEntry, type RunStart } from '../store/journal-entry.ts'
import { recoverRuns } from '../store/recovery.ts'
import type { CommittedRun } from '../store/run-commit.ts'
import { attachRun } from './attach-run.ts'
import type { WorkspaceEvents } from './events.ts'
import { openJournal } from './open-journal.ts'
import type { StartRun } from './run.ts'
import { patchOf, type RunCode } from './run-code.ts'
import { findParent, openHome, type RunHome } from './run-home.ts'
import { checkSettings } from './run-input.ts'
import { attachTargetOf, nameRun, planStart, type RunNames } from './run-plan.ts'
import { isOffline, RunPush } from './run-push.ts'
import { RunRecorder } from './run-recorder.ts'
import { trackRun } from './track-run.ts'
import type { TrackedRun } from './tracked-run.ts'
import type { Tracking } from './tracking.ts'

/**
 * Starts a run, or joins the one that `$RUNTREE_RUN` names.
 *
 * Trouble in the store does not stop it: the run then keeps in memory what it logs.
 *
 * @throws TypeError, MODEL_NAME, MODEL_INVALID, STORE_NOT_FOUND (the parent), STORE_AMBIGUOUS for wrong
 * options; the reason of the signal.
 */
export async function startRun(tracking: Tracking, options: StartRun = {}): Promise<TrackedRun> {
  const { env, platform, print } = tracking.context
  options.signal?.throwIfAborted()
  checkSettings(options)
  const target = attachTargetOf(options, env.RUNTREE_RUN, platform)
  const attached = target && (await attachRun(tracking, options, target))
  if (attached !== undefined) return attached
  if (target !== undefined) {
    print(
      `runtree: There is no run ${env.RUNTREE_RUN}, which RUNTREE_RUN names; a new one is started.`
    )
  }
  return startNew(tracking, options)
}

/** A run that is planned, before anything is stored of it. */
interface Planned {
  readonly id: string
  readonly names: RunNames
  readonly captured: RunCode
  readonly start: RunStart
  /** Absent if the store could not be opened, which is among the troubles. */
  readonly home: RunHome | undefined
  readonly troubles: readonly (readonly [what: string, error: unknown])[]
}

async function startNew(tracking: Tracking, options: StartRun): Promise<TrackedRun> {
  const { context } = tracking
  const planned = await plan(tracking, options)
  const { id, names, home } = planned
  const recorder = createRecorder(tracking, options, planned)
  for (const [what, error] of planned.troubles) recorder.trouble(what, error)
  const committed = home === undefined ? undefined : await tryStart(recorder)
  if (home !== undefined) tracking.recoverOthers(home.store)
  const { push: remote } = options
  const push =
    home === undefined || !remote
      ? undefined
      : new RunPush(home.store, {
          remote,
          experiment: names.experiment.slug,
          offline: isOffline(context.env)
        })
  if (committed !== undefined) await push?.start()
  const started = {
    id,
    recorder,
    ...(push === undefined ? {} : { push }),
    project: home?.store.slug ?? slugOf(names.project.name, context.platform.hash),
    experiment: names.experiment.slug,
    ...(committed?.resumed ? { firstSteps: nextSteps(committed) } : {}),
    events: home === undefined ? new Emitter<WorkspaceEvents>() : context.events(home.workspace)
  }
  const run = trackRun(tracking, started, options)
  const resumed = committed?.resumed === true
  if (!options.quiet) context.print(firstLine(run, planned.captured, resumed))
  started.events.emit('start', { address: run.address, resumed })
  return run
}

/** Captures code and machine while the store is opened. @throws for wrong options alone. */
async function plan(tracking: Tracking, options: StartRun): Promise<Planned> {
  const { context, captures } = tracking
  const troubles: [string, unknown][] = []
  const attempt = async <T>(what: string, doing: Promise<T>): Promise<T | undefined> => {
    try {
      return await doing
    } catch (error) {
      troubles.push([what, error])
      return undefined
    }
  }
  const opening = context.openStore(options.workspace)
  // Whoever awaits it sees the failure; until then nobody does.
  opening.catch(() => undefined)
  const capture = async (wanted: StartRun): Promise<RunCode> =>
    (await attempt('The code could not be captured', captures.take(wanted))) ?? NOTHING
  let captured = await capture(options)
  options.signal?.throwIfAborted()
  const names = nameRun(options, captured, context)
  const home = await attempt('The workspace could not be opened', openHome(opening, names.project))
  const include = home?.project.code?.include ?? []
  if (include.length > 0 && options.code !== false && !options.code?.include) {
    captured = await capture({ ...options, code: { ...options.code, include } })
  }
  const writer = randomId(context.platform.random, WRITER_LENGTH)
  const { name, slug } = names.experiment
  const parent = options.parent && (await findParent(home, slug, options.parent))
  const start = planStart(options, captured, context, { experiment: name, writer, parent })
  options.signal?.throwIfAborted()
  const id = idOf(tracking, options, slug, home)
  return { id, names, captured, start, home, troubles }
}

const NOTHING: RunCode = { code: undefined, environment: undefined }

function createRecorder(
  { context }: Tracking,
  { key, workspace }: StartRun,
  { id, names, home, captured, start }: Planned
): RunRecorder {
  const experiment = names.experiment.slug
  const first = formatEntry({ start }, 'the start of the run')
  return new RunRecorder({
    files: context.files,
    platform: context.platform,
    title: `run ${id.slice(0, 8)}`,
    attached: false,
    patch: patchOf(captured.code),
    print: context.print,
    connect: async (journal) => {
      const { store } = home ?? (await openHome(context.openStore(workspace), names.project))
      if (key !== undefined) await recoverRuns(store, { experiment, run: id })
      return openJournal(journal, store, { experiment, run: id }, { attached: false, first })
    }
  })
}

async function tryStart(recorder: RunRecorder): Promise<CommittedRun | undefined> {
  try {
    return await recorder.start('start')
  } catch (error) {
    recorder.trouble('The start of the run could not be stored', error)
    return undefined
  }
}

function idOf(
  { context: { platform } }: Tracking,
  { key }: StartRun,
  experiment: string,
  home: RunHome | undefined
): string {
  if (key === undefined || home === undefined) return randomId(platform.random, RUN_ID_LENGTH)
  return runIdOfKey(platform.hash, { projectId: home.project.id, experiment, key })
}

/** Returns the steps at which the metrics of a continued run go on. */
function nextSteps({ record }: CommittedRun): { readonly [metric: string]: number } {
  const metrics = Object.entries(record.metrics ?? {})
  return Object.fromEntries(
    metrics.map(([name, { step, count }]) => [name, (step ?? count - 1) + 1])
  )
}

function firstLine(run: TrackedRun, { code }: RunCode, resumed: boolean): string {
  const parts = [`run ${run.id.slice(0, 8)}`, `${run.project}/${run.experiment}`]
  if (resumed) parts.push('continued')
  if (code !== undefined) {
    const changed = code.repository === undefined ? 0 : code.changedFiles.length
    const files = changed === 0 ? '' : ` (${changed} file${changed === 1 ? '' : 's'} changed)`
    parts.push(`code ${code.treeOid.slice(0, 6)}${files}`)
  }
  return parts.join(' · ')
}
