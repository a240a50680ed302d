import { isCoded } from '../base/errors.ts'
import type { StoredObject } from '../service/objects.ts'
import type { HistoryEntry } from '../service/service.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { cliErrors } from './errors.ts'
import { isServed, SERVED_KINDS, type ServedKind, serviceOf } from './find.ts'

/** The codes by which a service says that it has no such object. */
const ABSENT = ['STORE_NOT_FOUND', 'STORE_WRONG_KIND', 'STORE_FIELD', 'MODEL_NAME']

function isAbsent(error: unknown): boolean {
  return isCoded(error) && ABSENT.includes(error.code)
}

/** Returns the kinds that an address may be of: its own if the object is there, else all. */
async function kindsOf(workspace: Workspace, address: string): Promise<readonly ServedKind[]> {
  const found = await workspace.resolve(address)
  return found !== undefined && isServed(found.kind) ? [found.kind] : SERVED_KINDS
}

/** Lists the commits of an object that may have been deleted. @throws CLI_NOT_FOUND */
export async function* storedHistory(
  context: Pick<Context, 'signal'>,
  workspace: Workspace,
  address: string
): AsyncGenerator<HistoryEntry> {
  for (const kind of await kindsOf(workspace, address)) {
    let found = false
    try {
      for await (const entry of serviceOf(workspace, kind).history(address, {
        signal: context.signal
      })) {
        found = true
        yield entry
      }
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
    if (found) return
  }
  throw cliErrors.create('CLI_NOT_FOUND', { address })
}

/** Brings back an object that may have been deleted. @throws CLI_NOT_FOUND */
export async function restoreStored(
  context: Pick<Context, 'signal'>,
  workspace: Workspace,
  address: string,
  at: string | undefined
): Promise<StoredObject<ServedKind>> {
  const options = { signal: context.signal, ...(at === undefined ? {} : { at }) }
  for (const kind of await kindsOf(workspace, address)) {
    try {
      const object = await serviceOf(workspace, kind).restore(address, options)
      return object as StoredObject<ServedKind>
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }
  throw cliErrors.create('CLI_NOT_FOUND', { address })
}
