import { isCoded } from '../base/errors.ts'
import { collectGarbage, type GarbageReport } from '../store/maintenance.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { ServiceContext } from './context.ts'

/** What collecting garbage did in a project. */
export interface ProjectGarbageReport extends GarbageReport {
  readonly project: string
}

/** How garbage is collected. */
export interface GcOptions {
  /** The address of a project. Default: all projects. */
  readonly in?: string
  /**
   * How many milliseconds what nothing leads to any more is kept; less is safe only while nobody else
   * writes. Default: 14 days.
   */
  readonly graceMs?: number
  /** Told of the objects handled so far and of how many there are; 0 while that is unknown. Default: nobody is. */
  readonly onProgress?: (done: number, total: number) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** Packs the repositories of projects anew and drops what nothing leads to. */
export async function collectProjects(
  context: ServiceContext,
  options: GcOptions
): Promise<readonly ProjectGarbageReport[]> {
  const { workspace, book } = context
  const { in: address, onProgress, ...collecting } = options
  const slugs =
    address === undefined
      ? await workspace.projects()
      : [(await book.require(address, ['project', 'experiment'])).store.slug]
  const reports: ProjectGarbageReport[] = []
  for (const project of slugs) {
    const store = await openOrTell(context, project, address === undefined)
    if (store === undefined) continue
    const report = await collectGarbage(store, {
      ...collecting,
      onProgress: ({ done, total }) => onProgress?.(done, total)
    })
    const { dropSeriesColumns } = await import('../store/series-cache.ts')
    await dropSeriesColumns(store)
    reports.push({ project, ...report })
  }
  return reports
}

/** Opens a project; where all are meant, one that can't be opened is told of and left out. */
async function openOrTell(
  { workspace, events }: ServiceContext,
  project: string,
  isOneOfAll: boolean
): Promise<ProjectStore | undefined> {
  try {
    return await workspace.project(project)
  } catch (error) {
    if (!isOneOfAll || !isCoded(error)) throw error
    events.emit('damaged', { project, path: workspace.folderOf(project), error })
    return undefined
  }
}
