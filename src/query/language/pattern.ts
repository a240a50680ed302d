import type { RE2JS } from 're2js'
import { reasonOf } from '../../base/errors.ts'
import { queryErrors } from '../errors.ts'
import { conditionsOf } from './filter.ts'
import type { ParsedFilter } from './parse.ts'

/** Tells whether a text has what a regular expression describes, anywhere. */
export type Matcher = (text: string) => boolean

/** The regular expressions of a filter, by their text. */
export type Patterns = ReadonlyMap<string, Matcher>

/** Loads what matches regular expressions. */
export const loadPatterns = () => import('re2js')

/**
 * Compiles the regular expressions of a filter, for an engine whose time grows with the length of the
 * text alone; it is loaded when there is one.
 *
 * @throws QUERY_PATTERN
 */
export async function compilePatterns(parsed: ParsedFilter, text?: string): Promise<Patterns> {
  const patterns = new Map<string, Matcher>()
  for (const condition of conditionsOf(parsed.filter)) {
    if (condition.op !== '~' || patterns.has(condition.pattern)) continue
    const { pattern } = condition
    const { RE2JS } = await loadPatterns()
    try {
      const compiled: RE2JS = RE2JS.compile(pattern)
      patterns.set(pattern, (value) => compiled.test(value))
    } catch (error) {
      const at = parsed.places.get(condition)
      const place = text === undefined || at === undefined ? {} : { text, at }
      const reason = reasonOf(error)
      throw queryErrors.create('QUERY_PATTERN', { pattern, reason, ...place }, error)
    }
  }
  return patterns
}
