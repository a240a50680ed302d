import { dataVersion, liveAnswer } from '../live.ts'
import { type Loaded, useLoad } from '../parts/load.ts'
import type { LiveRunState, RunAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

/** A run, with what it logs while it is looked at. */
export interface ShownRun {
  readonly loaded: Loaded<RunAnswer>
  /** Present while it is in progress here. */
  readonly live: LiveRunState | undefined
}

/** Loads a run, and again whenever something was committed. */
export function useRun(source: Source, address: string): ShownRun {
  const loaded = useLoad(
    (signal) => source.run({ address }, { signal }),
    [address, dataVersion.value],
    { keep: true }
  )
  const id = loaded.value?.id
  const live = liveAnswer.value?.runs.find((run) => run.id === id)
  return { loaded, live }
}
