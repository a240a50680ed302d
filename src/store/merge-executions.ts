import type { TreeTarget } from '../git/tree.ts'
import { isFolder } from '../git/tree.ts'
import { isSame, type MergeContext, type Sides } from './merge-context.ts'
import { readRecord } from './merge-files.ts'
import { isAtOrBelow, objectAt } from './merge-place.ts'

/** Runs that one side may not know: those below `target` that `other` has not. */
interface RunsToRead {
  readonly path: string
  readonly target: TreeTarget
  readonly other: TreeTarget | undefined
}

/**
 * Keeps the executions of an experiment that a merge would remove although a run needs them.
 *
 * An execution that has runs cannot be deleted, so such a run came from the side that did not delete
 * it: only runs that differ between the sides are read, and only if an execution goes at all.
 */
export class ExecutionGuard {
  readonly #context: MergeContext
  readonly #folder: string
  readonly #removed = new Map<string, TreeTarget>()
  readonly #runs: RunsToRead[] = []
  readonly #records: { readonly path: string; readonly target: TreeTarget }[] = []

  constructor(context: MergeContext, experimentFolder: string) {
    this.#context = context
    this.#folder = experimentFolder
  }

  /** Tells whether a folder groups executions. */
  holds(path: string): boolean {
    return isAtOrBelow(path, `${this.#folder}/executions`) && objectAt(path) === undefined
  }

  /** Notes an object that goes. */
  addRemoved(path: string, target: TreeTarget): void {
    const key = objectAt(path)
    if (key?.kind === 'execution') this.#removed.set(key.execution, target)
  }

  /** Notes a folder that was taken from one side as it is. */
  addRuns(path: string, target: TreeTarget | undefined, sides: Sides): void {
    if (target === undefined || !isAtOrBelow(path, `${this.#folder}/runs`)) return
    const other = isSame(target, sides.ours) ? sides.theirs : sides.ours
    this.#runs.push({ path, target, other })
  }

  /** Notes the record of a run that was merged. */
  addRun(path: string, target: TreeTarget | undefined): void {
    if (target !== undefined) this.#records.push({ path, target })
  }

  /** Puts executions that are needed back among the entries of the experiment's folder. */
  async revive(entries: Map<string, TreeTarget>): Promise<void> {
    if (this.#removed.size === 0) return
    for (const runs of this.#runs) await this.#listRecords(runs)
    for (const { path, target } of this.#records) {
      const record = await readRecord(this.#context, 'run', path, target, { tolerant: true })
      const execution = record?.execution ?? ''
      const removed = this.#removed.get(execution)
      if (removed === undefined) continue
      this.#removed.delete(execution)
      await this.#putBack(entries, execution, removed)
    }
  }

  async #listRecords({ path, target, other }: RunsToRead): Promise<void> {
    if (isSame(target, other) || !isFolder(target)) return
    if (objectAt(path) !== undefined) {
      this.addRun(path, await this.#context.find(target, 'run.yaml'))
      return
    }
    const others = await this.#context.readEntries(other)
    for (const [name, entry] of await this.#context.readEntries(target)) {
      await this.#listRecords({ path: `${path}/${name}`, target: entry, other: others.get(name) })
    }
  }

  async #putBack(
    entries: Map<string, TreeTarget>,
    execution: string,
    target: TreeTarget
  ): Promise<void> {
    const prefix = execution.slice(0, 2)
    const fan = await this.#context.readEntries(entries.get('executions'))
    const folder = await this.#context.readEntries(fan.get(prefix))
    const filled = this.#context.writeFolder(
      new Map<string, TreeTarget>(folder).set(execution, target)
    )
    const grown = this.#context.writeFolder(
      new Map<string, TreeTarget>(fan).set(prefix, filled as TreeTarget)
    )
    entries.set('executions', grown as TreeTarget)
  }
}
