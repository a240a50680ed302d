import type { Json } from '../base/json.ts'
import { formatErrors } from './errors.ts'
import { readCanonicalYaml } from './yaml-canonical.ts'
import { YAML_MAX_LENGTH } from './yaml-text.ts'

export { formatYaml } from './yaml-format.ts'

export interface ParseYamlOptions {
  /** The file's path, for messages. Default: none. */
  readonly path?: string
  /** The text in UTF-8, from which it is read faster. Default: none. */
  readonly bytes?: Uint8Array
  /** Characters of the longest text. Default: 16,000,000. */
  readonly maxLength?: number
}

/**
 * Parses the YAML 1.2 that records are written in, strictly (docs/FORMAT.md, “YAML”).
 *
 * Refuses duplicate keys, tags, anchors, aliases, merge keys, directives, several documents, numbers
 * that are too large for a double, and whole ones that it can't hold exactly, depths over 64, and what is longer than 1,000,000 characters
 * unless it is in the form that `formatYaml` writes. A key `__proto__` is an ordinary member.
 *
 * The reader of other forms is loaded for the first text that needs it.
 *
 * @throws FORMAT_YAML
 */
export async function parseYaml(text: string, options: ParseYamlOptions = {}): Promise<Json> {
  const { path, bytes, maxLength = YAML_MAX_LENGTH } = options
  const refuse = (line: number, column: number, reason: string, cause?: unknown): Error => {
    const place = path === undefined ? {} : { path }
    return formatErrors.create('FORMAT_YAML', { ...place, line, column, reason }, cause)
  }
  if (text.length > maxLength) throw tooLong(path, maxLength)
  const canonical = readCanonicalYaml(text, bytes)
  if (canonical !== undefined) return canonical
  const { readForeignYaml, YamlRefusal } = await import('./yaml-foreign.ts')
  const read = readForeignYaml(text)
  if (!(read instanceof YamlRefusal)) return read
  throw refuse(read.line, read.column, read.reason, read.cause)
}

/** Makes the error of a text that is longer than is read. */
export function tooLong(path: string | undefined, maxLength = YAML_MAX_LENGTH): Error {
  const place = path === undefined ? {} : { path }
  const reason = `it is longer than ${maxLength} characters`
  return formatErrors.create('FORMAT_YAML', { ...place, line: 1, column: 1, reason })
}
