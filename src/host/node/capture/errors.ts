import { defineErrors } from '../../../base/errors.ts'

/** What can go wrong while code is captured; `captureCode` turns each into a warning. */
export const captureErrors = defineErrors({
  CAPTURE_GIT_MISSING: () =>
    'The git program is not installed, so only the entry file was captured.',
  CAPTURE_GIT_REFUSED: (data: { readonly folder: string; readonly reason: string }) =>
    `git refused to read the repository of ${data.folder}: ${data.reason}`,
  CAPTURE_GIT_FAILED: (data: { readonly command: string; readonly reason: string }) =>
    `git ${data.command} failed while the code was captured: ${data.reason}`,
  CAPTURE_TIMED_OUT: (data: { readonly timeoutMs: number }) =>
    `Capturing the code took longer than ${data.timeoutMs} ms, so only the entry file was captured.`,
  CAPTURE_FILTER_FAILED: (data: { readonly reason: string }) =>
    `A filter of the code's repository failed, so the changed files were captured without filters: ${data.reason}`,
  CAPTURE_FILE_UNREADABLE: (data: { readonly path: string }) =>
    `${data.path} cannot be read, so it was captured as it is in the index.`,
  CAPTURE_PATCH_TOO_LARGE: (data: { readonly maxPatchBytes: number }) =>
    `The changes since the last commit make a patch of more than ${data.maxPatchBytes} bytes, so they were not stored.`,
  CAPTURE_PATCH_FAILED: (data: { readonly reason: string }) =>
    `The changes since the last commit could not be written as a patch: ${data.reason}`,
  CAPTURE_SUBMODULE_CHANGED: (data: { readonly path: string }) =>
    `The submodule ${data.path} has changes of its own, which were not captured.`
})
