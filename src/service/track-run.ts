import type { Emitter } from '../base/emitter.ts'
import { formatTime } from '../base/time.ts'
import type { WorkspaceEvents } from './events.ts'
import type { StartRun } from './run.ts'
import { ArtifactStaging } from './run-artifact.ts'
import { outcomeOf } from './run-outcome.ts'
import type { RunPush } from './run-push.ts'
import type { RunRecorder } from './run-recorder.ts'
import { TrackedRun } from './tracked-run.ts'
import type { Tracking } from './tracking.ts'

/** What a run is once it is started. */
export interface StartedRun {
  readonly id: string
  readonly project: string
  readonly experiment: string
  readonly recorder: RunRecorder
  /** The steps at which metrics go on that an earlier process logged. Default: 0. */
  readonly firstSteps?: { readonly [metric: string]: number }
  readonly events: Emitter<WorkspaceEvents>
  /** Brings the run to a remote. Default: nobody does. */
  readonly push?: RunPush
}

/** Makes the handle of a run, which ends with its process if nobody ends it before. */
export function trackRun(tracking: Tracking, started: StartedRun, options: StartRun): TrackedRun {
  const { files, platform, hooks } = tracking.context
  const { recorder } = started
  const now = (): number => platform.clock.now()
  const artifacts = new ArtifactStaging({ files, hash: platform.hash, now, recorder })
  const unwatch = hooks.watch({
    drained: (exitCode) => void run.end({ exitCode }),
    signalled(signal, handled) {
      if (!handled) recorder.appendEnd(outcomeOf({ signal }, formatTime(now())))
      return recorder.sync()
    },
    exiting(exitCode, error) {
      recorder.appendEnd(outcomeOf({ exitCode, error }, formatTime(now())))
    }
  })
  const run: TrackedRun = new TrackedRun({
    ...started,
    artifacts,
    now,
    unwatch,
    child: (given) => {
      const { workspace, project, experiment, code, environment, push, quiet } = options
      const inherited = { workspace, project, experiment, code, environment, push, quiet }
      const known = Object.entries(inherited).filter(([, value]) => value !== undefined)
      const same = { project: started.project, experiment: started.experiment }
      return tracking.start({ ...same, ...Object.fromEntries(known), ...given, parent: run.id })
    }
  })
  return run
}
