import type { ObjectKey } from '../model/kinds.ts'
import { encodeName, encodePath } from './name-encoding.ts'
import { folderOf } from './paths.ts'

/** What a commit says that it did. */
export interface CommitSummary {
  /** One word: `put`, `delete`, `restore`, `merge`, … */
  readonly operation: string
  /** The objects concerned: keys, or paths where there is no key. */
  readonly keys: readonly (ObjectKey | string)[]
  /** Text for people, between the subject and the trailers. Default: none. */
  readonly note?: string
}

/** What a commit's message says to programs. */
export interface ParsedMessage {
  readonly operation: string
  /** At most `LISTED_OBJECTS` of them. */
  readonly paths: readonly string[]
  /** The number of objects, listed or not. */
  readonly count: number
}

/** Objects that a message lists; of more it gives the number. */
export const LISTED_OBJECTS = 20

const SUBJECT_MAX_LENGTH = 72
const TRAILER = /^([A-Za-z0-9-]+): (.*)$/

/** Formats the message of a commit (docs/FORMAT.md, “Commit messages”); it ends with a line feed. */
export function formatMessage(summary: CommitSummary): string {
  const paths = [...new Set(summary.keys.map(trailerPath))]
  const trailers = [`Runtree-Operation: ${summary.operation}`]
  for (const path of paths.slice(0, LISTED_OBJECTS)) trailers.push(`Runtree-Object: ${path}`)
  if (paths.length > LISTED_OBJECTS) trailers.push(`Runtree-Objects: ${paths.length}`)
  const note = cleanNote(summary.note ?? '')
  const paragraphs = [formatSubject(summary, paths.length), trailers.join('\n')]
  if (note !== '') paragraphs.splice(1, 0, note)
  return `${paragraphs.join('\n\n')}\n`
}

/** Parses a message; `undefined` for a commit that Runtree didn't write. */
export function parseMessage(message: string): ParsedMessage | undefined {
  const last =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .at(-1) ?? ''
  let operation: string | undefined
  let total: number | undefined
  const paths: string[] = []
  for (const line of last.split('\n')) {
    const [, name, value = ''] = TRAILER.exec(line.trimEnd()) ?? []
    if (name === 'Runtree-Operation') operation = value
    else if (name === 'Runtree-Object') paths.push(value)
    else if (name === 'Runtree-Objects' && /^\d{1,15}$/.test(value)) total = Number(value)
  }
  if (operation === undefined) return undefined
  return { operation, paths, count: Math.max(total ?? 0, paths.length) }
}

function trailerPath(key: ObjectKey | string): string {
  if (typeof key === 'string') return key
  return key.kind === 'project' ? 'project.yaml' : folderOf(key)
}

function formatSubject({ operation, keys }: CommitSummary, count: number): string {
  const [first] = keys
  if (first === undefined) return operation
  const what = count > 1 ? `${count} objects${placeOf(keys)}` : nameOf(first)
  const subject = `${operation} ${what}`
  if (subject.length <= SUBJECT_MAX_LENGTH) return subject
  return `${[...subject].slice(0, SUBJECT_MAX_LENGTH - 1).join('')}…`
}

function nameOf(key: ObjectKey | string): string {
  if (typeof key === 'string') return key
  switch (key.kind) {
    case 'project':
      return 'project'
    case 'dataset':
      return `dataset ${key.dataset}`
    case 'view':
      return `view ${key.view}`
    case 'experiment':
      return `experiment ${key.experiment}`
    case 'purged':
      return `list of purged paths of ${key.experiment}`
    case 'execution':
      return `execution ${key.execution}`
    case 'run':
      return `run ${key.run}`
    case 'environment':
      return `environment of ${key.run}`
    case 'metric':
    case 'artifact':
      return `${key.kind} ${encodePath(key.name)} of ${key.run}`
    default:
      return `${key.kind} ${encodeName(key.name)} of ${key.run}`
  }
}

function placeOf(keys: CommitSummary['keys']): string {
  const places = new Set(keys.map(experimentOf))
  const [place] = places
  return places.size === 1 && place !== undefined ? ` in ${place}` : ''
}

function experimentOf(key: ObjectKey | string): string | undefined {
  if (typeof key === 'string') return /^experiments\/([^/]+)/.exec(key)?.[1]
  return 'experiment' in key ? key.experiment : undefined
}

/** Removes what git refuses in a message or would take for the end of the paragraph of trailers. */
function cleanNote(note: string): string {
  return note
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
