import type { Problem } from './errors.ts'
import type { Kind } from './kinds.ts'
import { FORMS } from './schema.ts'
import { type SchemaProblem, validators } from './validators.js'

/** Levels to which maps and lists may lie in each other. */
export const MAX_DEPTH = 64

const SHOWN_LENGTH = 60

/** Returns what is wrong with a record of a kind; nothing if it is sound. */
export function validateRecord(kind: Kind, value: unknown): readonly Problem[] {
  const alien = findAlien(value, [])
  if (alien !== undefined) return [alien]
  const validate = validators[kind]
  if (validate(value)) return []
  return (validate.errors ?? [])
    .filter(({ keyword }) => keyword !== 'propertyNames')
    .map((problem) => explain(problem, value))
}

/** Finds what is no data: a function, a date, a cycle, text that is no Unicode. */
function findAlien(value: unknown, path: readonly string[]): Problem | undefined {
  const problem = (message: string): Problem => ({ field: path.join('/'), message })
  if (path.length > MAX_DEPTH) return { field: '', message: `is nested deeper than ${MAX_DEPTH}` }
  if (typeof value === 'string') {
    return /\p{Cs}/u.test(value) ? problem('is no valid Unicode text') : undefined
  }
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object') {
    return ['boolean', 'number'].includes(typeof value)
      ? undefined
      : problem(`expected data, found a ${typeof value}`)
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    return problem(`expected data, found a ${value.constructor?.name ?? 'special object'}`)
  }
  for (const [member, item] of Object.entries(value)) {
    const found = findAlien(item, [...path, member]) ?? findAlien(member, path)
    if (found !== undefined) return found
  }
  return undefined
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function explain({ instancePath, keyword, params }: SchemaProblem, value: unknown): Problem {
  const path = instancePath.split('/').slice(1).map(unescapePointer)
  if (keyword === 'required') {
    return { field: [...path, params.missingProperty].join('/'), message: 'is missing' }
  }
  const found = path.reduce(memberOf, value)
  const message = `expected ${expectation(keyword, params)}, found ${show(found)}`
  return { field: path.join('/'), message }
}

function expectation(keyword: string, params: SchemaProblem['params']): string {
  switch (keyword) {
    case 'type':
      return [params.type].flat().map(typeWords).join(' or ')
    case 'const':
      return show(params.allowedValue)
    case 'enum':
      return `one of ${(params.allowedValues as readonly string[]).join(', ')}`
    case 'pattern':
      return (
        Object.values(FORMS).find((form) => form.pattern === params.pattern)?.words ??
        'another form'
      )
    case 'minimum':
      return `a number from ${params.limit}`
    case 'maximum':
      return `a number up to ${params.limit}`
    case 'minLength':
      return 'text that is not empty'
    case 'uniqueItems':
      return 'no value twice'
    default:
      return 'another value'
  }
}

function typeWords(type: unknown): string {
  switch (type) {
    case 'string':
      return 'text'
    case 'object':
      return 'a map'
    case 'array':
      return 'a list'
    case 'integer':
      return 'a whole number'
    case 'boolean':
      return 'true or false'
    default:
      return `a ${type}`
  }
}

function memberOf(value: unknown, member: string): unknown {
  return (value as { readonly [member: string]: unknown } | undefined)?.[member]
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'a map'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
}
