import type { ProjectStore } from '../store/project-store.ts'
import { drainQueues } from '../store/push-queue.ts'
import { recoverRuns } from '../store/recovery.ts'
import type { Run, StartRun } from './run.ts'
import { CodeCaptures } from './run-code.ts'
import { isOffline } from './run-push.ts'
import { startRun } from './start-run.ts'
import type { TrackedRun } from './tracked-run.ts'
import type { Tracking, TrackingContext } from './tracking.ts'

/** Starts runs. */
export interface TrackingCalls {
  /**
   * Starts a run; finds or makes its workspace, project, experiment and execution.
   *
   * Trouble in the store does not stop it: the run then keeps in memory what it logs.
   *
   * @throws TypeError, MODEL_NAME, MODEL_INVALID, STORE_NOT_FOUND (the parent), STORE_AMBIGUOUS for
   * wrong options; the reason of the signal.
   */
  startRun(options?: StartRun): Promise<Run>
  /**
   * Runs a body as a run: it ends as `finished`, as `failed` if the body throws, as `interrupted` if
   * the signal was aborted. What the body throws is thrown again.
   */
  track<T>(options: StartRun, body: (run: Run) => Promise<T> | T): Promise<T>
}

/** Makes what starts runs on a platform. */
export function createTracking(context: TrackingContext): TrackingCalls {
  const recovered = new WeakSet<ProjectStore>()
  const { capture, env, cwd, script, command, platform } = context
  const captures = new CodeCaptures({
    env,
    cwd,
    command,
    clock: platform.clock,
    ...(capture && { capture }),
    ...(script !== undefined && { script })
  })
  const start = (options: StartRun = {}): Promise<TrackedRun> => startRun(tracking, options)
  const tracking: Tracking = {
    context,
    captures,
    start,
    recoverOthers(store) {
      if (recovered.has(store)) return
      recovered.add(store)
      // Whoever opens the workspace next tries again, and reports.
      recoverRuns(store)
        .catch(() => undefined)
        .then(() => drainQueues(store, { offline: isOffline(env) }))
        .catch(() => undefined)
    }
  }
  return {
    startRun: start,
    async track(options, body) {
      const run = await start(options)
      try {
        const value = await body(run)
        await tell(run.finish())
        return value
      } catch (error) {
        const isAborted = options.signal?.aborted === true
        await tell(isAborted ? run.end({ signal: 'abort' }) : run.fail(error))
        throw error
      }
    }
  }

  async function tell(ending: ReturnType<Run['finish']>): Promise<void> {
    const { address, problems } = await ending
    for (const problem of problems) context.print(`runtree: ${address}: ${problem}`)
  }
}
