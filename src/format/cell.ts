import { compareCodePoints } from '../base/bytes.ts'
import { compareJson, uniqueJson } from '../base/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { Kind } from '../model/kinds.ts'
import type { Stamp } from '../model/records.ts'
import { mergeColumns } from './columns.ts'
import { parseFieldPath } from './field-path.ts'
import { type FieldRule, ruleOf } from './merge-policy.ts'

/** What a field path holds: nothing (removed), a value, or several that nobody has settled. */
export interface Cell {
  readonly stamp: Stamp
  readonly values: readonly Json[]
}

/** How the cells of one rule behave. */
export interface CellRule {
  /** The stamp of what has none: the record's creation, its attempt, or less than any stamp. */
  readonly floor: 'created' | 'attempt' | 'none'
  /** Whether values of one stamp are all kept for a person. */
  readonly contested: boolean
  /** Decides between cells before the stamp's equality counts; absent: the stamp alone. */
  readonly rank?: (values: readonly Json[]) => number
  /** Reduces values of equal stamps to those that stay, in a fixed order. */
  readonly settle: (values: readonly Json[]) => readonly Json[]
  /** Returns the value that the record itself shows. */
  readonly show: (values: readonly Json[]) => Json
}

/** Returns how the cell of a field path behaves. */
export function cellRule(kind: Kind, path: string): CellRule {
  return RULES[ruleOf(kind, parseFieldPath(path).field)]
}

/** Joins two cells of one path. */
export function mergeCells(rule: CellRule, a: Cell, b: Cell): Cell {
  if (a.stamp !== b.stamp) return a.stamp > b.stamp ? a : b
  const rank = rule.rank ?? (() => 0)
  const difference = rank(a.values) - rank(b.values)
  if (difference !== 0) return difference > 0 ? a : b
  return { stamp: a.stamp, values: rule.settle([...a.values, ...b.values]) }
}

/** Orders the outcomes of an attempt: what ended says more than what did not. */
const STATUS_RANKS: { readonly [status: string]: number } = {
  running: 0,
  interrupted: 1,
  failed: 2,
  finished: 2
}

function statusOf(value: Json | undefined): string {
  return isJsonObject(value) ? String(value.status) : ''
}

function rankOfStatus(values: readonly Json[]): number {
  return values.length === 0 ? -1 : Math.max(...values.map((v) => STATUS_RANKS[statusOf(v)] ?? 0))
}

/** Of several outcomes of one status the one that ended last stays; of several statuses the highest. */
function settleStatus(values: readonly Json[]): readonly Json[] {
  const rank = rankOfStatus(values)
  const best = new Map<string, Json>()
  for (const value of values) {
    const status = statusOf(value)
    if (rankOfStatus([value]) < rank) continue
    const other = best.get(status)
    if (other === undefined || compareOutcomes(value, other) > 0) best.set(status, value)
  }
  return [...best.values()].sort(compareOutcomes)
}

function compareOutcomes(a: Json, b: Json): number {
  const [left, right] = [a, b].map((value) => String((value as JsonObject).finished ?? ''))
  return compareCodePoints(left as string, right as string) || compareJson(a, b)
}

/** Orders summaries by the number of points, then by value. */
function compareSummaries(a: Json, b: Json): number {
  const [left, right] = [a, b].map((value) => pointsOf(value))
  return Math.sign((left as number) - (right as number)) || compareJson(a, b)
}

function pointsOf(summary: Json): number {
  const count = isJsonObject(summary) ? Number(summary.count) : 0
  return Number.isFinite(count) ? count : 0
}

function greatest(compare: (a: Json, b: Json) => number): (values: readonly Json[]) => Json[] {
  return (values) =>
    values.length < 2 ? [...values] : [values.reduce((a, b) => (compare(a, b) >= 0 ? a : b))]
}

function last(values: readonly Json[]): Json {
  return values.at(-1) as Json
}

const VALUE: CellRule = {
  floor: 'created',
  contested: false,
  settle: greatest(compareJson),
  show: last
}
const GREATEST: CellRule = { ...VALUE, floor: 'none' }

const RULES: { readonly [R in FieldRule]: CellRule } = {
  value: VALUE,
  map: VALUE,
  set: VALUE,
  contested: { floor: 'none', contested: true, settle: uniqueJson, show: last },
  status: {
    floor: 'attempt',
    contested: true,
    rank: rankOfStatus,
    settle: settleStatus,
    show: last
  },
  least: { ...GREATEST, settle: greatest((a, b) => compareJson(b, a)) },
  greatest: GREATEST,
  union: {
    ...GREATEST,
    settle: (values) => [uniqueJson(values.flatMap((list) => list as readonly Json[]))]
  },
  summaries: { ...GREATEST, settle: greatest(compareSummaries) },
  columns: { ...GREATEST, settle: (values) => [mergeColumns(values)] }
}
