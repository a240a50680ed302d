import type { JsonObject } from '../base/json.ts'
import { pathOf } from '../format/paths.ts'
import { formatRecord } from '../format/record.ts'
import type { KeyOf, Kind, RecordOfKind, RunPartKind } from '../model/kinds.ts'
import type { RunRecord } from '../model/records.ts'
import type { ArtifactContent, RunSettings } from './run.ts'

const TIME = '2000-01-01T00:00:00.000Z'

/** Any run: what is checked is a field or a name, not which run. */
const PLACE = { experiment: 'x', run: '000000000000' } as const

/** A run's record with nothing in it but what each has. */
const PLAIN_RUN: RunRecord = {
  schema: 'run/1',
  created: TIME,
  status: 'running',
  attempt: `${TIME} 000000`
}

const SETTINGS = ['name', 'params', 'tags', 'notes', 'seed', 'datasets'] as const

/** Returns the settings among options. @throws MODEL_INVALID, TypeError */
export function checkSettings(settings: RunSettings): JsonObject {
  if (typeof settings !== 'object' || settings === null) {
    throw new TypeError('the settings of a run are a map')
  }
  const given = SETTINGS.filter((field) => settings[field] !== undefined)
  const fields = Object.fromEntries(given.map((field) => [field, settings[field]]))
  formatRecord('run', { ...PLAIN_RUN, ...fields })
  return fields as JsonObject
}

/** Checks the fields of something inside a run. @throws MODEL_INVALID, MODEL_NAME, TypeError */
export function checkPart<K extends RunPartKind>(
  kind: K,
  name: string,
  fields: { readonly [field: string]: unknown }
): void {
  checkName(kind, name)
  const record = {
    schema: `${kind}/1`,
    created: TIME,
    ...fields,
    ...(kind !== 'artifact' && { name })
  }
  formatRecord(kind, record as unknown as RecordOfKind[K])
}

/** Checks a name. @throws MODEL_NAME, TypeError */
export function checkName(kind: RunPartKind, name: string): void {
  if (typeof name !== 'string') throw new TypeError(`the name of a ${kind} is text`)
  pathOf({ ...PLACE, kind, name } as KeyOf<Kind & RunPartKind>)
}

const KNOWN_MAX = 100_000
const knownMetrics = new Set<string>()
const knownResults = new Set<string>()

/** Checks the name of a metric. @throws TypeError, MODEL_INVALID */
export function checkMetric(name: string): void {
  if (knownMetrics.has(name)) return
  if (name === '') throw new TypeError('the name of a metric is empty')
  const summary = { last: 0, min: 0, max: 0, count: 1 }
  formatRecord('run', { ...PLAIN_RUN, metrics: { [name]: summary } })
  remember(knownMetrics, name)
}

/** Checks the name of a result. @throws TypeError, MODEL_NAME */
export function checkResult(name: string): void {
  if (knownResults.has(name)) return
  checkName('result', name)
  remember(knownResults, name)
}

/** Tells what kind of content an artifact is given as. @throws TypeError */
export function checkContent(
  content: ArtifactContent
): 'bytes' | 'text' | 'stream' | 'file' | 'reference' {
  if (typeof content === 'string') return 'text'
  if (content instanceof Uint8Array) return 'bytes'
  if (typeof content === 'object' && content !== null) {
    if (Symbol.asyncIterator in content) return 'stream'
    if ('file' in content && typeof content.file === 'string') return 'file'
    if ('uri' in content && typeof content.uri === 'string') return 'reference'
  }
  throw new TypeError('an artifact is bytes, text, a stream, { file } or { uri }')
}

function remember(known: Set<string>, name: string): void {
  if (known.size >= KNOWN_MAX) known.clear()
  known.add(name)
}
