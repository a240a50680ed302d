import { equalJson, type Json, type JsonObject } from '../base/json.ts'
import type { ColumnType, ResultColumn } from '../model/records.ts'
import { verdictOf } from './compare.ts'
import { queryErrors } from './errors.ts'

type Goal = 'minimize' | 'maximize'

/** Tells how a row stands to the row of the same key. */
export type RowJudge = (
  before: JsonObject,
  after: JsonObject
) => 'improved' | 'worsened' | 'changed' | 'same'

/** By what rows are judged. */
export interface RowCriterion {
  /** The column, or `<prediction> = <truth>`. */
  readonly by: string
  /** Which way a number gets better; `maximize` also of truth values of which true is better. */
  readonly goal: Goal
  readonly judge: RowJudge
}

/** What is asked of the rows of a result. */
export interface RowQuestion {
  /** What is said of it in errors. */
  readonly result: string
  readonly key?: string | undefined
  readonly by?: string | undefined
  readonly goal?: Goal | undefined
  /** Only these columns make a row `changed`. */
  readonly columns?: readonly string[] | undefined
}

/** The header of a result of one run. */
export interface ResultHeader {
  readonly address: string
  readonly key: string | undefined
  readonly columns: readonly ResultColumn[]
}

/** What a truth is called, and what is held against it. */
const TRUTHS = ['truth', 'target', 'label', 'expected', 'reference', 'actual', 'gold', 'y_true']
const PREDICTIONS = ['prediction', 'predicted', 'output', 'answer', 'actual', 'y_pred']

/** The column that says it outright. */
const CORRECT = 'correct'

/** Returns the column by which rows are joined; each run is looked at by itself. @throws QUERY_ROWS */
export function keyColumnOf(question: RowQuestion, headers: readonly ResultHeader[]): string {
  const refuse = (header: ResultHeader, reason: string): never => {
    throw refusal(question, `${header.address} ${reason}`, header)
  }
  const [first] = headers as readonly [ResultHeader]
  for (const header of headers) {
    const key = question.key ?? header.key
    if (key === undefined) {
      refuse(header, 'declares no key by which rows are joined; name a column that is one')
    } else if (question.key === undefined && key !== first.key) {
      refuse(header, `declares the key ${key}, not ${first.key}; name a column that both have`)
    } else if (header.columns.length > 0 && !typeOf(header, key)) {
      refuse(header, `has no column ${key}`)
    }
  }
  return (question.key ?? first.key) as string
}

/**
 * Returns how rows are judged.
 *
 * @param declared the goal of the metric of the column's name.
 * @throws QUERY_ROWS if no column says whether a row is better; QUERY_GOAL if it is a number and nothing
 * says which way it gets better.
 */
export function criterionOf(
  question: RowQuestion,
  headers: readonly ResultHeader[],
  declared: (column: string) => Goal | undefined
): RowCriterion {
  const [first] = headers as readonly [ResultHeader]
  const isShared = (name: string): boolean => headers.every((header) => typeOf(header, name))
  for (const name of question.columns ?? []) requireColumn(question, headers, name)
  const judgeBy = (by: string, goal: Goal, scoreOf: (row: JsonObject) => Json | undefined) => ({
    by,
    goal,
    judge: judgeOf(scoreOf, goal, question.columns)
  })
  if (question.by === undefined) {
    const truth = TRUTHS.find(isShared)
    const prediction = PREDICTIONS.find((name) => name !== truth && isShared(name))
    if (truth !== undefined && prediction !== undefined) {
      const isRight = (row: JsonObject): number =>
        Number(equalJson(memberOf(row, prediction), memberOf(row, truth)))
      return judgeBy(`${prediction} = ${truth}`, 'maximize', isRight)
    }
    if (!isShared(CORRECT)) {
      throw refusal(question, 'no column says whether a row is better; name one that does', first)
    }
  }
  const by = question.by ?? CORRECT
  const types = headers.map((header) => requireColumn(question, [header], by))
  const goal = question.goal
  if (types.every((type) => type === 'boolean')) {
    return judgeBy(by, goal ?? 'maximize', (row) => truthOf(memberOf(row, by)))
  }
  if (!types.every((type) => type === 'number' || type === 'integer')) {
    throw refusal(question, `${by} is neither a number nor a truth value in all of them`, first)
  }
  const known = goal ?? declared(by)
  if (known === undefined) throw queryErrors.create('QUERY_GOAL', { metric: by })
  return judgeBy(by, known, (row) => memberOf(row, by))
}

function judgeOf(
  scoreOf: (row: JsonObject) => Json | undefined,
  goal: Goal,
  columns: readonly string[] | undefined
): RowJudge {
  return (before, after) => {
    const verdict = verdictOf(scoreOf(before), scoreOf(after), goal)
    if (verdict !== undefined) return verdict === 'better' ? 'improved' : 'worsened'
    return agree(before, after, columns) ? 'same' : 'changed'
  }
}

/** Tells whether two rows agree in some columns, or in all. */
function agree(
  before: JsonObject,
  after: JsonObject,
  columns: readonly string[] | undefined
): boolean {
  if (columns === undefined) return equalJson(before, after)
  return columns.every((name) => equalJson(memberOf(before, name), memberOf(after, name)))
}

function requireColumn(
  question: RowQuestion,
  headers: readonly ResultHeader[],
  name: string
): ColumnType | undefined {
  const lacking = headers.find((header) => !typeOf(header, name))
  if (lacking !== undefined) {
    throw refusal(question, `${lacking.address} has no column ${name}`, lacking)
  }
  return typeOf(headers[0] as ResultHeader, name)
}

function refusal({ result }: RowQuestion, reason: string, header: ResultHeader): Error {
  const columns = header.columns.map(({ name }) => name)
  return queryErrors.create('QUERY_ROWS', { result, reason, columns })
}

function typeOf({ columns }: ResultHeader, name: string): ColumnType | undefined {
  return columns.find((column) => column.name === name)?.type
}

function truthOf(value: Json | undefined): number | undefined {
  return typeof value === 'boolean' ? Number(value) : undefined
}

function memberOf(row: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(row, name) ? row[name] : undefined
}
