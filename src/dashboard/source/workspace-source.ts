import type { Workspace } from '../../service/workspace.ts'
import { readActivity } from './activity.ts'
import type { About } from './answers.ts'
import { createChanges } from './changes.ts'
import { createComparisons } from './comparisons.ts'
import { createExchanges, withArrivals } from './exchanges.ts'
import { type HintOf, problemOf } from './failures.ts'
import { readLive } from './live.ts'
import { createProjectPages } from './project-pages.ts'
import { createRunContents } from './run-contents.ts'
import { readRun } from './run-page.ts'
import { createRunTables } from './run-tables.ts'
import { createSeriesReader } from './series.ts'
import {
  type CallOptions,
  SOURCE_METHODS,
  type Source,
  type SourceMethod,
  WRITING_METHODS
} from './source.ts'
import { SourceError } from './source-error.ts'

/** What a source over a workspace says of itself, and what it allows. */
export interface WorkspaceSourceOptions {
  readonly version: string
  /** Default: `local`. */
  readonly way?: About['way']
  /** Where the workspace lies, for people. Default: its folder. */
  readonly place?: string
  /** Why nothing may be changed. Default: everything may. */
  readonly readOnlyReason?: string | undefined
  /** What somebody can do about a failure, by its code. Default: general advice. */
  readonly hintOf?: HintOf
}

type Methods = { readonly [M in SourceMethod]: (request: never, options: CallOptions) => unknown }

/** Makes the source of a workspace that is open here. */
export function createWorkspaceSource(
  workspace: Workspace,
  options: WorkspaceSourceOptions
): Source {
  const { readOnlyReason, hintOf } = options
  const methods: Methods = {
    about: () => describe(workspace, options),
    ...createProjectPages(workspace),
    activity: (request: Parameters<Source['activity']>[0], call) =>
      readActivity(workspace, request, call),
    ...createRunTables(workspace),
    ...createRunContents(workspace),
    ...createComparisons(workspace),
    ...createChanges(workspace),
    ...createExchanges(workspace),
    ...createSeriesReader(workspace),
    run: (request: Parameters<Source['run']>[0], call) => readRun(workspace, request, call),
    live: (request: Parameters<typeof readLive>[1]) => readLive(workspace, request)
  }
  const guarded = SOURCE_METHODS.map((method) => [
    method,
    async (request: object = {}, call: CallOptions = {}) => {
      call.signal?.throwIfAborted()
      if (readOnlyReason !== undefined && WRITING_METHODS.includes(method)) {
        throw new SourceError({
          code: 'READ_ONLY',
          message: `Nothing can be changed here: ${readOnlyReason}`
        })
      }
      try {
        return await withArrivals(workspace, call, async () =>
          methods[method](request as never, call)
        )
      } catch (error) {
        call.signal?.throwIfAborted()
        throw new SourceError(problemOf(error, hintOf))
      }
    }
  ])
  return Object.fromEntries(guarded) as Source
}

async function describe(
  workspace: Workspace,
  { version, way = 'local', place, readOnlyReason }: WorkspaceSourceOptions
): Promise<About> {
  const projects: string[] = []
  for await (const { id } of workspace.projects.list()) projects.push(id)
  const first = workspace.project ?? (projects.length === 1 ? projects[0] : undefined)
  return {
    way,
    version,
    projects,
    place: place ?? workspace.folder,
    writable: readOnlyReason === undefined,
    ...(readOnlyReason === undefined ? {} : { readOnlyReason }),
    ...(first === undefined || !projects.includes(first) ? {} : { project: first })
  }
}
