import { collectGarbage, type GarbageReport } from '../store/maintenance.ts'
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
  { workspace, book }: ServiceContext,
  options: GcOptions
): Promise<readonly ProjectGarbageReport[]> {
  const { in: address, onProgress, ...collecting } = options
  const slugs =
    address === undefined
      ? await workspace.projects()
      : [(await book.require(address, ['project', 'experiment'])).store.slug]
  const reports: ProjectGarbageReport[] = []
  for (const project of slugs) {
    const store = await workspace.project(project)
    if (store === undefined) continue
    const report = await collectGarbage(store, {
      ...collecting,
      onProgress: ({ done, total }) => onProgress?.(done, total)
    })
    reports.push({ project, ...report })
  }
  return reports
}
