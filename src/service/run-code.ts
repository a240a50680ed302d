import type { Capture, CodeCapture, EnvironmentCapture, Variables } from '../base/capture.ts'
import { withoutAbsent } from '../base/json.ts'
import type { Clock } from '../base/platform.ts'
import { redactCommand } from '../base/redact.ts'
import type { EnvironmentRecord, ExecutionRecord, RunEntry } from '../model/records.ts'
import type { CodePatch } from '../store/run-write.ts'
import type { CodeOptions } from './run.ts'

/** What is known of the code and machine of a run; both may be absent. */
export interface RunCode {
  readonly code: CodeCapture | undefined
  readonly environment: EnvironmentCapture | undefined
}

/** From where code and machine are captured. */
export interface CaptureContext {
  readonly capture?: Capture
  readonly clock: Clock
  readonly env: Variables
  readonly cwd: () => string
  readonly script?: string
  readonly command: readonly string[]
}

/** What is to be captured. */
export interface CaptureRequest {
  readonly code?: CodeOptions | false | undefined
  readonly environment?: boolean | undefined
  readonly command?: readonly string[] | undefined
}

/** For so long the runs that a process starts one after another share what was captured. */
const SHARED_MS = 10_000

/** Captures code and machine, once for the runs that are started at about the same time. */
export class CodeCaptures {
  readonly #context: CaptureContext
  readonly #shared = new Map<string, { readonly timeMs: number; readonly code: Promise<RunCode> }>()

  constructor(context: CaptureContext) {
    this.#context = context
  }

  take(request: CaptureRequest): Promise<RunCode> {
    const { clock, cwd, command } = this.#context
    const nowMs = clock.now()
    const key = JSON.stringify([request, cwd(), command])
    const shared = this.#shared.get(key)
    if (shared !== undefined && nowMs - shared.timeMs < SHARED_MS) return shared.code
    for (const [old, { timeMs }] of this.#shared) {
      if (nowMs - timeMs >= SHARED_MS) this.#shared.delete(old)
    }
    const code = this.#capture(request)
    this.#shared.set(key, { timeMs: nowMs, code })
    return code
  }

  async #capture(request: CaptureRequest): Promise<RunCode> {
    const { capture, env, cwd, script } = this.#context
    const options = request.code === false ? undefined : (request.code ?? {})
    const folder = options?.folder ?? cwd()
    const entry = options?.entry ?? script
    const code =
      options === undefined
        ? undefined
        : await capture?.captureCode({
            folder,
            env,
            ...(entry === undefined ? {} : { entry }),
            ...(options.include === undefined ? {} : { include: options.include })
          })
    if (request.environment === false) return { code, environment: undefined }
    const top = code?.repository?.topLevel
    const folders = top === undefined || top === folder ? [folder] : [folder, top]
    const command = request.command ?? this.#context.command
    return { code, environment: await capture?.captureEnvironment({ command, folders, env }) }
  }
}

/** Returns the code's record. */
export function executionOf(code: CodeCapture | undefined): ExecutionRecord | undefined {
  if (code === undefined) return undefined
  const commits =
    code.commitHasTree && code.baseCommitOid !== undefined ? { commits: [code.baseCommitOid] } : {}
  return { schema: 'execution/1', tree: code.treeOid, ...commits }
}

/** Returns what leads from the base commit to the code. */
export function patchOf(code: CodeCapture | undefined): CodePatch | undefined {
  if (code?.patch === undefined) return undefined
  const { baseCommitOid, patch } = code
  return { bytes: patch, ...(baseCommitOid === undefined ? {} : { baseCommitOid }) }
}

/** Returns what was started: the file in the code, and the command without its secrets. */
export function entryOf(
  { code, environment }: RunCode,
  context: Pick<CaptureContext, 'command'>,
  command: readonly string[] | undefined
): RunEntry | undefined {
  const words = environment?.command ?? redactCommand(command ?? context.command)
  const file = code?.entryPath
  if (file === undefined && words.length === 0) return undefined
  return withoutAbsent({ file, command: words.length === 0 ? undefined : words }) as RunEntry
}

/** Returns the machine's record. */
export function environmentOf(
  { code, environment }: RunCode,
  created: string
): EnvironmentRecord | undefined {
  if (environment === undefined) return undefined
  const { command: _, ...machine } = environment
  const repository = code?.repository
  const details = withoutAbsent({
    branch: repository?.branch ?? machine.ci?.branch,
    commit: code?.baseCommitOid,
    remotes: unlessEmpty(repository?.remotes),
    leftOut: unlessEmpty(code?.leftOut),
    warnings: unlessEmpty(code?.warnings.map(({ message }) => message))
  }) as NonNullable<EnvironmentRecord['code']>
  const record = { schema: 'environment/1', created, ...machine, code: unlessEmpty(details) }
  return withoutAbsent(record) as EnvironmentRecord
}

function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value === undefined || Object.keys(value).length === 0 ? undefined : value
}
