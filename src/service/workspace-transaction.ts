import { branchOf } from '../format/paths.ts'
import type { Kind } from '../model/kinds.ts'
import { storeErrors } from '../store/errors.ts'
import { type Change, commitChanges, findParent, prepareCreate, prepareUpdate } from './change.ts'
import { addressOf, type ServiceContext } from './context.ts'
import type { ServiceKind } from './kind-rules.ts'
import type { Fields } from './objects.ts'
import { removeObject } from './remove.ts'
import { RunRemovals } from './run-removals.ts'
import type { CreateIn, Service } from './service.ts'
import type { WorkspaceTransaction } from './workspace.ts'

/** Collects changes and commits them together. */
export async function runTransaction<T>(
  context: ServiceContext,
  body: (transaction: WorkspaceTransaction) => Promise<T>
): Promise<T> {
  const changes: Change[] = []
  const find = rememberParents()
  let removals = new RunRemovals()
  const prepare = async (
    kind: Kind,
    fields: Parameters<Service<Kind>['create']>[0],
    upsert: boolean
  ): Promise<string> => {
    refuse(kind)
    removals = new RunRemovals()
    const change = await prepareCreate(
      context,
      kind as ServiceKind,
      fields as Fields<ServiceKind> & CreateIn,
      upsert,
      find
    )
    changes.push(change)
    return addressOf(change.store, change.key)
  }
  const value = await body({
    create: (kind, fields) => prepare(kind, fields as Parameters<typeof prepare>[1], false),
    put: (kind, fields) => prepare(kind, fields as Parameters<typeof prepare>[1], true),
    async update(kind, address, fields) {
      refuse(kind)
      removals = new RunRemovals()
      const place = await findPlace(context, kind, address)
      changes.push(prepareUpdate(place.store, place.key as never, fields as Fields<ServiceKind>))
    },
    async delete(kind, address) {
      refuse(kind)
      if ((kind as Kind) === 'experiment') throw unfit(kind)
      const place = await findPlace(context, kind, address)
      changes.push(deletion(place, address, removals))
    }
  })
  const slugs = [...new Set(changes.map(({ store }) => store.slug))]
  if (slugs.length > 1) {
    throw storeErrors.create('STORE_TRANSACTION', {
      reason: `it changes the projects ${slugs.join(' and ')}; one commit can change only one`
    })
  }
  const { heads } = await commitChanges(changes)
  announce(context, changes, heads)
  return value
}

/** Finds each place once: what a transaction makes mostly goes to the same one. */
function rememberParents(): typeof findParent {
  const found = new Map<string, ReturnType<typeof findParent>>()
  return (context, kind, address) => {
    const name = `${kind} ${address ?? ''}`
    const known = found.get(name)
    if (known !== undefined) return known
    const finding = findParent(context, kind, address)
    found.set(name, finding)
    return finding
  }
}

type AnyPlace = Pick<Change, 'store' | 'key'>

async function findPlace(context: ServiceContext, kind: Kind, address: string): Promise<AnyPlace> {
  const found = await context.book.find(address, [kind])
  const [place] = found === undefined ? await context.book.candidates(address, [kind]) : [found]
  if (place !== undefined) return place as unknown as AnyPlace
  throw storeErrors.create('STORE_NOT_FOUND', { address, kind })
}

function deletion({ store, key }: AnyPlace, address: string, removals: RunRemovals): Change {
  return {
    store,
    key,
    operation: 'delete',
    async apply(transaction) {
      const record = await transaction.read(key as never)
      if (await removeObject(store, key, transaction, removals)) return record as never
      throw storeErrors.create('STORE_NOT_FOUND', { address, kind: key.kind })
    }
  }
}

function refuse(kind: Kind): void {
  if (kind === 'project') throw unfit(kind)
}

function unfit(kind: Kind): Error {
  return storeErrors.create('STORE_TRANSACTION', {
    reason: `a ${kind} is made and deleted by itself, in no commit with other objects`
  })
}

function announce(
  { events }: ServiceContext,
  changes: readonly Change[],
  heads: ReadonlyMap<string, string>
): void {
  for (const { store, key, operation } of changes) {
    const address = addressOf(store, key)
    const commitOid = heads.get(branchOf(key)) as string
    if (operation === 'delete') events.emit('delete', { kind: key.kind, address, commitOid })
    else events.emit('put', { kind: key.kind, address, commitOid, operation })
  }
}
