import type { Capture, Variables } from '../base/capture.ts'
import type { Emitter } from '../base/emitter.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import type { ProcessHooks } from '../base/process-hooks.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { WorkspaceStore } from '../store/workspace-store.ts'
import type { WorkspaceEvents } from './events.ts'
import type { Run, StartRun } from './run.ts'
import type { CodeCaptures } from './run-code.ts'

/** What tracking needs of a platform. */
export interface TrackingContext {
  readonly files: FileSystem
  readonly platform: Platform
  readonly capture?: Capture
  readonly hooks: ProcessHooks
  readonly env: Variables
  /** Returns the current folder. */
  readonly cwd: () => string
  /** The script that the process was started with; absent in a shell. */
  readonly script?: string
  /** The process's command line. */
  readonly command: readonly string[]
  /** Opens a workspace, by default the one of the current folder; the same one for the same folder. */
  openStore(folder?: string): Promise<WorkspaceStore>
  /** Returns to what the runs of a workspace are told. */
  events(store: WorkspaceStore): Emitter<WorkspaceEvents>
  /** Writes a line for a person, beside the program's output. */
  print(line: string): void
}

/** What the runs of a process share. */
export interface Tracking {
  readonly context: TrackingContext
  readonly captures: CodeCaptures
  start(options: StartRun): Promise<Run>
  /** Recovers dead runs of a project and pushes what waits to be, in the background, once. */
  recoverOthers(store: ProjectStore): void
}
