import { editRecord } from '../format/edit.ts'
import { branchOf, experimentOfRef, MAIN_REF } from '../format/paths.ts'
import type { KeyOf } from '../model/kinds.ts'
import { remoteKeyOf } from '../remote/url.ts'
import type { ProjectStore } from './project-store.ts'
import { remoteRefOf } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'

type Recorded = 'project' | 'experiment'

/** Writes into the project or experiment of a branch where a copy of it lies, once. */
export async function recordRemote(
  store: ProjectStore,
  remote: RemoteSettings,
  ref: string
): Promise<void> {
  const key = keyOfBranch(ref)
  const name = remoteKeyOf(remote.url)
  const known = key && (await (await store.view(ref))?.record<Recorded>(key))
  if (key === undefined || known === undefined || known.remotes?.[name] !== undefined) return
  const branch = remoteRefOf(remote.prefix, ref).replace(/^refs\/heads\//, '')
  await changeEntry(store, key, name, { url: remote.url, branch })
}

/** Takes out of an experiment that a copy of it lies at a remote. */
export async function forgetRemote(
  store: ProjectStore,
  remote: RemoteSettings,
  experiment: string
): Promise<void> {
  const key: KeyOf<'experiment'> = { kind: 'experiment', experiment }
  if ((await store.view(branchOf(key))) === undefined) return
  await changeEntry(store, key, remoteKeyOf(remote.url), undefined)
}

function keyOfBranch(ref: string): KeyOf<Recorded> | undefined {
  if (ref === MAIN_REF) return { kind: 'project' }
  const experiment = experimentOfRef(ref)
  return experiment === undefined ? undefined : { kind: 'experiment', experiment }
}

async function changeEntry(
  store: ProjectStore,
  key: KeyOf<Recorded>,
  name: string,
  entry: { readonly url: string; readonly branch: string } | undefined
): Promise<void> {
  await store.transact([branchOf(key)], 'update', async (transaction) => {
    const record = await transaction.read<Recorded>(key)
    const isThere = record?.remotes?.[name] !== undefined
    if (record === undefined || isThere === (entry !== undefined)) return
    const stamp = transaction.stamp(record)
    const changes = { remotes: { [name]: entry } }
    transaction.write<Recorded>(key, editRecord<Recorded>(key.kind, record, changes, stamp))
  })
}
