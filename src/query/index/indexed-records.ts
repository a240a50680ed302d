import type { JsonObject } from '../../base/json.ts'
import type { Oid } from '../../git/objects.ts'
import type { FieldPath } from '../language/filter.ts'
import type { RunIndex } from './run-index.ts'

/** Which records an index holds, and what of them. */
export interface IndexedRecords {
  readonly kind: 'run' | 'environment'
  /** The file of the record in the folder of its run. */
  readonly file: string
  /** Whether a run without that file has a row. */
  readonly isOptional: boolean
  put(index: RunIndex, run: string, treeOid: Oid, record: JsonObject): void
}

/** Fields that are in no index: nobody searches by them, and they differ from run to run. */
const LEFT_OUT: ReadonlySet<string> = new Set(['schema', 'edits', 'attempt'])

/** Tells whether an index knows a field of runs. */
export function isIndexed(field: FieldPath): boolean {
  return !LEFT_OUT.has(field[0] as string)
}

/** The records of the runs themselves. */
export const RUN_RECORDS: IndexedRecords = {
  kind: 'run',
  file: 'run.yaml',
  isOptional: false,
  put: (index, run, treeOid, record) => index.put(run, treeOid, record, { leftOut: LEFT_OUT })
}

/** Their environments, of which large maps, such as the packages, are the same in many runs. */
export const ENVIRONMENT_RECORDS: IndexedRecords = {
  kind: 'environment',
  file: 'environment.yaml',
  isOptional: true,
  put: (index, run, treeOid, environment) => index.put(run, treeOid, { environment }, { depth: 2 })
}
