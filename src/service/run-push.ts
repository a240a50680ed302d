import type { Variables } from '../base/capture.ts'
import { reasonOf } from '../base/errors.ts'
import { withinTime } from '../base/tasks.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { type PushQueue, pushQueueOf, readPushQueue } from '../store/push-queue.ts'

/** How long the end of a run may wait for its push, in milliseconds. */
const LAST_PUSH_MS = 5000

/**
 * Brings the experiment of a run to a remote, in the background. Trouble with it never delays or fails
 * the run: what is not there yet waits in a queue.
 */
export class RunPush {
  readonly #store: ProjectStore
  readonly #queue: PushQueue
  readonly #experiment: string
  readonly #remote: string
  #problem: string | undefined

  constructor(
    store: ProjectStore,
    push: { readonly remote: string; readonly experiment: string; readonly offline: boolean }
  ) {
    const { remote, experiment, offline } = push
    this.#store = store
    this.#queue = pushQueueOf(store, remote, { offline })
    this.#experiment = experiment
    this.#remote = remote
  }

  /** Queues what the run has committed, and pushes it in the background. */
  async start(): Promise<void> {
    if (await this.#add()) void this.#queue.drain()
  }

  /** Queues the end of the run, gives its push a few seconds, and says in a sentence what went wrong. */
  async finish(): Promise<readonly string[]> {
    if (!(await this.#add())) return this.#problem === undefined ? [] : [this.#problem]
    const { timers } = this.#store.host.platform
    const outcome = await withinTime(timers, LAST_PUSH_MS, (signal) => this.#queue.drain(signal))
    if (outcome === 'pushed' || outcome === 'empty') return []
    const { experiments, failure } = await readPushQueue(this.#store, this.#remote)
    // That others were pushed a moment ago is no problem; the queue goes on by itself.
    if (outcome === 'later' && failure === undefined) return []
    const reason = (failure ?? 'there was no time left').replace(/\.$/, '')
    const then = experiments.includes(this.#experiment)
      ? ' It is pushed when the project is used again.'
      : ''
    return [`Not at ${this.#remote} yet: ${reason}.${then}`]
  }

  async #add(): Promise<boolean> {
    try {
      await this.#queue.add(this.#experiment)
      return true
    } catch (error) {
      this.#problem = `Not pushed: ${reasonOf(error)}`
      return false
    }
  }
}

/** Tells whether the environment says that nothing may go over a network. */
export function isOffline(env: Variables): boolean {
  return ['1', 'true'].includes(env.RUNTREE_OFFLINE ?? '')
}
