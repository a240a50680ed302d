import {
  type Address,
  type Candidate,
  candidateKeys,
  formatAddress,
  parseAddress
} from '../model/address.ts'
import { isRunId, isRunPrefix } from '../model/identifier.ts'
import type { KeyOf, Kind, ObjectKey } from '../model/kinds.ts'
import { isDamage } from '../store/damage.ts'
import { storeErrors } from '../store/errors.ts'
import { normalizeUrl } from '../store/exchange.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { listRemotes } from '../store/remote-config.ts'
import type { WorkspaceStore } from '../store/workspace-store.ts'

/** An object that an address names, found. */
export interface Place<K extends Kind = Kind> {
  readonly store: ProjectStore
  readonly key: KeyOf<K>
  /** The commit or tag of the address. */
  readonly at?: string | undefined
}

/** Finds the objects that addresses name. */
export class AddressBook {
  readonly #workspace: WorkspaceStore
  /** The slug of the project for addresses that name none. */
  readonly currentProject: string | undefined

  constructor(workspace: WorkspaceStore, currentProject: string | undefined) {
    this.#workspace = workspace
    this.currentProject = currentProject
  }

  /**
   * Finds the one object of the given kinds that an address names; `undefined` if there is none.
   *
   * @throws MODEL_ADDRESS if it is no address, STORE_AMBIGUOUS if it names several.
   */
  async find<K extends Kind>(
    address: string,
    kinds?: readonly K[],
    at?: string
  ): Promise<Place<K> | undefined> {
    const parsed = await this.#inside(parseAddress(address))
    if (parsed === undefined) return undefined
    const found = new Map<string, Place<K>>()
    const places = await collectPlaces(candidateKeys(parsed.segments), (candidate) =>
      this.#lookUp(candidate, at ?? parsed.at)
    )
    for (const place of places) {
      if (kinds !== undefined && !kinds.includes(place.key.kind as K)) continue
      found.set(formatAddress(place.store.slug, place.key), place as unknown as Place<K>)
    }
    if (found.size > 1) {
      throw storeErrors.create('STORE_AMBIGUOUS', { address, candidates: [...found.keys()] })
    }
    return found.values().next().value
  }

  /** As `find`. @throws STORE_NOT_FOUND if there is none; STORE_WRONG_KIND if it is of another kind. */
  async require<K extends Kind>(
    address: string,
    kinds?: readonly K[],
    at?: string
  ): Promise<Place<K>> {
    const place = await this.find(address, kinds, at)
    if (place !== undefined) return place
    const other = kinds === undefined ? undefined : await this.find(address, undefined, at)
    if (other !== undefined && kinds !== undefined) {
      const wanted = kinds.join(' or ')
      throw storeErrors.create('STORE_WRONG_KIND', { address, kind: other.key.kind, wanted })
    }
    throw storeErrors.create('STORE_NOT_FOUND', {
      address,
      ...(kinds?.length === 1 ? { kind: kinds[0] as string } : {})
    })
  }

  /**
   * Lists what an address may name, there or not: objects that were deleted, or metrics that are no
   * files. Of an abbreviated run, only those that are there.
   */
  async candidates<K extends Kind>(address: string, kinds: readonly K[]): Promise<Place<K>[]> {
    const parsed = await this.#inside(parseAddress(address))
    if (parsed === undefined) return []
    const places = await collectPlaces(candidateKeys(parsed.segments), (candidate) =>
      this.#read(candidate, parsed.at)
    )
    return places.filter(({ key }) => kinds.includes(key.kind as K)) as unknown as Place<K>[]
  }

  /** Opens the current project. @throws STORE_NO_PROJECT, STORE_NOT_FOUND */
  async current(): Promise<ProjectStore> {
    const store = await this.#projectOf(undefined)
    if (store !== undefined) return store
    const address = this.currentProject
    if (address !== undefined) {
      throw storeErrors.create('STORE_NOT_FOUND', { address, kind: 'project' })
    }
    throw storeErrors.create('STORE_NO_PROJECT', { workspace: this.#workspace.folder })
  }

  /** Finds the project here that lies at a URL or path, or has it as a remote. @throws REMOTE_ADDRESS */
  async projectAt(url: string): Promise<ProjectStore | undefined> {
    for (const slug of await this.#workspace.projects()) {
      const store = await this.#workspace.project(slug).catch(() => undefined)
      if (store === undefined) continue
      const wanted = normalizeUrl(store, url)
      if (wanted === store.folder) return store
      if ((await listRemotes(store)).some((remote) => remote.url === wanted)) return store
    }
    return undefined
  }

  /** Puts the project's slug in the place of a URL or path; `undefined` if it is not here. */
  async #inside(address: Address): Promise<Pick<Address, 'segments' | 'at'> | undefined> {
    const place = address.url ?? address.path
    if (place === undefined) return address
    const store = await this.projectAt(place)
    return store && { ...address, segments: [store.slug, ...address.segments] }
  }

  async #projectOf(slug: string | undefined): Promise<ProjectStore | undefined> {
    const wanted = slug ?? this.currentProject
    return wanted === undefined ? undefined : this.#workspace.project(wanted)
  }

  /** Lists the objects that a way to read an address names, and that are there. */
  async #lookUp(candidate: Candidate, at: string | undefined): Promise<readonly Place[]> {
    return readable(await this.#read(candidate, at), async (place) => {
      const view = await place.store.viewOf(place.key, at)
      return view !== undefined && (await view.has(place.key)) ? [place] : []
    })
  }

  /** Completes abbreviated runs, and opens the project. */
  async #read({ project, key }: Candidate, at: string | undefined): Promise<readonly Place[]> {
    const store = await this.#projectOf(project)
    if (store === undefined) return []
    if (key.kind !== 'run-prefix') {
      return (await expandRun(store, key, at)).map((each) => ({ store, key: each, at }))
    }
    const experiments = key.experiment === undefined ? await store.experiments() : [key.experiment]
    const runs = await readable(experiments, (experiment) =>
      findRuns(store, experiment, key.prefix, at)
    )
    return runs.map((run) => ({ store, key: run, at }))
  }
}

/** Collects what each way to read an address gives; a commit need be known to one project only. */
async function collectPlaces(
  candidates: readonly Candidate[],
  read: (candidate: Candidate) => Promise<readonly Place[]>
): Promise<readonly Place[]> {
  const places: Place[] = []
  let unknown: unknown
  for (const candidate of candidates) {
    try {
      places.push(...(await read(candidate)))
    } catch (error) {
      if (!storeErrors.is(error, 'STORE_REVISION')) throw error
      unknown ??= error
    }
  }
  if (places.length === 0 && unknown !== undefined) throw unknown
  return places
}

/** Returns what is found where it can be read; if that is nothing, it is thrown why it can't be read elsewhere. */
async function readable<P, T>(
  places: readonly P[],
  read: (place: P) => Promise<readonly T[]>
): Promise<readonly T[]> {
  let damage: unknown
  const orNone = (error: unknown): readonly T[] => {
    if (!isDamage(error)) throw error
    damage ??= error
    return []
  }
  const found = await Promise.all(places.map((place) => read(place).catch(orNone)))
  if (damage !== undefined && found.every(({ length }) => length === 0)) throw damage
  return found.flat()
}

/** Lists the runs of an experiment whose ids begin with a prefix. */
async function findRuns(
  store: ProjectStore,
  experiment: string,
  prefix: string,
  at: string | undefined
): Promise<readonly KeyOf<'run'>[]> {
  // A whole id says where its run lies, or lay before it was deleted.
  if (isRunId(prefix)) return [{ kind: 'run', experiment, run: prefix }]
  const view = await store.viewOf({ kind: 'experiment', experiment }, at)
  const folder = `experiments/${experiment}/runs/${prefix[0]}/${prefix[1]}`
  const entries = (await view?.folder(folder)) ?? []
  return entries
    .filter(({ name }) => name.startsWith(prefix) && isRunId(name))
    .map(({ name }) => ({ kind: 'run', experiment, run: name }))
}

/** Completes the abbreviated run in the key of something inside a run. */
async function expandRun(
  store: ProjectStore,
  key: ObjectKey,
  at: string | undefined
): Promise<readonly ObjectKey[]> {
  if (!('run' in key) || isRunId(key.run) || !isRunPrefix(key.run)) return [key]
  const runs = await findRuns(store, key.experiment, key.run, at)
  return runs.map(({ run }) => ({ ...key, run }))
}
