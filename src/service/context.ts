import type { Capture } from '../base/capture.ts'
import type { Emitter } from '../base/emitter.ts'
import { isMissingPart } from '../base/missing-part.ts'
import { formatAddress } from '../model/address.ts'
import type { KeyOf, Kind, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import type { ExchangeOptions } from '../store/exchange.ts'
import { connectLeft } from '../store/left-there.ts'
import type { Damage } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { WorkspaceStore } from '../store/workspace-store.ts'
import type { AddressBook } from './address-book.ts'
import type { WorkspaceEvents } from './events.ts'
import { idOf } from './kind-rules.ts'
import type { StoredObject } from './objects.ts'

/** What the services of a workspace share. */
export interface ServiceContext {
  readonly workspace: WorkspaceStore
  readonly book: AddressBook
  readonly events: Emitter<WorkspaceEvents>
  /** Whether nothing may go over a network, unless a call says otherwise. */
  readonly offline: boolean
  /** How versions of the code are compared where its repository is at hand. */
  readonly code?: CodeAccess | undefined
}

/** The way to the code's repository. */
export interface CodeAccess {
  readonly capture: Capture
  /** The folder that is taken to lie in it. */
  readonly folder: string
}

/** Returns a record as the object that applications see. */
export function objectOf<K extends Kind>(
  store: Pick<ProjectStore, 'slug'>,
  key: KeyOf<K>,
  fields: RecordOfKind[K],
  commitOid: string
): StoredObject<K> {
  return {
    kind: key.kind as K,
    address: addressOf(store, key as ObjectKey),
    id: idOf(key as ObjectKey, store.slug),
    project: store.slug,
    key,
    fields,
    commitOid
  }
}

/** Returns the whole address of an object. */
export function addressOf(store: Pick<ProjectStore, 'slug'>, key: ObjectKey): string {
  return formatAddress(store.slug, key)
}

/**
 * Returns what is told of objects that can't be read: the event, and the caller's own listener. That what reads
 * them could not be loaded is nobody's damage: it is thrown.
 */
export function damageListener(
  { events }: ServiceContext,
  project: string,
  onDamaged: ((damage: Damage) => void) | undefined
): (damage: Damage) => void {
  return (damage) => {
    if (isMissingPart(damage.error)) throw damage.error
    events.emit('damaged', { project, ...damage })
    onDamaged?.(damage)
  }
}

/**
 * Lets a project ask its remotes for what was left there, as the call did that opened or brought it. Who listens to the
 * workspace hears how much has come.
 */
export function connectProject(
  { events }: Pick<ServiceContext, 'events'>,
  store: ProjectStore,
  { signal: _, onProgress: __, ...options }: ExchangeOptions
): void {
  connectLeft(store, {
    ...options,
    onProgress: (progress) => {
      if (progress.kind !== 'received') return
      const { bytes: receivedBytes, objects, total } = progress
      const count = total === undefined ? {} : { total }
      events.emit('fetch', { project: store.slug, receivedBytes, objects, ...count })
    }
  })
}

/** Returns what of the options of a call goes to an exchange; the workspace may be offline as a whole. */
export function exchangeOptions(
  context: ServiceContext,
  options: ExchangeOptions
): ExchangeOptions {
  const { credential, offline = context.offline, onProgress, signal } = options
  const { connectTimeoutMs, silenceTimeoutMs, retries } = options
  return {
    offline,
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(retries === undefined ? {} : { retries }),
    ...(silenceTimeoutMs === undefined ? {} : { silenceTimeoutMs }),
    ...(credential === undefined ? {} : { credential }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal })
  }
}
