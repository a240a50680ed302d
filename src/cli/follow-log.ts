import { reasonOf } from '../base/errors.ts'
import { Mutex } from '../base/tasks.ts'
import { createLineReader, type LogEntry, parseLogLine } from '../service/log-protocol.ts'
import type { Run } from '../service/run.ts'
import type { Context } from './context.ts'
import { warn } from './print.ts'
import { printable } from './printable.ts'

const READ_BYTES = 1 << 20
const MAX_WARNINGS = 20
const SHOWN_LINE_LENGTH = 120

/** Follows the file into which a command logs. */
export interface LogFollower {
  /** Reads what is left and ends. */
  finish(): Promise<void>
}

/**
 * Follows a file of JSON lines and logs to a run what they say, until it is told to finish.
 *
 * A line is used once its end is there; what the last line holds is used at the end. Nothing that is
 * wrong in the file stops the command: the line goes to the run's log, with a warning.
 */
export function followLog(
  context: Pick<Context, 'files' | 'err' | 'colors' | 'cwd'>,
  run: Run,
  path: string
): LogFollower {
  const reading = new Mutex()
  const reader = createLineReader()
  const sink = createSink(context, run)
  let offset = 0

  const drain = (): Promise<void> =>
    reading.run(async () => {
      try {
        const stat = await context.files.stat(path)
        // A program that opens the file anew for writing starts it from the beginning.
        if (stat !== undefined && stat.sizeBytes < offset) offset = 0
        for (;;) {
          const bytes = await context.files.readRange(path, offset, READ_BYTES)
          if (bytes === undefined || bytes.length === 0) return
          offset += bytes.length
          for (const line of reader.push(bytes)) await sink(line)
        }
      } catch (error) {
        warn(context, `RUNTREE_LOG can't be read: ${reasonOf(error)}`)
      }
    })

  const unwatch = context.files.watch(path, () => void drain())
  return {
    async finish() {
      unwatch()
      await drain()
      await reading.run(async () => {
        for (const line of reader.end()) await sink(line)
      })
    }
  }
}

/** Creates what uses one line after another. */
function createSink(
  context: Pick<Context, 'err' | 'colors' | 'files' | 'cwd'>,
  run: Run
): (line: string) => Promise<void> {
  let number = 0
  let warnings = 0
  const complain = (line: string, what: string): void => {
    const message = `line ${number} of RUNTREE_LOG: ${what}`
    run.text(`runtree: ${message}: ${line}`)
    warnings++
    if (warnings > MAX_WARNINGS) return
    const shown = line.length > SHOWN_LINE_LENGTH ? `${line.slice(0, SHOWN_LINE_LENGTH)}…` : line
    warn(context, printable(`${message}: ${shown}`))
    if (warnings === MAX_WARNINGS) warn(context, "further lines of this kind are in the run's log")
  }
  return async (line) => {
    number++
    if (line.trim() === '') return
    const { entry, warnings: problems } = parseLogLine(line)
    for (const problem of problems) complain(line, problem)
    if (entry === undefined) return
    try {
      await applyEntry(context, run, entry)
    } catch (error) {
      complain(line, reasonOf(error))
    }
  }
}

async function applyEntry(
  context: Pick<Context, 'files' | 'cwd'>,
  run: Run,
  entry: LogEntry
): Promise<void> {
  const { metrics, step, time, split, params, row, result, artifact, tag, text } = entry
  if (Object.keys(metrics).length > 0) {
    run.log(metrics, {
      ...(step === undefined ? {} : { step }),
      ...(time === undefined ? {} : { time }),
      ...(split === undefined ? {} : { split })
    })
  }
  if (params !== undefined) run.set({ params })
  if (tag !== undefined) run.set({ tags: [tag] })
  if (text !== undefined) run.text(text)
  if (row !== undefined && result !== undefined) run.row(result, row)
  if (artifact === undefined) return
  const file = context.files.resolve(artifact)
  await run.artifact(artifactPath(file, context.cwd()), { file })
}

/** Returns the path under which a file is stored: relative to a folder, or its name if it lies elsewhere. */
export function artifactPath(file: string, folder: string): string {
  const slashed = file.replaceAll('\\', '/')
  const below = `${folder.replaceAll('\\', '/').replace(/\/$/, '')}/`
  return slashed.startsWith(below)
    ? slashed.slice(below.length)
    : slashed.slice(slashed.lastIndexOf('/') + 1)
}
