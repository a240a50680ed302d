import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { queryErrors } from '../errors.ts'
import {
  COMPARISONS,
  EVERYTHING,
  FILTER_MAX_CONDITIONS,
  FILTER_MAX_DEPTH,
  type FieldPath,
  type Filter,
  type FilterValue
} from './filter.ts'
import { isTimeText } from './moment.ts'
import { type ParsedFilter, parseField, parseFilterText } from './parse.ts'

/**
 * A filter in any of its forms: text, data, or a map of fields that must equal values
 * (`{ status: 'finished', 'params.k': 5 }`).
 */
export type FilterInput = string | Filter | JsonObject

/** Where a list of conditions stands. */
const LISTS = ['and', 'or']
const OPERATORS = [...LISTS, 'not', ...COMPARISONS, 'in', 'has', '~', 'exists']

/**
 * Reads a filter in any of its forms.
 *
 * @throws QUERY_SYNTAX if text is wrong, QUERY_FILTER if data are.
 */
export function readFilter(input: FilterInput | undefined): ParsedFilter {
  if (input === undefined) return { filter: EVERYTHING, places: new Map() }
  if (typeof input === 'string') return parseFilterText(input)
  if (!isJsonObject(input)) throw wrong('the filter', 'it must be text or a map')
  const filter = isFilterData(input) ? new DataReader().read(input, '', 0) : equalityOf(input)
  return { filter, places: new Map() }
}

/** Tells filter data from a map of fields: there is a known operator, and what belongs to it. */
function isFilterData(input: object): boolean {
  const { op, ...rest } = input as JsonObject
  if (typeof op !== 'string' || !OPERATORS.includes(op)) return false
  const wanted = LISTS.includes(op) ? 'filters' : op === 'not' ? 'filter' : 'field'
  return wanted in rest
}

function equalityOf(fields: JsonObject): Filter {
  const filters = Object.entries(fields).map(([name, value]): Filter => {
    const field = name.split('.')
    if (value === undefined) return { op: 'not', filter: { op: 'exists', field } }
    const isScalar = typeof value !== 'object' || value === null
    return { op: '=', field, value: isScalar ? value : { json: value } }
  })
  return filters.length === 1 ? (filters[0] as Filter) : { op: 'and', filters }
}

function wrong(path: string, reason: string): Error {
  return queryErrors.create('QUERY_FILTER', { path, reason })
}

class DataReader {
  #conditions = 0

  read(data: unknown, path: string, depth: number): Filter {
    const place = path === '' ? 'the filter' : path
    if (depth > FILTER_MAX_DEPTH) throw wrong(place, 'it is nested too deeply')
    if (!isJsonObject(data)) throw wrong(place, 'it must be a map with “op”')
    if (++this.#conditions > FILTER_MAX_CONDITIONS)
      throw wrong(place, 'there are too many conditions')
    const { op } = data
    if (op === 'and' || op === 'or') return this.#readList(op, data.filters, path, depth)
    if (op === 'not') return { op, filter: this.read(data.filter, `${path}.filter`, depth + 1) }
    if (typeof op !== 'string' || !OPERATORS.includes(op)) {
      throw wrong(`${path}.op`, `it must be one of ${OPERATORS.join(' ')}`)
    }
    return readCondition(op, data, path)
  }

  #readList(op: 'and' | 'or', data: unknown, path: string, depth: number): Filter {
    if (!Array.isArray(data)) throw wrong(`${path}.filters`, 'it must be a list')
    if (data.length === 0) {
      if (op === 'and' && depth === 0) return EVERYTHING
      throw wrong(`${path}.filters`, 'it must not be empty')
    }
    const filters = data.map((part, index) =>
      this.read(part, `${path}.filters[${index}]`, depth + 1)
    )
    return filters.length === 1 ? (filters[0] as Filter) : { op, filters }
  }
}

function readCondition(op: string, data: JsonObject, path: string): Filter {
  const field = readPath(data.field, `${path}.field`)
  switch (op) {
    case 'exists':
      return { op, field }
    case 'in': {
      const { values } = data
      if (!Array.isArray(values)) throw wrong(`${path}.values`, 'it must be a list')
      return {
        op,
        field,
        values: values.map((value, index) => readValue(value, `${path}.values[${index}]`))
      }
    }
    case 'has': {
      const { value } = data
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        return { op, field, value }
      }
      throw wrong(`${path}.value`, 'it must be text, a number or a boolean')
    }
    case '~': {
      const { pattern } = data
      if (typeof pattern === 'string') return { op, field, pattern }
      throw wrong(`${path}.pattern`, 'it must be text')
    }
    default:
      return {
        op: op as '=' | '!=' | '<' | '<=' | '>' | '>=',
        field,
        value: readValue(data.value, `${path}.value`)
      }
  }
}

function readPath(field: unknown, path: string): FieldPath {
  if (typeof field === 'string') return parseField(field)
  const isPath =
    Array.isArray(field) && field.length > 0 && field.every((name) => typeof name === 'string')
  if (isPath) return field as FieldPath
  throw wrong(path, 'it must be a field, as text or as a list of names')
}

function readValue(value: unknown, path: string): FilterValue {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    return value as FilterValue
  }
  if (Array.isArray(value)) return { json: value as Json }
  if (isJsonObject(value)) {
    const { time, now, durationMs, json } = value
    if (typeof time === 'string' && isTimeText(time)) return { time }
    if (Number.isSafeInteger(now)) return { now: now as number }
    if (Number.isSafeInteger(durationMs) && (durationMs as number) >= 0) {
      return { durationMs: durationMs as number }
    }
    if (json !== undefined) return { json }
  }
  throw wrong(path, 'it must be a scalar, or {time}, {now}, {durationMs} or {json}')
}
