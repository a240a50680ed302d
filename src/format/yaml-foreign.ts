import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  parseDocument
} from 'yaml'
import type { Json } from '../base/json.ts'
import { YAML_MAX_DEPTH } from './yaml-text.ts'

/** Why a text is refused, and where. */
export class YamlRefusal {
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly reason: string
  readonly cause: unknown

  constructor(
    place: { readonly line: number; readonly col: number },
    reason: string,
    cause?: unknown
  ) {
    this.line = Math.max(place.line, 1)
    this.column = Math.max(place.col, 1)
    this.reason = reason
    this.cause = cause
  }
}

/** Where a node that may not stand there begins, and why it may not. */
class Refusal {
  readonly offset: number
  readonly reason: string

  constructor(offset: number, reason: string) {
    this.offset = offset
    this.reason = reason
  }
}

/** Characters of the longest text that isn't in the canonical form. */
const FOREIGN_MAX_LENGTH = 1_000_000

/** Spaces before a line, outside of blocks of text. */
const MAX_INDENT = 10 * YAML_MAX_DEPTH

const KEPT_INTEGER = /^[-+]?\d+$/

/** Reads YAML of any form, as `parseYaml` describes it; it is loaded when there is some. */
export function readForeignYaml(text: string): Json | YamlRefusal {
  const lines = new LineCounter()
  try {
    checkForeign(text)
    return readDocument(text, lines)
  } catch (error) {
    const { offset, reason } = refusalOf(error)
    return new YamlRefusal(
      lines.linePos(offset),
      reason,
      error instanceof Refusal ? undefined : error
    )
  }
}

/**
 * Refuses text whose depth or size would be more than the parser bears.
 *
 * It descends with the text; near the end of the stack V8 may even end the process.
 */
function checkForeign(text: string): void {
  if (text.length > FOREIGN_MAX_LENGTH) {
    const limit = `longer than ${FOREIGN_MAX_LENGTH} characters`
    throw new Refusal(0, `it is ${limit} and not in the canonical form`)
  }
  let flow = 0
  let onLine = 0
  let isLineStart = true
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') flow++
    else if (lexeme === ']' || lexeme === '}') flow = Math.max(flow - 1, 0)
    else if (lexeme === '\n' || lexeme === '\r\n') onLine = 0
    else if (flow === 0 && /^[-?:]$/.test(lexeme)) onLine++
    const isIndent = isLineStart && /^ +$/.test(lexeme)
    if (
      flow > YAML_MAX_DEPTH ||
      onLine > YAML_MAX_DEPTH ||
      (isIndent && lexeme.length > MAX_INDENT)
    ) {
      throw new Refusal(0, 'it is nested too deeply')
    }
    isLineStart = lexeme.endsWith('\n')
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  // The parser descends with the text: what is nested without end overflows the stack.
  if (error instanceof RangeError) return new Refusal(0, 'it is nested too deeply')
  throw error
}

/** Reads YAML of any form; what it reads of canonical YAML is what `readCanonicalYaml` does. */
export function readDocument(text: string, lineCounter: LineCounter): Json {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    keepSourceTokens: false,
    lineCounter
  })
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem?.code === 'MULTIPLE_DOCS') {
    throw new Refusal(problem.pos[0], 'only one document is allowed')
  }
  if (problem !== undefined) throw new Refusal(problem.pos[0], lowerFirst(problem.message))
  if (document.directives.yaml.explicit || /^%/m.test(text.slice(0, document.range[0]))) {
    throw new Refusal(0, 'directives are not allowed')
  }
  return readNode(document.contents, 0)
}

function readNode(node: Node | null | undefined, depth: number): Json {
  if (node === null || node === undefined) return null
  const offset = node.range?.[0] ?? 0
  if (isAlias(node)) throw new Refusal(offset, 'aliases are not allowed')
  if ('anchor' in node && node.anchor !== undefined) {
    throw new Refusal(offset, 'anchors are not allowed')
  }
  if (node.tag !== undefined) throw new Refusal(offset, 'tags are not allowed')
  if (isScalar(node)) return readScalar(node.value, node.source, offset)
  if (depth >= YAML_MAX_DEPTH) throw new Refusal(offset, 'it is nested too deeply')
  if (!isCollection(node)) throw new Refusal(offset, 'it is of an unknown form')
  if (!isMap(node)) return node.items.map((item) => readNode(item as Node | null, depth + 1))
  const members = new Map<string, Json>()
  for (const pair of node.items) {
    const key = readKey(pair.key as Node | null, offset)
    if (members.has(key)) {
      const keyOffset = (pair.key as Node).range?.[0] ?? offset
      throw new Refusal(
        keyOffset,
        `the key ${JSON.stringify(key.slice(0, 100))} stands there twice`
      )
    }
    members.set(key, readNode(pair.value as Node | null, depth + 1))
  }
  return Object.fromEntries(members)
}

function readKey(node: Node | null, mapOffset: number): string {
  const offset = node?.range?.[0] ?? mapOffset
  if (!isScalar(node)) throw new Refusal(offset, 'a key must be text')
  const value = readNode(node, 0)
  if (value === null) throw new Refusal(offset, 'a key must not be empty')
  const key = typeof value === 'string' ? value : (node.source ?? String(value))
  if (key === '<<' && node.type === 'PLAIN') throw new Refusal(offset, 'merge keys are not allowed')
  return key
}

function readScalar(value: unknown, source: string | undefined, offset: number): Json {
  if (typeof value === 'string' && /\p{Cs}/u.test(value)) {
    throw new Refusal(offset, 'a text in it is no valid Unicode')
  }
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'number') throw new Refusal(offset, 'it is of an unknown form')
  if (!Number.isFinite(value) && source !== undefined && /\d/.test(source)) {
    throw new Refusal(offset, `the number ${source.slice(0, 50)} is too large`)
  }
  const isUnsafe = Number.isInteger(value) && !Number.isSafeInteger(value)
  if (isUnsafe && source !== undefined && KEPT_INTEGER.test(source)) {
    if (BigInt(source.replace('+', '')) !== BigInt(value)) {
      throw new Refusal(offset, `the whole number ${source.slice(0, 50)} is too large to be exact`)
    }
  }
  return value
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1, 200)
}
