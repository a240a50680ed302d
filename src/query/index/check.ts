import type { Json } from '../../base/json.ts'
import type { ProjectStore } from '../../store/project-store.ts'
import type { View } from '../../store/view.ts'
import { loadCells } from './column.ts'
import { IndexFolder } from './index-folder.ts'
import { ENVIRONMENT_RECORDS, type IndexedRecords, RUN_RECORDS } from './indexed-records.ts'
import { refreshIndex } from './refresh.ts'
import { RunIndex } from './run-index.ts'

/**
 * Compares the files of a project's indexes with what reading every run gives; returns the paths of those
 * that are damaged or say something else.
 */
export async function findDamagedIndexes(store: ProjectStore): Promise<readonly string[]> {
  const damaged: string[] = []
  for (const experiment of await store.experiments()) {
    const view = await store.viewOf({ kind: 'experiment', experiment })
    for (const records of [RUN_RECORDS, ENVIRONMENT_RECORDS]) {
      const folder = new IndexFolder(store, { experiment, kind: records.kind })
      let scanned: RunIndex | undefined
      for (const place of await folder.list()) {
        const path = `${place.folder}/${place.name}`
        if (!(await folder.isWhole(place))) damaged.push(path)
        else {
          // One that is of another form, or stands on a file that is gone, is used by nobody.
          const index = (await folder.open(place))?.index
          if (index === undefined || view === undefined) continue
          scanned ??= await openAt(new RunIndex(), view, experiment, records)
          const found = await openAt(index, view, experiment, records)
          if (!areEqual(found, scanned)) damaged.push(path)
        }
      }
    }
  }
  return damaged
}

async function openAt(
  index: RunIndex,
  view: View,
  experiment: string,
  records: IndexedRecords
): Promise<RunIndex> {
  await loadCells(index.columns)
  await refreshIndex(index, view, experiment, records)
  return index
}

function areEqual(one: RunIndex, other: RunIndex): boolean {
  return one.size === other.size && holds(one, other) && holds(other, one)
}

/** Tells whether an index has each value of another one. */
function holds(one: RunIndex, other: RunIndex): boolean {
  const columns = new Map(one.columns.map((column) => [column.name, column]))
  const rows = other.runsOf('').map((run) => [one.rowOf(run), other.rowOf(run) as number] as const)
  return other.columns.every((column) => {
    const found = columns.get(column.name)
    return rows.every(([row, otherRow]) => {
      if (row === undefined) return false
      return isSame(found?.get(row), column.get(otherRow))
    })
  })
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other)
}
