import { decodeUtf8 } from '../base/bytes.ts'
import { isOn, parseGitConfig } from '../git/config.ts'
import { editConfig, replaceSection } from '../git/config-edit.ts'
import type { Oid } from '../git/objects.ts'
import type { RefEdit } from '../git/ref-store.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import { moveMarkers } from './push-markers.ts'
import { trackingPrefix } from './ref-map.ts'
import { clearRemoteMemory } from './remote-memory.ts'

/** A place that this copy of a project exchanges with. */
export interface RemoteSettings {
  readonly name: string
  /** The address, without credentials. */
  readonly url: string
  /** What the project's refs have in front there: see docs/FORMAT.md, “Repository”. `''`: nothing. */
  readonly prefix: RemotePrefix
  /** What of the content is left there until it is looked at, as git's filters say it. Default: nothing. */
  readonly partial?: string
}

/** `refs/runtree/` (which no ordinary fetch downloads), `runtree/` (among the branches), or nothing. */
export type RemotePrefix = '' | 'refs/runtree/' | 'runtree/'

const PREFIXES: readonly string[] = ['', 'refs/runtree/', 'runtree/']

/** What a remote may be called: as a branch in git, in one part. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/

/** Tells whether a text can be the name of a remote: one that can't may be an address. */
export function isRemoteName(text: string): boolean {
  return NAME.test(text) && !text.includes('..') && !text.endsWith('.lock')
}

/** Lists the remotes of a project by name, as its repository's config has them. */
export async function listRemotes(store: ProjectStore): Promise<readonly RemoteSettings[]> {
  const path = `${store.folder}/config`
  const bytes = await store.host.files.read(path)
  const config = parseGitConfig(bytes === undefined ? '' : decodeUtf8(bytes), path)
  return config
    .names()
    .filter((name) => name.startsWith('remote.') && name.endsWith('.url'))
    .map((key) => {
      const name = key.slice('remote.'.length, -'.url'.length)
      const prefix = config.get(`remote.${name}.runtreeprefix`) ?? ''
      const isPromisor = isOn(config, `remote.${name}.promisor`)
      const partial = config.get(`remote.${name}.partialclonefilter`) ?? 'blob:none'
      return {
        name,
        url: config.get(key) as string,
        prefix: (PREFIXES.includes(prefix) ? prefix : '') as RemotePrefix,
        ...(isPromisor ? { partial } : {})
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Returns a remote by name. @throws STORE_NO_REMOTE */
export async function requireRemote(store: ProjectStore, name: string): Promise<RemoteSettings> {
  const remotes = await listRemotes(store)
  const found = remotes.find((remote) => remote.name === name)
  if (found !== undefined) return found
  const known = remotes.map((remote) => remote.name)
  throw storeErrors.create('STORE_NO_REMOTE', { project: store.slug, remote: name, known })
}

/**
 * Adds a remote, or changes the one of that name.
 *
 * Git knows it too: `git fetch <name>` in the repository fetches what Runtree would.
 *
 * @throws STORE_REMOTE_NAME
 */
export async function writeRemote(store: ProjectStore, remote: RemoteSettings): Promise<void> {
  if (!isRemoteName(remote.name)) {
    throw storeErrors.create('STORE_REMOTE_NAME', { remote: remote.name })
  }
  const there =
    remote.prefix === 'runtree/' ? 'refs/heads/runtree/' : `${remote.prefix || 'refs/'}heads/`
  const settings: [string, string][] = [
    ['url', remote.url],
    ['fetch', `+${there}*:${trackingPrefix(remote.name)}heads/*`]
  ]
  if (remote.prefix !== '') settings.push(['runtreePrefix', remote.prefix])
  if (remote.partial !== undefined) {
    settings.push(['promisor', 'true'], ['partialclonefilter', remote.partial])
  }
  await editStoreConfig(store, (text) => {
    const edited = replaceSection(text, {
      section: 'remote',
      subsection: remote.name,
      settings
    })
    return remote.partial === undefined ? edited : requireVersion1(edited)
  })
}

/** Keeps programs out that know nothing of partial clones: they heed the version of the format. */
function requireVersion1(text: string): string {
  const version = /^(\s*repositoryformatversion\s*=\s*)0\s*$/im
  return text.replace(version, (_, key: string) => `${key}1`)
}

/** Forgets a remote and what was known of it; what lies there is not touched. @throws STORE_NO_REMOTE */
export async function removeRemote(store: ProjectStore, name: string): Promise<void> {
  await requireRemote(store, name)
  await editStoreConfig(store, (text) =>
    replaceSection(text, { section: 'remote', subsection: name, settings: [] })
  )
  await clearRemoteMemory(store, name)
  await moveMarkers(store, name, undefined)
  const tracking = await store.repository.refs.list(trackingPrefix(name))
  await store.repository.refs.update([...tracking.keys()].map((ref) => ({ ref, value: null })))
}

/** Gives a remote another name, with what is known of it. @throws STORE_NO_REMOTE, STORE_REMOTE_NAME, STORE_EXISTS */
export async function renameRemote(store: ProjectStore, from: string, to: string): Promise<void> {
  const remote = await requireRemote(store, from)
  if ((await listRemotes(store)).some(({ name }) => name === to)) {
    throw storeErrors.create('STORE_EXISTS', { address: to, kind: 'remote' })
  }
  await writeRemote(store, { ...remote, name: to })
  const edits: RefEdit[] = []
  for (const [ref, oid] of await store.repository.refs.list(trackingPrefix(from))) {
    edits.push({
      ref: trackingPrefix(to) + ref.slice(trackingPrefix(from).length),
      value: oid as Oid
    })
    edits.push({ ref, value: null })
  }
  await store.repository.refs.update(edits)
  await clearRemoteMemory(store, from)
  await moveMarkers(store, from, to)
  await editStoreConfig(store, (text) =>
    replaceSection(text, { section: 'remote', subsection: from, settings: [] })
  )
}

function editStoreConfig(store: ProjectStore, edit: (text: string) => string): Promise<void> {
  const { files, platform } = store.host
  return editConfig(files, platform, `${store.folder}/config`, edit)
}
