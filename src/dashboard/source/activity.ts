import { mapLimited } from '../../base/tasks.ts'
import type { HistoryEntry, HistoryOptions } from '../../service/service.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { ActivityAnswer, ActivityEntry } from './answers.ts'
import type { ActivityRequest, HistoryRequest } from './requests.ts'
import type { HistoryAnswer } from './run-answers.ts'
import type { CallOptions } from './source.ts'

const ACTIVITY_ENTRIES = 50
const MAX_ACTIVITY = 1000
const HISTORY_ENTRIES = 100
const MAX_HISTORY = 5000
/** How many histories are read at a time. */
const AT_ONCE = 4
/** How often a call hears how far it is, in entries. */
const TELL_EACH = 25

interface Historian {
  history(address: string, options?: HistoryOptions): AsyncIterable<HistoryEntry>
}

/** Lists commits that touched an object, newest first. */
export async function readHistory(
  workspace: Workspace,
  { address, skip = 0, limit = HISTORY_ENTRIES }: HistoryRequest,
  call: CallOptions
): Promise<HistoryAnswer> {
  const found = await workspace.resolve(address)
  const { kind = 'run', address: whole = address } = found ?? {}
  const services: { readonly [kind: string]: Historian } = {
    project: workspace.projects,
    experiment: workspace.experiments,
    dataset: workspace.datasets,
    view: workspace.views,
    run: workspace.runs
  }
  const service = services[kind] ?? workspace.runs
  const most = Math.min(limit, MAX_HISTORY)
  const tell = (done: number): void => call.onProgress?.({ text: 'reading the history', done })
  return take(service.history(whole, optionsOf(skip, call)), most, tell)
}

/**
 * Lists what was done in a project, newest first: the histories of its branches, of which each page takes as
 * much as it needs.
 */
export async function readActivity(
  workspace: Workspace,
  { address, from, limit = ACTIVITY_ENTRIES }: ActivityRequest,
  call: CallOptions
): Promise<ActivityAnswer> {
  const most = Math.min(limit, MAX_ACTIVITY)
  const places: (readonly [slug: string, address: string, Historian])[] = [
    ['', address, workspace.projects]
  ]
  for await (const experiment of workspace.experiments.list({ in: address })) {
    places.push([experiment.id, experiment.address, workspace.experiments])
  }
  const taken = parseFrom(from)
  let done = 0
  const tell = (): void => {
    done += TELL_EACH
    call.onProgress?.({ text: 'reading what was done', done })
  }
  const branches = await mapLimited(places, AT_ONCE, async ([slug, place, service]) => {
    const skip = taken.get(slug) ?? 0
    const found = await take(service.history(place, optionsOf(skip, call)), most, tell)
    const own = slug === '' ? {} : { experiment: slug }
    return { slug, ...found, entries: found.entries.map((entry) => ({ ...entry, ...own })) }
  })
  const all = branches.flatMap(({ slug, entries }) => inOrder(entries, slug))
  const page = all.sort((a, b) => b.timeMs - a.timeMs).slice(0, most)
  for (const { slug } of page) taken.set(slug, (taken.get(slug) ?? 0) + 1)
  const isLast = page.length === all.length && branches.every(({ isCut }) => !isCut)
  const entries = page.map(({ entry }) => entry)
  return isLast ? { entries } : { entries, next: JSON.stringify(Object.fromEntries(taken)) }
}

/** Gives each entry of a branch a time by which it stays behind those before it, whatever its clock was. */
function inOrder(entries: readonly ActivityEntry[], slug: string) {
  let timeMs = Number.POSITIVE_INFINITY
  return entries.map((entry) => {
    timeMs = Math.min(timeMs, Date.parse(entry.time))
    return { slug, entry, timeMs }
  })
}

/** Reads how many entries of each branch the pages before had. */
function parseFrom(from = '{}'): Map<string, number> {
  const counts: unknown = JSON.parse(from)
  const pairs = Object.entries(counts ?? {}).filter(([, count]) => Number.isSafeInteger(count))
  return new Map(pairs as [string, number][])
}

function optionsOf(skip: number, { signal }: CallOptions): HistoryOptions {
  return { skip, ...(signal === undefined ? {} : { signal }) }
}

async function take(
  entries: AsyncIterable<HistoryEntry>,
  limit: number,
  onTaken: (count: number) => void
): Promise<HistoryAnswer> {
  const taken: ActivityEntry[] = []
  for await (const entry of entries) {
    if (taken.length >= limit) return { entries: taken, isCut: true }
    taken.push(entry)
    if (taken.length % TELL_EACH === 0) onTaken(taken.length)
  }
  return { entries: taken, isCut: false }
}
