import { withoutAbsent } from '../base/json.ts'
import type { Platform } from '../base/platform.ts'
import { formatTime } from '../base/time.ts'
import { formatRecord } from '../format/record.ts'
import { formatStamp } from '../format/stamp.ts'
import { executionIdOf, isRunId } from '../model/identifier.ts'
import type { EnvironmentRecord, RunRecord } from '../model/records.ts'
import { isSlug, RESERVED_SLUGS, slugOf } from '../model/slug.ts'
import type { RunStart } from '../store/journal-entry.ts'
import type { StartRun } from './run.ts'
import {
  type CaptureContext,
  entryOf,
  environmentOf,
  executionOf,
  type RunCode
} from './run-code.ts'
import { checkSettings } from './run-input.ts'

/** The name of an experiment whose program is no script. */
const NO_SCRIPT = 'session'

/** What a run is planned from. */
export type PlanContext = Omit<CaptureContext, 'capture' | 'clock'> & {
  readonly platform: Platform
}

/** Where a run goes. */
export interface RunNames {
  readonly project: { readonly name: string; readonly codeFolder?: string }
  readonly experiment: { readonly name: string; readonly slug: string }
}

/** A run that another process of the job started. */
export interface AttachTarget {
  readonly project: string
  readonly experiment: string
  readonly run: string
}

/**
 * Returns the run that `$RUNTREE_RUN` names, unless the options ask for another one: they name a key,
 * a parent, or another project or experiment.
 */
export function attachTargetOf(
  options: StartRun,
  address: string | undefined,
  platform: Platform
): AttachTarget | undefined {
  const [project = '', experiment = '', run = '', ...rest] = (address ?? '').split('/')
  if (!isSlug(project) || !isSlug(experiment) || !isRunId(run) || rest.length > 0) return undefined
  if (options.key !== undefined || options.parent !== undefined) return undefined
  const isOther = (name: string | undefined, slug: string): boolean =>
    name !== undefined && slugOf(name, platform.hash) !== slug
  if (isOther(options.project, project) || isOther(options.experiment, experiment)) return undefined
  return { project, experiment, run }
}

/** Names a run's project and experiment. @throws MODEL_NAME if a name that was given can't be used. */
export function nameRun(options: StartRun, captured: RunCode, context: PlanContext): RunNames {
  const { platform, env, cwd, script } = context
  const repository = captured.code?.repository
  const given = options.project ?? (env.RUNTREE_PROJECT || undefined)
  const ownFolder = options.code === false ? undefined : options.code?.folder
  const codeFolder = repository?.topLevel ?? ownFolder ?? cwd()
  const implied = freeName(repository?.name ?? baseName(codeFolder), 'code')
  const project = given === undefined ? { name: implied, codeFolder } : { name: given }
  slugOf(project.name, platform.hash)
  const scriptName = baseName(script ?? '').replace(/(?<=.)\.[^.]*$/, '')
  const name = options.experiment ?? freeName(scriptName || NO_SCRIPT, 'script')
  return { project, experiment: { name, slug: slugOf(name, platform.hash) } }
}

/** Makes the records that a run starts with. @throws MODEL_INVALID, TypeError for wrong options. */
export function planStart(
  options: StartRun,
  captured: RunCode,
  context: PlanContext,
  run: {
    readonly experiment: string
    readonly writer: string
    readonly parent?: string | undefined
  }
): RunStart {
  const nowMs = context.platform.clock.now()
  const created = formatTime(nowMs)
  const execution = executionOf(captured.code)
  const environment = soundOrNone(environmentOf(captured, created))
  const record = withoutAbsent({
    schema: 'run/1',
    created,
    key: options.key,
    parent: run.parent,
    execution: execution && executionIdOf(execution.tree),
    entry: entryOf(captured, context, options.command),
    status: 'running',
    attempt: formatStamp(nowMs, run.writer),
    started: created,
    ...checkSettings(options)
  }) as RunRecord
  formatRecord('run', record)
  const start = { run: record, experiment: run.experiment, execution, environment }
  return withoutAbsent(start) as RunStart
}

/** Leaves away what this machine says of itself if it can't be stored. */
function soundOrNone(record: EnvironmentRecord | undefined): EnvironmentRecord | undefined {
  try {
    if (record !== undefined) formatRecord('environment', record)
    return record
  } catch {
    return undefined
  }
}

function baseName(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/+$/, '').split('/').at(-1) ?? ''
}

/** Returns a name that nobody chose, changed if it is one that can't be used. */
function freeName(name: string, suffix: string): string {
  const clean = name.replace(/\p{Cc}|\p{Cs}/gu, '').trim() || suffix
  return RESERVED_SLUGS.includes(clean.toLowerCase()) ? `${clean}-${suffix}` : clean
}
