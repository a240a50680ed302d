import { type CallOptions, SOURCE_METHODS, type Source, type SourceMethod } from './source.ts'

/** Calls a method of a source that is elsewhere. */
export type CallMethod = (
  method: SourceMethod,
  request: object,
  options: CallOptions
) => Promise<unknown>

/** Makes a source of what calls its methods. */
export function sourceOf(call: CallMethod): Source {
  const methods = SOURCE_METHODS.map((method) => [
    method,
    (request: object = {}, options: CallOptions = {}) => call(method, request, options)
  ])
  return Object.fromEntries(methods) as Source
}
