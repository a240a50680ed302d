import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { EnvironmentRecord, RunRecord } from '../model/records.ts'
import type { SectionName } from './comparison.ts'
import type { FieldPath } from './language/filter.ts'
import { durationOf, mainValue } from './language/lookup.ts'

/** A run with what belongs to it, as a comparison sees it. */
export interface ComparedSource {
  readonly project: string
  readonly experiment: string
  readonly fields: RunRecord
  readonly environment: EnvironmentRecord | undefined
  /** The commit from which the code's patch leads to it. */
  readonly baseCommitOid: string | undefined
  /** What the experiment declares of metrics. */
  readonly metrics: { readonly [metric: string]: { readonly goal?: 'minimize' | 'maximize' } }
}

/** A value of a run. */
export interface Leaf {
  readonly name: string
  readonly path: FieldPath
  readonly value: Json
}

/** The sections in their order, with what each has of a run; `undefined` if the run has no such record. */
export const SECTIONS: readonly (readonly [
  SectionName,
  (source: ComparedSource, nowMs: number) => readonly Leaf[] | undefined
])[] = [
  ['run', runLeaves],
  ['params', ({ fields }) => leavesBelow(fields.params, ['params'])],
  ['metrics', metricLeaves],
  ['datasets', ({ fields }) => leavesBelow(fields.datasets, ['datasets'])],
  ['code', codeLeaves],
  ['environment', environmentLeaves],
  ['packages', packageLeaves],
  ['artifacts', artifactLeaves]
]

function runLeaves({ fields, project, experiment }: ComparedSource, nowMs: number): Leaf[] {
  const { started, finished, status, error, entry } = fields
  return leaves([
    ['name', fields.name],
    ['project', project],
    ['experiment', experiment],
    ['key', fields.key],
    ['parent', fields.parent],
    ['status', status],
    ['started', started],
    ['duration', durationOf(started, finished, status, nowMs)],
    ['exitCode', fields.exitCode],
    ['signal', fields.signal],
    ['error.message', error?.message],
    ['seed', fields.seed],
    ['entry.file', entry?.file],
    ['entry.command', entry?.command],
    ['tags', fields.tags],
    ['notes', fields.notes]
  ])
}

function metricLeaves({ fields }: ComparedSource): Leaf[] {
  return Object.entries(fields.metrics ?? {}).map(([name, summary]) => ({
    name,
    path: ['metrics', name],
    value: mainValue(summary as unknown as JsonObject) as Json
  }))
}

function codeLeaves(source: ComparedSource): Leaf[] | undefined {
  const { fields, environment, baseCommitOid } = source
  const code = environment?.code
  if (fields.execution === undefined) return undefined
  return [
    ...leaves([
      ['execution', fields.execution],
      ['environment.code.commit', baseCommitOid ?? code?.commit],
      ['environment.code.branch', code?.branch]
    ]),
    ...(leavesBelow(code?.remotes, ['environment', 'code', 'remotes']) ?? [])
  ].map((leaf) => ({ ...leaf, name: leaf.name.replace(/^environment\.code\./, '') }))
}

/** What of an environment is no circumstance of the machine. */
const ELSEWHERE = ['schema', 'created', 'edits', 'conflicts', 'packages', 'code']

function environmentLeaves({ environment }: ComparedSource): Leaf[] | undefined {
  if (environment === undefined) return undefined
  const machine = Object.entries(environment).filter(([name]) => !ELSEWHERE.includes(name))
  return leavesBelow(Object.fromEntries(machine), ['environment'])
}

function packageLeaves({ environment }: ComparedSource): Leaf[] | undefined {
  if (environment === undefined) return undefined
  return leavesBelow(environment.packages, ['environment', 'packages'])
}

function artifactLeaves({ fields }: ComparedSource): Leaf[] {
  return Object.entries(fields.artifacts ?? {}).map(([name, { digest, uri, sizeBytes }]) => ({
    name,
    path: ['artifacts', name],
    value: digest ?? uri ?? sizeBytes ?? null
  }))
}

function leaves(pairs: readonly (readonly [string, unknown])[]): Leaf[] {
  return pairs.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, path: name.split('.'), value: value as Json }]
  )
}

/** Lists the values inside nested maps; a list is one value. */
function leavesBelow(map: object | undefined, path: FieldPath): Leaf[] {
  const found: Leaf[] = []
  const collect = (value: Json | undefined, at: FieldPath): void => {
    if (value === undefined) return
    if (isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [name, member] of Object.entries(value)) collect(member, [...at, name])
    } else found.push({ name: at.slice(path.length).join('.'), path: at, value })
  }
  for (const [name, member] of Object.entries(map ?? {})) collect(member, [...path, name])
  return found
}
