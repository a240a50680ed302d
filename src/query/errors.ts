import { defineErrors } from '../base/errors.ts'

/** The failures of this floor. */
export const queryErrors = defineErrors({
  QUERY_SYNTAX: (data: {
    /** The filter as it was given. */
    readonly text: string
    /** Where in it, from 0, in UTF-16 units. */
    readonly at: number
    readonly reason: string
    readonly suggestion?: string
  }) =>
    `The filter can't be understood: ${data.reason}.${pointAt(data.text, data.at)}${meant(data.suggestion)}`,
  QUERY_FIELD: (data: {
    readonly field: string
    readonly reason: string
    /** The filter as it was given, if it was text. */
    readonly text?: string
    readonly at?: number
    readonly suggestion?: string
  }) => `${data.field} ${data.reason}.${pointAt(data.text, data.at)}${meant(data.suggestion)}`,
  QUERY_PATTERN: (data: {
    readonly pattern: string
    readonly reason: string
    readonly text?: string
    readonly at?: number
  }) =>
    `The regular expression ${JSON.stringify(data.pattern)} can't be used: ${data.reason}.${pointAt(data.text, data.at)}`,
  QUERY_FILTER: (data: { readonly path: string; readonly reason: string }) =>
    `The filter's data are wrong at ${data.path}: ${data.reason}.`,
  QUERY_GOAL: (data: { readonly metric: string }) =>
    `Nothing says whether a greater or a smaller ${data.metric} is better.`,
  QUERY_ROWS: (data: {
    readonly result: string
    readonly reason: string
    /** What may be named instead. */
    readonly columns: readonly string[]
  }) => `The rows of ${data.result} can't be compared: ${data.reason}.${columnsOf(data.columns)}`
})

function columnsOf(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Its columns are ${names.join(', ')}.`
}

/** How many characters of a filter are shown on each side of a mistake. */
const SHOWN = 32

/** Returns two lines: the text around a place, and a caret below it. */
function pointAt(text: string | undefined, at: number | undefined): string {
  if (text === undefined || at === undefined || text === '') return ''
  const start = Math.max(0, at - SHOWN)
  const end = Math.min(text.length, at + SHOWN)
  const before = `${start > 0 ? '…' : ''}${text.slice(start, at)}`.replace(/\s/g, ' ')
  const after = `${text.slice(at, end)}${end < text.length ? '…' : ''}`.replace(/\s/g, ' ')
  return `\n  ${before}${after}\n  ${' '.repeat([...before].length)}^`
}

function meant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `\nDid you mean ${suggestion}?`
}
