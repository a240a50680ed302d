import type { ProjectStore } from '../../store/project-store.ts'
import type { View } from '../../store/view.ts'
import { indexFolders } from './index-cache.ts'
import { isWhole, parseIndex } from './index-file.ts'
import { refreshIndex } from './refresh.ts'
import { RunIndex } from './run-index.ts'

/**
 * Compares the files of a project's indexes with what reading every run gives; returns the paths of those
 * that are damaged or say something else.
 */
export async function findDamagedIndexes(store: ProjectStore): Promise<readonly string[]> {
  const { files, platform } = store.host
  const damaged: string[] = []
  for (const experiment of await store.experiments()) {
    let scanned: RunIndex | undefined
    for (const folder of indexFolders(store, experiment)) {
      for (const { name } of (await files.list(folder)) ?? []) {
        const path = `${folder}/${name}`
        const bytes = name.endsWith('.idx') ? await files.read(path) : undefined
        if (bytes === undefined) continue
        const index = parseIndex(bytes, experiment, platform.hash)
        if (index === undefined) {
          if (!isWhole(bytes, platform.hash)) damaged.push(path)
          continue
        }
        const view = await store.viewOf({ kind: 'experiment', experiment })
        if (view === undefined) continue
        scanned ??= await openAt(new RunIndex(), view, experiment)
        if (!areEqual(await openAt(index, view, experiment), scanned)) damaged.push(path)
      }
    }
  }
  return damaged
}

async function openAt(index: RunIndex, view: View, experiment: string): Promise<RunIndex> {
  await refreshIndex(index, view, experiment)
  return index
}

function areEqual(one: RunIndex, other: RunIndex): boolean {
  if (one.size !== other.size) return false
  const columns = new Map([...one.columns].map((column) => [column.name, column]))
  for (const column of other.columns) {
    const found = columns.get(column.name)
    for (const run of other.runs()) {
      const row = one.rowOf(run)
      if (row === undefined) return false
      const expected = column.get(other.rowOf(run) as number)
      if (!isSame(found?.get(row), expected)) return false
    }
  }
  return true
}

function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other)
}
