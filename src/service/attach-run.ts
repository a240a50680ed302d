import { Emitter } from '../base/emitter.ts'
import type { KeyOf } from '../model/kinds.ts'
import { storeErrors } from '../store/errors.ts'
import { formatEntry } from '../store/journal-entry.ts'
import type { WorkspaceEvents } from './events.ts'
import { openJournal } from './open-journal.ts'
import type { StartRun } from './run.ts'
import { checkSettings } from './run-input.ts'
import type { AttachTarget } from './run-plan.ts'
import { RunRecorder } from './run-recorder.ts'
import { trackRun } from './track-run.ts'
import type { TrackedRun } from './tracked-run.ts'
import type { Tracking } from './tracking.ts'

/** Joins a run that another process started; `undefined` if there is no such run. */
export async function attachRun(
  tracking: Tracking,
  options: StartRun,
  { project, experiment, run }: AttachTarget
): Promise<TrackedRun | undefined> {
  const { context } = tracking
  const { platform, print } = context
  const set = checkSettings(options)
  const entry = { set, time: platform.clock.now() }
  const first =
    Object.keys(set).length === 0 ? undefined : formatEntry(entry, 'the settings of a run')
  const recorder = new RunRecorder({
    files: context.files,
    platform,
    title: `run ${run.slice(0, 8)}`,
    attached: true,
    patch: undefined,
    print,
    connect: async (journal) => {
      const workspace = await context.openStore(options.workspace)
      const store = await workspace.project(project)
      const key: KeyOf<'run'> = { kind: 'run', experiment, run }
      if (!store || !(await (await store.viewOf(key))?.has(key))) {
        const address = `${project}/${experiment}/${run}`
        throw storeErrors.create('STORE_NOT_FOUND', { kind: 'run', address })
      }
      return openJournal(journal, store, { experiment, run }, { attached: true, first })
    }
  })
  try {
    await recorder.start('update')
  } catch (error) {
    if (storeErrors.is(error, 'STORE_NOT_FOUND')) {
      await recorder.discard()
      return undefined
    }
    recorder.trouble('The run could not be joined', error)
  }
  const { place } = recorder
  const events =
    place === undefined
      ? new Emitter<WorkspaceEvents>()
      : context.events(await context.openStore(options.workspace))
  if (!options.quiet) print(`run ${run.slice(0, 8)} · ${project}/${experiment} · joined`)
  return trackRun(tracking, { id: run, project, experiment, recorder, events }, options)
}
