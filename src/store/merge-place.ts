import { keyOfPath } from '../format/paths.ts'
import type { ObjectKey } from '../model/kinds.ts'

/** The records that lie in a folder of their object's own. */
const RECORD_FILES = ['dataset', 'experiment', 'execution', 'run', 'result'] as const

/**
 * Returns the object that owns a folder, whose existence is decided as a whole; `undefined` for a
 * folder that only groups objects or files.
 */
export function objectAt(folder: string): ObjectKey | undefined {
  for (const kind of RECORD_FILES) {
    const key = keyOfPath(`${folder}/${kind}.yaml`)
    if (key?.kind === kind) return key
  }
  return undefined
}

/** Tells whether a path is another or lies below it. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
