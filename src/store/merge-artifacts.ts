import { equalJson, isJsonObject, type Json } from '../base/json.ts'
import { type Cell, cellRule, mergeCells } from '../format/cell.ts'
import { formatFieldPath } from '../format/field-path.ts'
import { keyOfPath, partOf } from '../format/paths.ts'
import { stateOf } from '../format/record-state.ts'
import type { RunRecord } from '../model/records.ts'

/** Whose file of an artifact stays: a side's, nobody's, or, if `run.yaml` says nothing, as any file. */
export type ArtifactChoice = 'ours' | 'theirs' | 'none' | 'any'

/**
 * Decides about artifacts by the entries in two versions of `run.yaml`: the file is that of the side
 * whose entry stays, in the form that the entry says (content, or a reference if it has a `uri`).
 *
 * `decided` is the side whose `run.yaml` is taken as it is, because the other did not change it.
 */
export function createArtifactChooser(
  ours: RunRecord,
  theirs: RunRecord,
  decided?: 'ours' | 'theirs'
): (path: string) => ArtifactChoice {
  const [one, other] = [stateOf('run', ours).cells, stateOf('run', theirs).cells]
  return (path) => {
    const place = placeOf(path)
    if (place === undefined) return 'any'
    const fieldPath = formatFieldPath('artifacts', place.name)
    const [a, b] = [one.get(fieldPath), other.get(fieldPath)]
    if (equalCells(a, b)) return 'any'
    const merged = mergeEntries(fieldPath, a, b, decided)
    if (merged?.values[0] === undefined || place.isReference !== isReference(merged.values[0])) {
      return 'none'
    }
    return equalCells(merged, a) ? 'ours' : 'theirs'
  }
}

function mergeEntries(
  fieldPath: string,
  ours: Cell | undefined,
  theirs: Cell | undefined,
  decided: 'ours' | 'theirs' | undefined
): Cell | undefined {
  if (decided !== undefined) return decided === 'ours' ? ours : theirs
  if (ours === undefined || theirs === undefined) return ours ?? theirs
  return mergeCells(cellRule('run', fieldPath), ours, theirs)
}

function placeOf(path: string): { name: string; isReference: boolean } | undefined {
  const part = partOf(path)
  if (part?.part === 'artifact') return { name: part.path, isReference: false }
  const key = keyOfPath(path)
  return key?.kind === 'artifact' ? { name: key.name, isReference: true } : undefined
}

function isReference(entry: Json | undefined): boolean {
  return isJsonObject(entry) && entry.uri !== undefined
}

function equalCells(a: Cell | undefined, b: Cell | undefined): boolean {
  return a?.stamp === b?.stamp && equalJson(a?.values, b?.values)
}
