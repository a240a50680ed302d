import type { RunRow } from '../source/answers.ts'
import type { EditRequest } from '../source/requests.ts'
import type { Source } from '../source/source.ts'
import { type RunWindows, readAllRows, type TableQuery } from './run-windows.ts'
import type { Selection } from './selection.ts'

/** So many ids are asked for at once. */
const IDS_AT_ONCE = 500

/** Reads the runs that are selected, those out of sight included. */
export async function readSelected(
  source: Source,
  query: TableQuery,
  selection: Selection,
  windows: RunWindows
): Promise<readonly RunRow[]> {
  const rows: RunRow[] = []
  if (selection.isAll) {
    for await (const batch of readAllRows(source, query)) rows.push(...batch)
    return rows
  }
  const here = new Map(windows.rows.map((row) => [row.id, row]))
  const missing = [...selection.ids].filter((id) => !here.has(id))
  for (let at = 0; at < missing.length; at += IDS_AT_ONCE) {
    const ids = missing.slice(at, at + IDS_AT_ONCE).map((id) => JSON.stringify(id))
    const filter = `id in [${ids.join(', ')}]`
    for await (const batch of readAllRows(source, { ...query, filter })) rows.push(...batch)
  }
  const found = new Map([...here, ...rows.map((row) => [row.id, row] as const)])
  return [...selection.ids].flatMap((id) => found.get(id) ?? [])
}

/** Returns the changes of tags, and those that take them back; runs that change nothing are left out. */
export function tagEdits(
  rows: readonly RunRow[],
  added: readonly string[],
  removed: readonly string[]
): { readonly edits: readonly EditRequest[]; readonly undo: readonly EditRequest[] } {
  const changes = rows
    .map(({ address, tags }) => ({
      address,
      addTags: added.filter((tag) => !tags.includes(tag)),
      removeTags: removed.filter((tag) => tags.includes(tag))
    }))
    .filter(({ addTags, removeTags }) => addTags.length > 0 || removeTags.length > 0)
  const undo = changes.map(({ address, addTags, removeTags }) => ({
    address,
    addTags: removeTags,
    removeTags: addTags
  }))
  return { edits: changes, undo }
}
