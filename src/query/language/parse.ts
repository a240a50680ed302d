import {
  COMPARISONS,
  type ComparisonOperator,
  EVERYTHING,
  FILTER_MAX_CONDITIONS,
  FILTER_MAX_DEPTH,
  FILTER_MAX_LENGTH,
  type FieldPath,
  type Filter
} from './filter.ts'
import { KEYWORDS, Scanner } from './scanner.ts'
import { parseValue } from './value-text.ts'

/** A filter with the places of its conditions in the text. */
export interface ParsedFilter {
  readonly filter: Filter
  readonly places: ReadonlyMap<Filter, number>
}

/**
 * Parses a filter such as `metrics.accuracy >= 0.9 and not tags has "debug"`; of nothing, everything
 * passes.
 *
 * @throws QUERY_SYNTAX with the place of the mistake.
 */
export function parseFilter(text: string): Filter {
  return parseFilterText(text).filter
}

/** Parses a filter and tells where its conditions stand. @throws QUERY_SYNTAX */
export function parseFilterText(text: string): ParsedFilter {
  const scanner = new Scanner(text)
  if (text.length > FILTER_MAX_LENGTH) {
    throw scanner.mistake(`it has more than ${FILTER_MAX_LENGTH} characters`, FILTER_MAX_LENGTH)
  }
  if (scanner.isAtEnd) return { filter: EVERYTHING, places: new Map() }
  const parser = new FilterParser(scanner)
  const filter = parser.parseAny(0)
  if (!scanner.isAtEnd) throw parser.unexpectedEnd()
  return { filter, places: parser.places }
}

/** Parses a field such as `metrics."train/loss".min`. @throws QUERY_SYNTAX */
export function parseField(text: string): FieldPath {
  const scanner = new Scanner(text)
  scanner.skipSpace()
  const field = readField(scanner)
  if (!scanner.isAtEnd)
    throw scanner.mistake('a field has names with dots between; others need quotes')
  return field
}

/** Reads the names of a field. */
export function readField(scanner: Scanner): FieldPath {
  const first = scanner.name(true)
  if (first === undefined) throw scanner.mistake('a field is expected')
  const names = [first]
  while (scanner.text[scanner.at] === '.') {
    scanner.at++
    const name = scanner.name(false)
    if (name === undefined) throw scanner.mistake('a name is expected after the dot')
    names.push(name)
  }
  return names
}

const OPERATORS = /==|!=|<>|<=|>=|=|<|>|!~|~|&&|\|\||!/y

class FilterParser {
  readonly places = new Map<Filter, number>()
  readonly #scanner: Scanner

  constructor(scanner: Scanner) {
    this.#scanner = scanner
  }

  parseAny(depth: number): Filter {
    return this.#parseChain('or', depth, () => this.#parseAll(depth))
  }

  /** Returns the error about what follows a whole filter. */
  unexpectedEnd(): Error {
    const scanner = this.#scanner
    const at = scanner.at
    if (scanner.take(')')) return scanner.mistake('no parenthesis is open here', at)
    const sign = scanner.match(OPERATORS)
    if (sign === '&&') return scanner.mistake('conditions are joined by words', at, 'and')
    if (sign === '||') return scanner.mistake('conditions are joined by words', at, 'or')
    return scanner.mistake('“and”, “or” or the end is expected', at)
  }

  #parseAll(depth: number): Filter {
    return this.#parseChain('and', depth, () => this.#parseOne(depth))
  }

  #parseChain(op: 'and' | 'or', depth: number, next: () => Filter): Filter {
    if (depth > FILTER_MAX_DEPTH) {
      throw this.#scanner.mistake(`it is nested more than ${FILTER_MAX_DEPTH} levels deep`)
    }
    const filters = [next()]
    while (this.#scanner.takeWord(op)) filters.push(next())
    return filters.length === 1 ? (filters[0] as Filter) : { op, filters }
  }

  #parseOne(depth: number): Filter {
    const scanner = this.#scanner
    if (depth > FILTER_MAX_DEPTH) {
      throw scanner.mistake(`it is nested more than ${FILTER_MAX_DEPTH} levels deep`)
    }
    if (scanner.takeWord('not')) return { op: 'not', filter: this.#parseOne(depth + 1) }
    scanner.skipSpace()
    const start = scanner.at
    if (scanner.take('(')) {
      const filter = this.parseAny(depth + 1)
      if (!scanner.take(')')) {
        if (!scanner.isAtEnd) throw this.unexpectedEnd()
        throw scanner.mistake('the parenthesis that begins here is not closed', start)
      }
      return filter
    }
    return this.#place(this.#parseCondition(), start)
  }

  #place(filter: Filter, start: number): Filter {
    if (this.places.size >= FILTER_MAX_CONDITIONS) {
      throw this.#scanner.mistake(`it has more than ${FILTER_MAX_CONDITIONS} conditions`)
    }
    this.places.set(filter.op === 'not' ? filter.filter : filter, start)
    return filter
  }

  #parseCondition(): Filter {
    const scanner = this.#scanner
    if (scanner.isAtEnd) throw scanner.mistake('a condition is expected, such as status = failed')
    if (scanner.takeWord('exists')) return this.#parseExists()
    const word = scanner.peekWord()
    if (KEYWORDS.includes(word.toLowerCase())) {
      const suggestion = `"${word}", if it is a field's name`
      throw scanner.mistake(`a condition is expected before “${word}”`, scanner.at, suggestion)
    }
    if (scanner.text[scanner.at] === '!') {
      throw scanner.mistake('what must not be is written with a word', scanner.at, 'not')
    }
    const field = readField(scanner)
    scanner.skipSpace()
    if (scanner.takeWord('not')) {
      if (scanner.takeWord('in')) return { op: 'not', filter: this.#parseIn(field) }
      if (scanner.takeWord('has')) return { op: 'not', filter: this.#parseHas(field) }
      throw scanner.mistake('“in” or “has” is expected after a field and “not”')
    }
    if (scanner.takeWord('in')) return this.#parseIn(field)
    if (scanner.takeWord('has')) return this.#parseHas(field)
    return this.#parseComparison(field)
  }

  #parseExists(): Filter {
    const scanner = this.#scanner
    if (!scanner.take('(')) {
      throw scanner.mistake('a parenthesis is expected', scanner.at, 'exists(params.lr)')
    }
    scanner.skipSpace()
    const field = readField(scanner)
    if (!scanner.take(')')) throw scanner.mistake('“)” is expected after the field')
    return { op: 'exists', field }
  }

  #parseIn(field: FieldPath): Filter {
    const scanner = this.#scanner
    if (!scanner.take('[')) {
      throw scanner.mistake('a list is expected after “in”', scanner.at, 'in [1, 2]')
    }
    const values = []
    while (!scanner.take(']')) {
      if (values.length > 0 && !scanner.take(',')) throw scanner.mistake('“,” or “]” is expected')
      values.push(parseValue(scanner))
    }
    return { op: 'in', field, values }
  }

  #parseHas(field: FieldPath): Filter {
    const at = this.#scanner.at
    const value = parseValue(this.#scanner)
    if (typeof value === 'object') {
      throw this.#scanner.mistake('a text, number or boolean is expected after “has”', at)
    }
    return { op: 'has', field, value }
  }

  #parseComparison(field: FieldPath): Filter {
    const scanner = this.#scanner
    const at = scanner.at
    const found = scanner.match(OPERATORS)
    if (found === '~' || found === '!~') return this.#parsePattern(field, found === '!~')
    const op = found === '==' ? '=' : found === '<>' ? '!=' : found
    if (op === undefined || !COMPARISONS.includes(op)) {
      throw scanner.mistake('an operator is expected: = != < <= > >= ~ in has', at)
    }
    return { op: op as ComparisonOperator, field, value: parseValue(scanner) }
  }

  #parsePattern(field: FieldPath, isNegated: boolean): Filter {
    this.#scanner.skipSpace()
    const at = this.#scanner.at
    const pattern = parseValue(this.#scanner)
    if (typeof pattern !== 'string') {
      throw this.#scanner.mistake('a regular expression is expected, in quotes', at)
    }
    const filter: Filter = { op: '~', field, pattern }
    return isNegated ? { op: 'not', filter } : filter
  }
}
