import type { FieldsAnswer } from '../source/answers.ts'
import { shortName } from './field-list.ts'

/** What may stand at a place of a filter. */
export type Expected = 'field' | 'operator' | 'value' | 'joiner'

/** A place of a filter, and the word that is being written there. */
export interface FilterPlace {
  readonly expected: Expected
  /** The field of the condition, where an operator or a value is expected. */
  readonly field: string
  readonly word: string
  /** Where the word begins. */
  readonly start: number
  /** Whether a list is open. */
  readonly isInList: boolean
}

/** What may be written instead of a word. */
export interface Suggestion {
  readonly text: string
  /** What it means. */
  readonly hint: string
  /** What is written besides, such as a space. */
  readonly after: string
}

const TOKEN =
  /\s+|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|==|!=|<>|<=|>=|!~|[=<>~()[\],!]|[^\s"'=<>~()[\],!]+/gsu

const OPERATORS = ['=', '==', '!=', '<>', '<', '<=', '>', '>=', '~', '!~', 'has']

/** Finds out what is being written at a place of a filter. */
export function placeInFilter(text: string, cursor: number): FilterPlace {
  let [expected, field, isInList]: [Expected, string, boolean] = ['field', '', false]
  let partial = { word: '', start: cursor }
  const tokens = [...text.slice(0, cursor).matchAll(TOKEN)]
  for (const [index, { 0: token, index: start }] of joinNames(tokens).entries()) {
    const isLast = index === joinNames(tokens).length - 1
    if (/^\s/.test(token)) continue
    if (isLast && isWord(token)) {
      partial = { word: token, start }
      break
    }
    const word = token.toLowerCase()
    if (expected === 'field') {
      if (['(', 'not', '!'].includes(word) || word === 'exists') continue
      field = token
      expected = word === ')' ? 'joiner' : 'operator'
    } else if (expected === 'operator') {
      if (OPERATORS.includes(word)) expected = 'value'
      else if (word === '[') [expected, isInList] = ['value', true]
      else if (word === ')') expected = 'joiner'
    } else if (expected === 'value') {
      if (word === ']') [expected, isInList] = ['joiner', false]
      else if (!isInList && !['now', '-', '+'].includes(word)) expected = 'joiner'
    } else if (word === 'and' || word === 'or') expected = 'field'
  }
  return { expected, field, isInList, ...partial }
}

/** Puts names with dots between together: `metrics."train/loss".min`. */
function joinNames(tokens: readonly RegExpExecArray[]): { 0: string; index: number }[] {
  const joined: { 0: string; index: number }[] = []
  for (const { 0: token, index } of tokens) {
    const last = joined.at(-1)
    const isPart = last !== undefined && (last[0].endsWith('.') || token.startsWith('.'))
    if (isPart && isWord(token)) last[0] += token
    else joined.push({ 0: token, index })
  }
  return joined
}

function isWord(token: string): boolean {
  return !/^(?:\s|[=<>~()[\],!])/.test(token)
}

const SHOWN = 12

const COMPARISONS: readonly (readonly [string, string])[] = [
  ['=', 'is equal'],
  ['!=', 'is not equal'],
  ['<', 'is less'],
  ['<=', 'is at most'],
  ['>', 'is more'],
  ['>=', 'is at least'],
  ['in', 'is one of a list'],
  ['~', 'matches a regular expression'],
  ['has', 'has an element, a name or a part']
]

/** Returns what may be written at a place, the likeliest first. `values`: those of the field. */
export function suggest(
  place: FilterPlace,
  fields: FieldsAnswer,
  values: readonly string[]
): readonly Suggestion[] {
  const word = place.word.toLowerCase()
  const all =
    place.expected === 'field'
      ? fieldSuggestions(fields)
      : place.expected === 'value'
        ? values.map((text) => ({ text, hint: '', after: place.isInList ? '' : ' ' }))
        : place.expected === 'joiner'
          ? [
              { text: 'and', hint: 'both pass', after: ' ' },
              { text: 'or', hint: 'one of them passes', after: ' ' }
            ]
          : operatorsFor(place.field, fields)
  const ranked = all
    .map((suggestion) => ({ suggestion, rank: rankOf(suggestion.text.toLowerCase(), word) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ suggestion }) => suggestion)
  const isDone = ranked.length === 1 && ranked[0]?.text === place.word
  return isDone ? [] : ranked.slice(0, SHOWN)
}

/** 0: begins so; 1: a later name begins so; 2: has it inside; 3: has it not. */
function rankOf(text: string, word: string): number {
  if (word === '' || text.startsWith(word)) return 0
  if (text.includes(`.${word}`) || text.startsWith(`"${word}`)) return 1
  return text.includes(word) ? 2 : 3
}

function fieldSuggestions(fields: FieldsAnswer): readonly Suggestion[] {
  const used = fields.used.map((text) => {
    const goal = fields.metrics[shortName(text)]?.goal
    const kind = text.startsWith('params.') ? 'parameter' : 'metric'
    return { text, hint: goal === undefined ? kind : `${kind}, to ${goal}`, after: ' ' }
  })
  const known = fields.known.map(({ name, description }) => ({
    text: name,
    hint: description,
    after: ' '
  }))
  const others = [{ text: 'not', hint: 'must not pass', after: ' ' }]
  return [...used, ...known.filter(({ text }) => !fields.used.includes(text)), ...others]
}

function operatorsFor(field: string, fields: FieldsAnswer): readonly Suggestion[] {
  const type = fields.known.find(({ name }) => name === field)?.type
  const isList = type === 'list' || type === 'map'
  const fitting = isList ? ['has', '=', '!='] : COMPARISONS.map(([text]) => text)
  return fitting.map((text) => ({
    text,
    hint: COMPARISONS.find(([name]) => name === text)?.[1] ?? '',
    after: text === 'in' ? ' [' : ' '
  }))
}

/** Returns a value as it is written in a filter. */
export function formatFilterValue(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return 'null'
  if (typeof value !== 'string') return undefined
  const isPlain = /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(value)
  const isWord = [
    'true',
    'false',
    'null',
    'now',
    'nan',
    'infinity',
    'and',
    'or',
    'not',
    'in',
    'has',
    'exists'
  ]
  return isPlain && !isWord.includes(value.toLowerCase()) ? value : JSON.stringify(value)
}
