import { Emitter } from '../base/emitter.ts'
import { RUN_ID_LENGTH, randomId, runIdOfKey, WRITER_LENGTH } from '../base/ids.ts'
import { recoverRuns } from '../store/recovery.ts'
import type { CommittedRun } from '../store/run-commit.ts'
import { attachRun } from './attach-run.ts'
import type { WorkspaceEvents } from './events.ts'
import { openJournal } from './open-journal.ts'
import type { StartRun } from './run.ts'
import { patchOf, type RunCode } from './run-code.ts'
import { findParent, isWrongUse, openHome, type RunHome } from './run-home.ts'
import { checkSettings } from './run-input.ts'
import { attachTargetOf, nameRun, planStart, type RunNames } from './run-plan.ts'
import { RunRecorder } from './run-recorder.ts'
import { StepCounter } from './step-counter.ts'
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

/** A project that is opened, or why it could not be. */
interface Opened {
  readonly home?: RunHome
  readonly error?: unknown
}

async function startNew(tracking: Tracking, options: StartRun): Promise<TrackedRun> {
  const { context, captures } = tracking
  const opening = context.openStore(options.workspace)
  // Whoever awaits it sees the failure; until then nobody does.
  opening.catch(() => undefined)
  let captured = await captures.take(options)
  options.signal?.throwIfAborted()
  const names = nameRun(options, captured, context)
  const { home, error } = await tryOpen(() => opening, names)
  captured = await withInclude(tracking, options, captured, home)
  options.signal?.throwIfAborted()
  const writer = randomId(context.platform.random, WRITER_LENGTH)
  const { name, slug } = names.experiment
  const parent =
    options.parent === undefined ? undefined : await findParent(home, slug, options.parent)
  const start = planStart(options, captured, context, { experiment: name, writer, parent })
  const id = idOf(tracking, options, slug, home)
  const project = home?.store.slug ?? names.project.name
  const recorder = new RunRecorder({
    files: context.files,
    platform: context.platform,
    title: `run ${id.slice(0, 8)}`,
    attached: false,
    patch: patchOf(captured.code),
    print: context.print,
    connect: async (journal) => {
      const opened =
        home ?? (await openHome(await context.openStore(options.workspace), names.project))
      if (options.key !== undefined) {
        await recoverRuns(opened.store, { experiment: slug, run: id })
      }
      return openJournal(journal, opened.store, { experiment: slug, run: id, writer }, false)
    }
  })
  recorder.appendEntry({ start }, 'the start of the run')
  const committed = await tryStart(recorder, error)
  if (home !== undefined) tracking.recoverOthers(home.store)
  const steps = new StepCounter(committed?.resumed ? nextSteps(committed) : {})
  const events =
    home === undefined ? new Emitter<WorkspaceEvents>() : context.events(home.workspace)
  const run = trackRun(
    tracking,
    { id, project, experiment: slug, recorder, steps, events },
    options
  )
  if (!options.quiet) context.print(firstLine(run, captured, committed?.resumed === true))
  events.emit('start', { address: run.address, resumed: committed?.resumed === true })
  return run
}

async function tryOpen(
  opening: () => ReturnType<Tracking['context']['openStore']>,
  names: RunNames
): Promise<Opened> {
  try {
    return { home: await openHome(await opening(), names.project) }
  } catch (error) {
    if (isWrongUse(error)) throw error
    return { error }
  }
}

async function tryStart(
  recorder: RunRecorder,
  earlier: unknown
): Promise<CommittedRun | undefined> {
  if (earlier !== undefined) {
    recorder.trouble('The workspace could not be opened', earlier)
    return undefined
  }
  try {
    return await recorder.start('start')
  } catch (error) {
    recorder.trouble('The start of the run could not be stored', error)
    return undefined
  }
}

/** Captures the code anew if the project names untracked files that belong to it. */
async function withInclude(
  { captures }: Tracking,
  options: StartRun,
  captured: RunCode,
  home: RunHome | undefined
): Promise<RunCode> {
  const include = home?.project.code?.include ?? []
  if (include.length === 0 || options.code === false || options.code?.include) return captured
  return captures.take({ ...options, code: { ...options.code, include } })
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
