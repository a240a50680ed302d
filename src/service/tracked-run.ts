import type { Emitter } from '../base/emitter.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { formatTime } from '../base/time.ts'
import type { RunOutcome } from '../format/edit.ts'
import { formatEntry } from '../store/journal-entry.ts'
import { formatPoints, type QuotedName } from '../store/journal-points.ts'
import { valueName } from '../store/run-changes.ts'
import type { WorkspaceEvents } from './events.ts'
import { type LoggedMetric, LoggedMetrics, takeSteps } from './logged-metrics.ts'
import type { Fields } from './objects.ts'
import type {
  ArtifactContent,
  LogOptions,
  MetricValues,
  Run,
  RunComputation,
  RunEnd,
  RunReport,
  RunSettings,
  RunSplit,
  StartRun
} from './run.ts'
import type { ArtifactStaging } from './run-artifact.ts'
import { checkMetric, checkPart, checkResult, checkSettings } from './run-input.ts'
import { outcomeOf } from './run-outcome.ts'
import type { RunPush } from './run-push.ts'
import type { RunRecorder } from './run-recorder.ts'

/** What a tracked run is made of. */
export interface TrackedRunParts {
  readonly id: string
  readonly project: string
  readonly experiment: string
  readonly recorder: RunRecorder
  readonly artifacts: ArtifactStaging
  /** The steps at which metrics go on that an earlier process logged. Default: 0. */
  readonly firstSteps?: { readonly [metric: string]: number }
  readonly events: Emitter<WorkspaceEvents>
  readonly now: () => number
  /** Brings the run to a remote. Default: nobody does. */
  readonly push?: RunPush
  /** Stops watching the process; the run has ended. */
  readonly unwatch: () => void
  child(options: Omit<StartRun, 'workspace' | 'project' | 'parent'>): Promise<Run>
}

/** A run that goes to a journal, and from there into the history. */
export class TrackedRun implements Run {
  readonly id: string
  readonly address: string
  readonly project: string
  readonly experiment: string
  readonly #parts: TrackedRunParts
  readonly #logged: LoggedMetrics
  readonly #loggedBySplit = new Map<string, LoggedMetrics>()
  #report: Promise<RunReport> | undefined

  constructor(parts: TrackedRunParts) {
    this.id = parts.id
    this.project = parts.project
    this.experiment = parts.experiment
    this.address = `${parts.project}/${parts.experiment}/${parts.id}`
    this.#parts = parts
    this.#logged = new LoggedMetrics(undefined, parts.firstSteps)
  }

  log(values: MetricValues, options: LogOptions = {}): void {
    const { split, step } = options
    const logged = this.#loggedIn(split)
    const metrics: LoggedMetric[] = []
    for (const name of Object.keys(values)) {
      metrics.push(logged.find(name))
      if (typeof values[name] !== 'number') {
        throw new TypeError(`the metric ${name} is no number but ${describe(values[name])}`)
      }
    }
    const now = this.#parts.now()
    const time = options.time === undefined ? now : checkFinite(options.time, 'a time')
    if (step !== undefined) checkFinite(step, 'a step')
    if (metrics.length === 0) return
    const steps = takeSteps(metrics, step)
    if (typeof steps === 'number') {
      this.#logAt(steps, metrics, values, time, logged.split, now)
      return
    }
    for (const { step: own, metrics: some } of steps) {
      this.#logAt(own, some, pick(values, some), time, logged.split, now)
    }
  }

  #logAt(
    step: number,
    metrics: readonly LoggedMetric[],
    values: MetricValues,
    time: number,
    split: QuotedName | undefined,
    now: number
  ): void {
    const { recorder, events } = this.#parts
    recorder.append(formatPoints(metrics, values, step, time, split), now)
    if (events.isHeard('progress')) {
      events.emit('progress', { address: this.address, step, values })
    }
  }

  /** Returns the metrics of a split that were logged so far. */
  #loggedIn(split: string | undefined): LoggedMetrics {
    if (split === undefined) return this.#logged
    let logged = this.#loggedBySplit.get(checkText(split, 'the split of a value'))
    if (logged === undefined) {
      logged = new LoggedMetrics(split, this.#parts.firstSteps)
      this.#loggedBySplit.set(split, logged)
    }
    return logged
  }

  text(line: string): void {
    if (typeof line !== 'string')
      throw new TypeError(`a line of the log is text, not ${describe(line)}`)
    const text = line.endsWith('\n') ? line.slice(0, -1) : line
    this.#parts.recorder.append(formatEntry({ text }, 'a line of the log'))
    this.#parts.events.emit('log', { address: this.address, text })
  }

  row(result: string, row: JsonObject, options: { readonly key?: string } = {}): void {
    checkResult(result)
    const { key } = options
    if (key !== undefined) checkText(key, 'the key column of a result')
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new TypeError(`a row of ${result} is a map, not ${describe(row)}`)
    }
    this.#parts.recorder.append(
      formatEntry({ result, row, ...(key === undefined ? {} : { key }) }, `a row of ${result}`)
    )
  }

  value(
    metric: string,
    value: Json,
    options: { readonly type?: string; readonly split?: string } = {}
  ): void {
    const { type, split } = options
    checkMetric(checkText(metric, 'the name of a metric'))
    if (value === undefined) throw new TypeError(`the metric ${metric} has no value`)
    const entry = { metric, value, ...(type === undefined ? {} : { type }) }
    const whole = { ...entry, ...(split === undefined ? {} : { split }), time: this.#parts.now() }
    const { metric: _, time: __, ...fields } = whole
    checkPart('metric', valueName(whole), fields)
    this.#parts.recorder.appendEntry(whole, `the metric ${metric}`)
  }

  set(settings: RunSettings): void {
    const set = checkSettings(settings)
    this.#parts.recorder.appendEntry({ set, time: this.#parts.now() }, 'the settings of a run')
  }

  async artifact(path: string, content: ArtifactContent): Promise<void> {
    await this.#parts.artifacts.add(path, content)
  }

  split(name: string | number, fields: Fields<'split'> = {}): RunSplit {
    const split = checkText(typeof name === 'number' ? String(name) : name, 'the name of a split')
    checkPart('split', split, fields)
    const entry = { split, fields: fields as unknown as JsonObject, time: this.#parts.now() }
    this.#parts.recorder.appendEntry(entry, `the split ${split}`)
    return {
      name: split,
      log: (values, options) => this.log(values, { ...options, split }),
      value: (metric, value, options) => this.value(metric, value, { ...options, split })
    }
  }

  computation(name: string | number, fields: Fields<'computation'> = {}): RunComputation {
    const text = checkText(
      typeof name === 'number' ? String(name) : name,
      'the name of a computation'
    )
    const set = (given: Fields<'computation'>): void => {
      checkPart('computation', text, given)
      const entry = { computation: text, fields: given as unknown as JsonObject }
      const time = this.#parts.now()
      this.#parts.recorder.appendEntry({ ...entry, time }, `the computation ${text}`)
    }
    set({ started: formatTime(this.#parts.now()), ...fields })
    return {
      name: text,
      set,
      finish: () => set({ finished: formatTime(this.#parts.now()) })
    }
  }

  child(options: Omit<StartRun, 'workspace' | 'project' | 'parent'> = {}): Promise<Run> {
    return this.#parts.child(options)
  }

  async flush(): Promise<void> {
    await this.#parts.artifacts.settled()
    await this.#parts.recorder.flush()
  }

  finish(): Promise<RunReport> {
    return this.#end({ status: 'finished', finished: this.#time() }, undefined)
  }

  fail(error: unknown): Promise<RunReport> {
    return this.end({ error })
  }

  end(how: RunEnd): Promise<RunReport> {
    return this.#end(outcomeOf(how, this.#time()), how.error)
  }

  #time(): string {
    return formatTime(this.#parts.now())
  }

  #end(outcome: RunOutcome, error: unknown): Promise<RunReport> {
    this.#report ??= this.#finish(outcome, error)
    return this.#report
  }

  async #finish(outcome: RunOutcome, error: unknown): Promise<RunReport> {
    const { recorder, artifacts, events, push, unwatch } = this.#parts
    await artifacts.settled()
    const { status } = outcome
    const operation = status === 'finished' ? 'finish' : status === 'failed' ? 'fail' : 'interrupt'
    const ended = await recorder.end(outcome, operation)
    const { committed } = ended
    const problems = [...ended.problems, ...((committed && (await push?.finish())) ?? [])]
    unwatch()
    const commit = committed === undefined ? {} : { commitOid: committed.commitOid }
    const address = this.address
    if (status === 'failed') events.emit('fail', { address, error, ...commit })
    else events.emit('finish', { address, status, ...commit })
    return { address, status: committed?.record.status ?? status, problems, ...commit }
  }
}

function pick(values: MetricValues, metrics: readonly LoggedMetric[]): MetricValues {
  return Object.fromEntries(metrics.map(({ name }) => [name, values[name] as number]))
}

function checkText(value: string, what: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new TypeError(`${what} is text, not ${describe(value)}`)
  }
  return value
}

function checkFinite(value: number, what: string): number {
  if (!Number.isFinite(value))
    throw new TypeError(`${what} is a finite number, not ${describe(value)}`)
  return value
}

function describe(value: unknown): string {
  if (typeof value === 'string')
    return value === '' ? 'empty text' : `the text ${JSON.stringify(value)}`
  return value === null || typeof value !== 'object' ? String(value) : 'an object'
}
