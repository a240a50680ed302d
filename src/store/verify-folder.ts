import type { CodedError } from '../base/errors.ts'
import { gitErrors } from '../git/errors.ts'
import { initRepository } from '../git/repository.ts'
import { openHostRepository, type StoreHost } from './host.ts'

/**
 * Tells why git takes a folder for no repository though its objects are there: programs that copy files leave
 * empty folders out. `undefined` if it is one, or has no objects.
 */
export async function findIncomplete(
  host: StoreHost,
  folder: string
): Promise<CodedError | undefined> {
  // Other hosts have no files that could be left out.
  if (host.openRepository !== undefined) return undefined
  try {
    const repository = await openHostRepository(host, folder)
    await repository.close()
  } catch (error) {
    const isIncomplete = gitErrors.is(error, 'GIT_NOT_A_REPOSITORY')
    return isIncomplete && (await hasObjects(host, `${folder}/objects`)) ? error : undefined
  }
  return undefined
}

/** Makes the files and folders that a repository lacks, with `main` as its `HEAD`; what is there stays. */
export function completeFolder({ files }: StoreHost, folder: string): Promise<void> {
  return initRepository(files, folder)
}

async function hasObjects({ files }: StoreHost, folder: string): Promise<boolean> {
  for (const { name } of (await files.list(folder)) ?? []) {
    if (!/^(?:pack|[0-9a-f]{2})$/.test(name)) continue
    if (((await files.list(`${folder}/${name}`)) ?? []).length > 0) return true
  }
  return false
}
