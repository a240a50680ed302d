import { isJsonObject } from '../base/json.ts'
import { Mutex } from '../base/tasks.ts'
import type { SeriesPoint as Point } from '../format/series-lines.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { MetricSummary } from '../model/records.ts'
import { guardFiles } from '../store/errors.ts'
import { JournalWatch } from '../store/journal-watch.ts'
import { type JournalOffsets, readJournalChanges } from '../store/live-follow.ts'
import { type LiveState, statesOf } from '../store/live-runs.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { StoredObject } from './objects.ts'
import type { LiveChanges, LiveRunChanges } from './runs.ts'

/** Part of a project in which runs are followed. */
export interface LiveScope {
  readonly store: ProjectStore
  readonly within: { readonly experiment?: string; readonly run?: string }
}

/** Reads a run with all that it logged. */
type ReadRun = (store: ProjectStore, key: KeyOf<'run'>) => Promise<StoredObject<'run'> | undefined>

/** How far a reader has come: offsets by project. */
type Place = ReadonlyMap<string, JournalOffsets>

interface Followed {
  readonly watch: JournalWatch
  readonly offsets: Map<string, number>
  readonly runs: Map<string, StoredObject<'run'>>
}

/**
 * Follows runs in progress: each look reads only what was appended since the one before. What a run's
 * record says of its metrics is kept up here, so that a long journal is read as a whole only once.
 */
export class LiveFollower {
  readonly #read: ReadRun
  readonly #projects = new WeakMap<ProjectStore, Followed>()
  readonly #looking = new Mutex()
  /** The cursor that was given last: mostly the next look begins there. */
  #latest: { readonly cursor: string; readonly place: Place } | undefined

  constructor(read: ReadRun) {
    this.#read = read
  }

  /** Tells what happened since the look that gave a cursor. @throws TypeError if it is none. */
  look(scopes: readonly LiveScope[], cursor: string | undefined): Promise<LiveChanges> {
    const since = cursor === undefined ? undefined : this.#placeOf(cursor)
    return this.#looking.run(async () => {
      const runs: LiveRunChanges[] = []
      const offsets = new Map<string, JournalOffsets>()
      const heads: string[] = []
      for (const scope of scopes) {
        const { slug, folder } = scope.store
        // What was committed is looked at first: a run that ends meanwhile is told of next time.
        const found = await guardFiles(folder, async () => {
          heads.push(await headsOf(scope.store))
          return this.#lookAt(scope, since && (since.get(slug) ?? new Map()))
        })
        runs.push(...found.runs)
        offsets.set(slug, found.offsets)
      }
      const now = new Set(runs.map(({ run }) => run.address))
      const ended = [...(since ?? [])].flatMap(([slug, known]) => endedOf(slug, known, now))
      const version = heads.join(' ')
      this.#latest = { cursor: formatCursor(offsets), place: offsets }
      return { cursor: this.#latest.cursor, runs, ended, version }
    })
  }

  #placeOf(cursor: string): Place {
    return this.#latest?.cursor === cursor ? this.#latest.place : parseCursor(cursor)
  }

  async #lookAt(
    { store, within }: LiveScope,
    since: JournalOffsets | undefined
  ): Promise<{ readonly runs: readonly LiveRunChanges[]; readonly offsets: JournalOffsets }> {
    const followed = this.#projects.get(store) ?? newFollowed(store)
    this.#projects.set(store, followed)
    const { files } = store.host
    const journals = await followed.watch.look(within)
    const before = followed.offsets
    const own = await readJournalChanges(files, journals, before)
    const seen =
      since === undefined || isSame(since, before, own.offsets)
        ? own
        : await readJournalChanges(files, journals, since)
    const changes = new Map(seen.changes.map((each) => [each.key.run, each]))
    const added = new Map(own.changes.map((each) => [each.key.run, each]))
    const runs: LiveRunChanges[] = []
    for (const state of statesOf(journals)) {
      const run = await this.#runOf(store, followed, state, added.get(state.key.run))
      const { alive, silentMs } = state
      const { points = [], text = '' } = changes.get(state.key.run) ?? {}
      const news = since === undefined ? { points: [], text: '' } : { points, text }
      if (run !== undefined) runs.push({ run, alive, silentMs, ...news })
    }
    for (const [name, offset] of own.offsets) followed.offsets.set(name, offset)
    forget(followed, within, own.offsets)
    return { runs, offsets: seen.offsets }
  }

  /** Returns a run with the points that were just read; a new one is read as a whole. */
  async #runOf(
    store: ProjectStore,
    { runs }: Followed,
    { key }: LiveState,
    added: { readonly points: readonly Point[]; readonly hasMore: boolean } | undefined
  ): Promise<StoredObject<'run'> | undefined> {
    const known = runs.get(key.run)
    const run =
      known === undefined || added?.hasMore ? await this.#read(store, key) : grown(known, added)
    if (run !== undefined) runs.set(key.run, run)
    return run
  }
}

function newFollowed(store: ProjectStore): Followed {
  return { watch: new JournalWatch(store), offsets: new Map(), runs: new Map() }
}

function grown(
  run: StoredObject<'run'>,
  added: { readonly points: readonly Point[] } | undefined
): StoredObject<'run'> {
  if (added === undefined || added.points.length === 0) return run
  const metrics: Record<string, MetricSummary> = { ...run.fields.metrics }
  for (const point of added.points) {
    metrics[point.metric] = withPoint(
      Object.hasOwn(metrics, point.metric) ? metrics[point.metric] : undefined,
      point
    )
  }
  return { ...run, fields: { ...run.fields, metrics } }
}

/** Adds a point to a summary; what it says of splits is left out until the run is read again. */
function withPoint(summary: MetricSummary | undefined, { value, step }: Point): MetricSummary {
  const place = step === undefined ? {} : { step }
  if (summary === undefined) return { last: value, min: value, max: value, count: 1, ...place }
  const { mean: _, std: __, ...kept } = summary
  const isLast = (step ?? 0) >= (kept.step ?? 0)
  return {
    ...kept,
    count: kept.count + 1,
    ...(value < kept.min || Number.isNaN(kept.min) ? { min: value } : {}),
    ...(value > kept.max || Number.isNaN(kept.max) ? { max: value } : {}),
    ...(isLast ? { last: value, ...place } : {})
  }
}

/** Tells whether a reader is where the follower was. */
function isSame(since: JournalOffsets, before: JournalOffsets, now: JournalOffsets): boolean {
  return [...now.keys()].every((name) => (since.get(name) ?? 0) === (before.get(name) ?? 0))
}

/** Forgets journals that are gone, as far as the look would have seen them. */
function forget(
  { offsets, runs }: Followed,
  within: LiveScope['within'],
  now: JournalOffsets
): void {
  if (within.experiment !== undefined) return
  const alive = new Set([...now.keys()].map((name) => name.split('/')[1]))
  for (const name of offsets.keys()) if (!now.has(name)) offsets.delete(name)
  for (const run of runs.keys()) if (!alive.has(run)) runs.delete(run)
}

function endedOf(slug: string, known: JournalOffsets, now: ReadonlySet<string>): readonly string[] {
  const addresses = [...known.keys()].map((name) => {
    const [experiment, run] = name.split('/')
    return `${slug}/${experiment}/${run}`
  })
  return [...new Set(addresses)].filter((address) => !now.has(address))
}

async function headsOf(store: ProjectStore): Promise<string> {
  const refs = [...(await store.repository.refs.list('refs/heads/'))].flat().join(' ')
  const digest = store.host.platform.hash.sha1(new TextEncoder().encode(refs))
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function formatCursor(place: Place): string {
  const projects = [...place].map(([slug, offsets]) => [slug, Object.fromEntries(offsets)])
  return JSON.stringify(Object.fromEntries(projects))
}

function parseCursor(cursor: string): Place {
  try {
    const projects: unknown = JSON.parse(cursor)
    if (!isJsonObject(projects)) throw new SyntaxError('no map')
    return new Map(
      Object.entries(projects).map(([slug, offsets]) => {
        const entries = isJsonObject(offsets) ? Object.entries(offsets) : []
        return [slug, new Map(entries.map(([name, offset]) => [name, Number(offset) || 0]))]
      })
    )
  } catch {
    throw new TypeError(`${cursor.slice(0, 80)} is no cursor of runs in progress`)
  }
}
