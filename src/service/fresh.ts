import { parseAddress } from '../model/address.ts'
import type { KeyOf, Kind, ObjectKey } from '../model/kinds.ts'
import type { ClonedProject } from '../store/clone.ts'
import { cloneFrom, type ExchangeOptions, type Freshness, refresh } from '../store/exchange.ts'
import { sumAbsent } from '../store/held-back.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { listRemotes } from '../store/remote-config.ts'
import type { Place } from './address-book.ts'
import { connectProject, exchangeOptions, type ServiceContext } from './context.ts'
import type { GetOptions, GetResult } from './workspace.ts'

/** Every kind: what an address may name. */
const ANY_KIND: readonly Kind[] = [
  'project',
  'dataset',
  'view',
  'experiment',
  'execution',
  'run',
  'environment',
  'split',
  'computation',
  'metric',
  'result',
  'artifact'
]

/** From the weakest claim to the strongest: what several remotes came to is the strongest. */
const STRENGTH: readonly Freshness[] = ['local', 'stale', 'fetched', 'merged']

/**
 * Brings what an address names up to date with the remotes of its project, and tells how fresh it is
 * then. What an address fixes (`@<commit>`) is not asked for if it is here.
 */
export async function freshen(
  context: ServiceContext,
  address: string,
  find: () => Promise<Place | undefined>,
  options: GetOptions
): Promise<Freshness> {
  const here = await find().catch(() => undefined)
  if (here !== undefined && here.at !== undefined) return 'local'
  const places =
    here === undefined ? await context.book.candidates(address, ANY_KIND).catch(() => []) : [here]
  let freshness: Freshness = 'local'
  const seen = new Set<string>()
  for (const { store, key } of places as readonly Place[]) {
    const experiment = experimentOf(key as ObjectKey)
    const name = `${store.slug}/${experiment ?? ''}`
    if (seen.has(name)) continue
    seen.add(name)
    freshness = strongest(freshness, await freshenIn(context, store, experiment, options))
  }
  return freshness
}

async function freshenIn(
  context: ServiceContext,
  store: ProjectStore,
  experiment: string | undefined,
  options: GetOptions
): Promise<Freshness> {
  let freshness: Freshness = 'local'
  for (const remote of await listRemotes(store)) {
    const { maxAgeMs } = options
    const asking = {
      ...exchangeOptions(context, options),
      ...(maxAgeMs === undefined ? {} : { maxAgeMs })
    }
    freshness = strongest(freshness, await refresh(store, remote, experiment, asking))
  }
  return freshness
}

/**
 * Takes the project of an address that is a URL or path, cloning it if it is not here, and returns the
 * address inside the workspace; any other address as it is.
 */
export async function localAddress(
  context: ServiceContext,
  address: string,
  options: GetOptions
): Promise<{ readonly address: string; readonly freshness: Freshness }> {
  const { url, path, segments, at } = parseAddress(address)
  const place = url ?? path
  if (place === undefined) return { address, freshness: 'local' }
  const known = await context.book.projectAt(place)
  const asking = exchangeOptions(context, options)
  const store = known ?? (await bring(context, place, segments, asking)).store
  const inside = [store.slug, ...segments.map(encodeURIComponent)].join('/')
  return {
    address: at === undefined ? inside : `${inside}@${at}`,
    freshness: known === undefined ? 'fetched' : 'local'
  }
}

/** Clones a project: the experiment that an address names, if there is such, or all. */
function bring(
  context: ServiceContext,
  place: string,
  segments: readonly string[],
  asking: ExchangeOptions
): Promise<ClonedProject> {
  return cloneFrom(context.workspace, place, {
    ...asking,
    choose: (slugs) => {
      const named = segments.filter((segment) => slugs.includes(segment)).slice(0, 1)
      return named.length === 0 ? undefined : named
    },
    connect: (fresh) => connectProject(context, fresh, asking)
  })
}

function experimentOf(key: ObjectKey): string | undefined {
  return 'experiment' in key ? key.experiment : undefined
}

function strongest(a: Freshness, b: Freshness): Freshness {
  return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b
}

/** Sums up what of a run's artifacts is not on this machine. */
export async function heldBackOf(place: Place | undefined): Promise<GetResult['heldBack']> {
  const view = place?.key.kind === 'run' && (await place.store.viewOf(place.key, place.at))
  if (!place || !view) return { count: 0, sizeBytes: 0 }
  return sumAbsent(place.store, view, place.key as KeyOf<'run'>)
}
