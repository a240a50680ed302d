import { defineErrors, isCoded, reasonOf } from '../base/errors.ts'

/** What can go wrong where records and git meet. */
export const storeErrors = defineErrors({
  STORE_NOT_FOUND: (data: { address: string; kind?: string }) =>
    `There is no ${data.kind ?? 'object'} ${data.address}.`,
  STORE_EXISTS: (data: { address: string; kind: string }) =>
    `The ${data.kind} ${data.address} exists already.`,
  STORE_AMBIGUOUS: (data: { address: string; candidates: readonly string[] }) =>
    `${data.address} may be any of ${data.candidates.join(', ')}.`,
  STORE_WRONG_KIND: (data: { address: string; kind: string; wanted: string }) =>
    `${data.address} is of the kind ${data.kind}, not ${data.wanted}.`,
  STORE_NO_PROJECT: (data: { workspace: string }) =>
    `No project was named, and the workspace ${data.workspace} has no current one.`,
  STORE_NOT_A_PROJECT: (data: { folder: string }) =>
    `The repository ${data.folder} is no Runtree project: its main branch has no project.yaml.`,
  STORE_REVISION: (data: { project: string; revision: string }) =>
    `The project ${data.project} has no commit or tag ${data.revision}.`,
  STORE_IN_USE: (data: { address: string; by: readonly string[] }) =>
    `${data.address} is used by ${data.by.slice(0, 3).join(', ')}${data.by.length > 3 ? ' and others' : ''}.`,
  STORE_BUSY: (data: { ref: string; attempts: number }) =>
    `The branch ${data.ref} moved each time it was to be written, ${data.attempts} times in a row.`,
  STORE_UNPUSHED: (data: { project: string }) =>
    `The project ${data.project} has no copy elsewhere, so deleting it needs to be forced.`,
  STORE_MERGE_TOO_NEW: (data: { path: string; version: number; known: number }) =>
    `Both sides changed ${data.path}, which has schema version ${data.version}; this program knows ${data.known}.`,
  STORE_PART_BROKEN: (data: { path: string; lines: number }) =>
    `${data.path} has ${data.lines} broken ${data.lines === 1 ? 'line' : 'lines'}.`,
  STORE_OVERVIEW_WRONG: (data: { path: string }) =>
    `${data.path} does not say what the series beside it say.`,
  STORE_CACHE_DAMAGED: (data: { path: string }) =>
    `${data.path} is damaged; it can be made again from the history.`,
  STORE_JOURNAL_DAMAGED: (data: { folder: string; lines: number; isNameless: boolean }) =>
    `The journal in ${data.folder} ${
      data.isNameless
        ? 'does not say whose it is'
        : `has ${data.lines} broken ${data.lines === 1 ? 'line' : 'lines'}`
    }.`,
  STORE_CONTENT_DAMAGED: (data: { path: string }) =>
    `The content ${data.path} does not have the digest that is its name.`,
  STORE_CONTENT_ELSEWHERE: (data: { address: string; place: string; sizeBytes?: number }) =>
    `The content of ${data.address} is not here: it lies at ${data.place}.`,
  STORE_LEFT_THERE: (data: { project: string; remote: string; url: string }) =>
    `A part of ${data.project} was left at ${data.remote} (${data.url}), which can't be reached.`,
  STORE_NO_REMOTE: (data: { project: string; remote: string; known: readonly string[] }) =>
    `The project ${data.project} has no remote ${data.remote}${
      data.known.length === 0 ? '' : `; it has ${data.known.join(', ')}`
    }.`,
  STORE_REMOTE_NAME: (data: { remote: string }) =>
    `${JSON.stringify(data.remote)} can't be the name of a remote.`,
  STORE_OTHER_PROJECT: (data: { remote: string; ownId: string; theirId: string }) =>
    `The remote ${data.remote} holds another project: its id is ${data.theirId}, this one's ${data.ownId}.`,
  STORE_NOT_A_PROJECT_THERE: (data: { remote: string; url: string; isEmpty?: boolean }) =>
    data.isEmpty
      ? `The repository ${data.url} is empty: there is no Runtree project yet.`
      : `The repository ${data.url} holds no Runtree project, but is not empty.`,
  STORE_RECORD_THERE: (data: { remote: string; url: string; branch: string; reason: string }) =>
    `On ${data.branch} of the repository ${data.url} a record can't be read: ${data.reason}.`,
  STORE_NO_REMOTES_HERE: (data: { url: string }) =>
    `${data.url} can't be reached: this workspace was opened without a way to other repositories.`,
  STORE_DELETE_MODE: (data: { address: string; mode: string }) =>
    `${data.address} can't be deleted in the mode ${data.mode}: inside an experiment there is one history.`,
  STORE_PURGE: (data: { address: string; reason: string }) =>
    `${data.address} can't be purged: ${data.reason}.`,
  STORE_TRANSACTION: (data: { reason: string }) => `The transaction can't be made: ${data.reason}.`,
  STORE_IMMUTABLE: (data: { address: string; field: string }) =>
    `The field ${data.field} of ${data.address} can't be changed.`,
  STORE_FIELD: (data: { kind: string; field: string; reason: string }) =>
    `The field ${data.field} of the ${data.kind} ${data.reason}.`,
  STORE_REFERENCE: (data: { address: string; field: string; target: string }) =>
    `${data.address} names ${data.target} as its ${data.field}, which does not exist.`,
  STORE_WORKSPACE: (data: { folder: string; reason: string }) =>
    `The workspace ${data.folder} can't be used: ${data.reason}.`,
  STORE_FILES: (data: { folder: string; reason: string }) =>
    `The files in ${data.folder} can't be used: ${data.reason}.`,
  STORE_JOURNAL: (data: { folder: string; reason: string }) =>
    `The journal in ${data.folder} can't be written: ${data.reason}.`
})

/** Returns a failure of the operating system (no permission, no space) as one that names the folder. */
export function fileFailure(error: unknown, folder: string): unknown {
  const isSystem = error instanceof Error && 'errno' in error && !isCoded(error)
  if (!isSystem) return error
  return storeErrors.create('STORE_FILES', { folder, reason: reasonOf(error) }, error)
}

/** Runs a body whose failures of the operating system are to name the folder. @throws STORE_FILES */
export async function guardFiles<T>(folder: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    throw fileFailure(error, folder)
  }
}
