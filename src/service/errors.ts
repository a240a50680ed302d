import { defineErrors } from '../base/errors.ts'

/** The failures of this floor. */
export const serviceErrors = defineErrors({
  SERVICE_OBJECT_TEXT: (data: {
    /** The file, if it has a name. */
    readonly path?: string
    /** Which object of the text, from 1. */
    readonly position: number
    readonly reason: string
  }) => `Object ${data.position} of ${data.path ?? 'the text'} can't be stored: ${data.reason}.`,
  SERVICE_SETTING: (data: { readonly key: string; readonly reason: string }) =>
    `The setting ${data.key} ${data.reason}.`
})
