import type { JsonObject } from '../base/json.ts'
import type { Context } from './context.ts'

/** Prints text, with a line end behind it. */
export function print(context: Pick<Context, 'out'>, text: string): void | Promise<void> {
  return context.out.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Prints one JSON value; NaN and the infinities become text. */
export function printJson(context: Pick<Context, 'out'>, value: unknown): void | Promise<void> {
  return context.out.write(`${jsonPage(value)}\n`)
}

/** Returns a value as JSON on several lines; NaN and the infinities become text. */
export function jsonPage(value: unknown): string {
  return JSON.stringify(value, replaceNumber, 2)
}

/** Returns a value as JSON on one line; NaN and the infinities become text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, replaceNumber)
}

function replaceNumber(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

/** Says something beside the result, on standard error. */
export function note(context: Pick<Context, 'err' | 'quiet'>, text: string): void {
  if (!context.quiet) void context.err.write(`${text}\n`)
}

/** Warns, whether or not the user wants quiet. */
export function warn(context: Pick<Context, 'err' | 'colors'>, text: string): void {
  void context.err.write(`${context.colors.yellow('runtree:')} ${text}\n`)
}

/** Returns an object as `get`, `put` and `--json` have it: kind, address, then its fields. */
export function flatObject(object: Describable): JsonObject {
  const fields = fieldsOf(object)
  const place = { kind: object.kind, address: object.address }
  return { ...place, ...fields, ...place }
}

/** Returns the fields of an object, whatever its kind, by name. */
export function fieldsOf(object: Pick<Describable, 'fields'>): JsonObject {
  return object.fields as JsonObject
}

/** An object of any kind. */
export interface Describable {
  readonly kind: string
  readonly address: string
  readonly fields: object
}
