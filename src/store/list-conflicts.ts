import { decodeUtf8 } from '../base/bytes.ts'
import { keyOfPath } from '../format/paths.ts'
import { parseRecord } from '../format/record.ts'
import { walkTree } from '../git/tree-walk.ts'
import type { ObjectKey } from '../model/kinds.ts'
import type { EditableRecord } from '../model/records.ts'
import type { View } from './view.ts'

/** A field between whose values a person is to decide. */
export interface ContestedField {
  readonly key: ObjectKey
  readonly fieldPath: string
}

/** Lists the contested fields of the records below a folder; records that can't be read have none. */
export async function listConflicts(
  view: View,
  folder: string
): Promise<readonly ContestedField[]> {
  const found: ContestedField[] = []
  for await (const { path, oid } of walkTree(view.objects, view.treeOid, { prefix: folder })) {
    const key = keyOfPath(path)
    const bytes = key && (await view.objects.read(oid))?.bytes
    // Most records have none: parsing them all would take far longer than looking for the word.
    if (bytes === undefined || !decodeUtf8(bytes).includes('\nconflicts:')) continue
    for (const fieldPath of await contestedIn(key as ObjectKey, bytes, path)) {
      found.push({ key: key as ObjectKey, fieldPath })
    }
  }
  return found
}

async function contestedIn(
  key: ObjectKey,
  bytes: Uint8Array,
  path: string
): Promise<readonly string[]> {
  try {
    const record = await parseRecord(key.kind, bytes, path)
    return Object.keys((record as Partial<EditableRecord>).conflicts ?? {})
  } catch {
    return []
  }
}
