import type { Problem } from './errors.ts'
import type { Kind } from './kinds.ts'
import { FORMS } from './schema.ts'
import { type SchemaProblem, validators } from './validators.js'

/** Levels to which maps and lists may lie in each other. */
export const MAX_DEPTH = 64

const SHOWN_LENGTH = 60

/** Returns what is wrong with a record of a kind; nothing if it is sound. */
export function validateRecord(kind: Kind, value: unknown): readonly Problem[] {
  const alien = findAlien(value, 0)
  return alien === undefined
    ? validateFields(kind, value)
    : [{ field: alien.path.reverse().join('/'), message: alien.message }]
}

/** Returns what is wrong with the fields of a record that is known to be data, as YAML can hold it. */
export function validateFields(kind: Kind, value: unknown): readonly Problem[] {
  const validate = validators[kind]
  if (validate(value)) return []
  return (validate.errors ?? [])
    .filter(({ keyword }) => keyword !== 'propertyNames')
    .map((problem) => explain(problem, value))
}

/** Something that can't be stored, and the way to it from the innermost member. */
interface Alien {
  readonly path: string[]
  readonly message: string
}

/** Finds what is no data: a function, a date, a cycle, text that is no Unicode. */
function findAlien(value: unknown, depth: number): Alien | undefined {
  if (depth > MAX_DEPTH) return { path: [], message: `is nested deeper than ${MAX_DEPTH}` }
  if (typeof value === 'string') return findBadText(value)
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return undefined
  if (typeof value !== 'object')
    return { path: [], message: `expected data, found a ${typeof value}` }
  if (!Array.isArray(value) && !isPlain(value)) {
    const name = value.constructor?.name ?? 'special object'
    return { path: [], message: `expected data, found a ${name}` }
  }
  // Unlike `Object.keys`, this makes no list; what is inherited is none of the data.
  for (const member in value) {
    if (!Object.hasOwn(value, member)) continue
    const item = (value as { readonly [member: string]: unknown })[member]
    const found = findBadText(member) ?? findAlien(item, depth + 1)
    if (found === undefined) continue
    found.path.push(member)
    return found
  }
  return undefined
}

function findBadText(text: string): Alien | undefined {
  // The second test is slow, and nearly always spared by the first.
  if (!/[\ud800-\udfff]/.test(text) || !/\p{Cs}/u.test(text)) return undefined
  return { path: [], message: 'is no valid Unicode text' }
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
