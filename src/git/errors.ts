import { defineErrors } from '../base/errors.ts'

/** The failures of the git floor. */
export const gitErrors = defineErrors({
  GIT_ALTERNATE_GONE: (data: { readonly path: string; readonly folder: string }) =>
    `${data.folder}, from which ${data.path} borrows objects, is gone.`,
  GIT_HISTORY_CUT: (data: { readonly oid: string }) =>
    `The history before the commit ${data.oid} is not here.`,
  GIT_OBJECT_COLLISION: (data: { readonly oid: string; readonly where: string }) =>
    `The object ${data.oid} in ${data.where} has other bytes than another of that name.`,
  GIT_OBJECT_DAMAGED: (data: {
    readonly oid: string
    readonly where: string
    readonly reason: string
  }) => `The object ${data.oid} in ${data.where} is damaged: ${data.reason}.`,
  GIT_OBJECT_MISSING: (data: {
    readonly oid: string
    readonly type?: string
    /** The ref that leads to it. */
    readonly ref?: string
  }) =>
    `There is no ${data.type ?? 'object'} ${data.oid}${
      data.ref === undefined ? '' : `, to which ${data.ref} leads`
    }.`,
  GIT_OBJECT_TYPE: (data: {
    readonly oid: string
    readonly expected: string
    readonly found: string
  }) => `The object ${data.oid} is a ${data.found}, not a ${data.expected}.`,
  GIT_PACK_DAMAGED: (data: { readonly path: string; readonly reason: string }) =>
    `The pack ${data.path} is damaged: ${data.reason}.`,
  GIT_TREE_NAME: (data: { readonly name: string; readonly reason: string }) =>
    `The name ${JSON.stringify(data.name)} cannot be stored in a tree: ${data.reason}.`,
  GIT_REF_NAME: (data: { readonly ref: string; readonly reason: string }) =>
    `The ref name ${JSON.stringify(data.ref)} cannot be used: ${data.reason}.`,
  GIT_REF_DAMAGED: (data: { readonly ref: string; readonly reason: string }) =>
    `The ref ${data.ref} cannot be read: ${data.reason}.`,
  GIT_REF_LOCKED: (data: {
    readonly ref: string
    readonly path: string
    /** How old the lock is, as far as that can be told. */
    readonly ageMs: number | undefined
  }) =>
    `The ref ${data.ref} is locked by another program: ${data.path}${
      data.ageMs === undefined ? '' : ` has been there for ${Math.round(data.ageMs / 1000)} s`
    }.`,
  GIT_QUEUE_BUSY: (data: {
    readonly name: string
    readonly path: string
    readonly waitedMs: number
    /** Who holds the lock, such as `process 4711 on worker-3`. */
    readonly owner: string
  }) =>
    `${data.owner} has held the queue of ${data.name} for more than ${Math.round(
      data.waitedMs / 1000
    )} s (${data.path}).`,
  GIT_NOT_A_REPOSITORY: (data: { readonly path: string; readonly reason: string }) =>
    `${data.path} is not a bare git repository: ${data.reason}.`,
  GIT_UNSUPPORTED_FORMAT: (data: { readonly path: string; readonly reason: string }) =>
    `The repository ${data.path} has a format that this program does not know: ${data.reason}.`,
  GIT_CONFIG_DAMAGED: (data: { readonly path: string; readonly line: number }) =>
    `Line ${data.line} of ${data.path} cannot be read.`
})
