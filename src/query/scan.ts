import type { KeyOf, ObjectKey } from '../model/kinds.ts'
import { type Damage, listRecords } from '../store/list.ts'
import { listLiveRuns, stampOfLive } from '../store/live-runs.ts'
import { viewOfRun } from '../store/live-view.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { View } from '../store/view.ts'
import type { RunSubject } from './language/lookup.ts'
import { type Needs, RelatedReader } from './related.ts'
import type { LoadedRun, RowSet } from './row-set.ts'
import { createSubjectRows, subjectOf } from './subject-rows.ts'

/** Where runs are searched: an experiment, or what lies below one, at a commit. */
export interface QueryScope {
  readonly store: ProjectStore
  readonly view: View
  readonly below: ObjectKey
  /** Whether it is the state of now, over which lies what runs in progress logged. */
  readonly isNow: boolean
  readonly onDamaged: (damage: Damage) => void
}

/** Reads every run of a scope. */
export async function scanRuns(scope: QueryScope, needs: Needs, nowMs: number): Promise<RowSet> {
  const { store, view, below, onDamaged } = scope
  const live = await liveRunsOf(scope)
  const found: LoadedRun[] = []
  for await (const { key, record } of listRecords(view, 'run', below, onDamaged)) {
    const isLive = record.status === 'running' && live.has(key.run)
    const fresh = isLive ? await readLiveRun(store, key) : undefined
    found.push(fresh ?? { store, key, record, commitOid: view.commitOid })
  }
  return createRows(scope, found, needs, nowMs)
}

/** Lists the ids of runs in progress of the experiment of a scope. */
export async function liveRunsOf({
  store,
  below,
  isNow
}: QueryScope): Promise<ReadonlySet<string>> {
  if (!isNow || !('experiment' in below)) return new Set()
  const live = await listLiveRuns(store, { experiment: below.experiment })
  return new Set(live.map(({ key }) => key.run))
}

const MOST_KEPT = 1_000

interface KeptRun {
  readonly stamp: string
  readonly found: LoadedRun | undefined
}

/** The runs in progress that were read last, by experiment and run. */
const keptRuns = new WeakMap<ProjectStore, Map<string, KeptRun>>()

/** Reads a run with what it logged since its last commit. */
export async function readLiveRun(
  store: ProjectStore,
  key: KeyOf<'run'>
): Promise<LoadedRun | undefined> {
  const kept = keptRuns.get(store) ?? new Map<string, KeptRun>()
  keptRuns.set(store, kept)
  const name = `${key.experiment}/${key.run}`
  const stamp = await stampOfLive(store, key)
  const known = kept.get(name)
  if (known !== undefined && known.stamp === stamp) return known.found
  kept.delete(name)
  // What is logged meanwhile makes another stamp.
  const found = await readLoaded(store, key)
  if (kept.size >= MOST_KEPT) kept.clear()
  if (stamp !== undefined) kept.set(name, { stamp, found })
  return found
}

async function readLoaded(store: ProjectStore, key: KeyOf<'run'>): Promise<LoadedRun | undefined> {
  const view = await viewOfRun(store, key)
  const record = await view?.record<'run'>(key)
  if (view === undefined || record === undefined) return undefined
  return { store, key, record, commitOid: view.commitOid }
}

/** Makes a set of runs that were read. */
export async function createRows(
  scope: QueryScope,
  runs: readonly LoadedRun[],
  needs: Needs,
  nowMs: number
): Promise<RowSet> {
  const related = new RelatedReader(scope.store, scope.view, needs, scope.onDamaged)
  const subjects: RunSubject[] = []
  for (const run of runs) {
    const subject = subjectOf(run)
    subjects.push(
      needs.size === 0
        ? subject
        : { ...subject, related: await related.read(run.key, subject.fields) }
    )
  }
  return createSubjectRows(subjects, runs, nowMs)
}
