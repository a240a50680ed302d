import type { Json } from '../../base/json.ts'
import type { StoredObject } from '../../service/objects.ts'
import type { RunRow } from './answers.ts'

/** Returns a run as a row of a table. */
export function rowOf(
  { address, id, project, key, fields }: StoredObject<'run'>,
  values: readonly (Json | undefined)[] = []
): RunRow {
  const { name, status, started, finished, tags = [], notes, parent } = fields
  return {
    address,
    id,
    project,
    experiment: key.experiment,
    status,
    tags,
    values: values.map((value) => value ?? null),
    ...(name === undefined ? {} : { name }),
    ...(started === undefined ? {} : { started }),
    ...(finished === undefined ? {} : { finished }),
    ...(notes === undefined ? {} : { notes }),
    ...(parent === undefined ? {} : { parent })
  }
}
