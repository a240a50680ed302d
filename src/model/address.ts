import { modelErrors } from './errors.ts'
import { isExecutionId, isRunId, isRunPrefix } from './identifier.ts'
import type { ObjectKey, RunPartKind } from './kinds.ts'
import { isSlug, RESERVED_SLUGS } from './slug.ts'

/** An address taken apart, not yet looked up. */
export interface Address {
  /** Where the project comes from: what stands before `#`, or all of the text. */
  readonly url?: string
  /** A repository's or bundle's path in the file system, in the place of a URL. */
  readonly path?: string
  /** The names inside, decoded; empty for the project itself. */
  readonly segments: readonly string[]
  /** The commit or tag at which to read. */
  readonly at?: string
}

/** One way to read an address: in a project (else in the current one), a key or an abbreviated run. */
export interface Candidate {
  readonly project?: string
  /** The `run` of a key inside a run may be an abbreviation too, if it is shorter than a run's id. */
  readonly key: ObjectKey | RunPrefix
}

/** An abbreviated run id; without an experiment it may be in any. */
export interface RunPrefix {
  readonly kind: 'run-prefix'
  readonly prefix: string
  readonly experiment?: string
}

const ADDRESS_MAX_LENGTH = 8192
const PATH_START = /^(?:[./~]|[A-Za-z]:[\\/])/
const PATH_END = /\.(?:git|bundle)\/?$/
const URL_START = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/|^[^/:@\s]+@[^/:\s]+:|^[^/:@\s]{2,}:(?!\/\/)/
const AT = /^(?!-)(?!.*\.\.)[^\s~^:?*[\]\\\p{Cc}@#]+$/u
const NEEDS_ENCODING = /[%@#\\\s\p{Cc}\p{DI}]/gu

/** The folders of things inside a run, and whether their names keep slashes as further segments. */
const RUN_PARTS: { readonly [folder: string]: { kind: RunPartKind; deep: boolean } } = {
  splits: { kind: 'split', deep: false },
  computations: { kind: 'computation', deep: false },
  metrics: { kind: 'metric', deep: true },
  results: { kind: 'result', deep: false },
  artifacts: { kind: 'artifact', deep: true }
}

/**
 * Parses an address (docs/FORMAT.md, “Addresses”).
 *
 * Behind a URL or path without `#`, `@` counts only directly after `.git` or `.bundle`.
 *
 * @throws MODEL_ADDRESS
 */
export function parseAddress(text: string): Address {
  if (text === '') throw addressError(text, 'it is empty')
  if (text.length > ADDRESS_MAX_LENGTH) throw addressError(text, 'it is too long')
  const hash = text.indexOf('#')
  if (hash >= 0) {
    const place = readPlace(text.slice(0, hash))
    if (place === undefined) throw addressError(text, 'before # stands neither a URL nor a path')
    return { ...place, ...readInside(text, text.slice(hash + 1)) }
  }
  const [, before, at] = /^(.*\.(?:git|bundle)\/?)@([^@]*)$/s.exec(text) ?? []
  const place = readPlace(before ?? text)
  if (place === undefined) return readInside(text, text)
  return { ...place, segments: [], ...readAt(text, at) }
}

/** Formats the address of an object; without a project, the address inside the project. */
export function formatAddress(project: string | undefined, key: ObjectKey): string {
  const segments = [...(project === undefined ? [] : [project]), ...segmentsOf(key)]
  return segments.join('/')
}

/**
 * Lists each way to read the names of an address, in the order of resolution: an experiment, a run in
 * an experiment, a run's id or abbreviation, something else, a project.
 *
 * The list is empty if the names fit nothing.
 */
export function candidateKeys(segments: readonly string[]): readonly Candidate[] {
  const [project, ...inside] = segments
  const found: Candidate[] = readKeys(segments).map((key) => ({ key }))
  if (project === undefined) return [{ key: { kind: 'project' } }]
  if (!isOwnSlug(project)) return found
  if (inside.length === 0) return [...found, { project, key: { kind: 'project' } }]
  for (const key of readKeys(inside)) {
    if (key.kind !== 'run-prefix' || key.experiment !== undefined) found.push({ project, key })
  }
  const rank = ({ key }: Candidate): number => {
    const order = ['experiment', 'run', 'run-prefix'].indexOf(key.kind)
    return order < 0 ? 3 : order
  }
  return found.sort((a, b) => rank(a) - rank(b))
}

function readPlace(text: string): { readonly url: string } | { readonly path: string } | undefined {
  if (PATH_START.test(text)) return { path: text }
  if (URL_START.test(text)) return { url: text }
  return PATH_END.test(text) ? { path: text } : undefined
}

function readInside(address: string, text: string): Pick<Address, 'segments' | 'at'> {
  const mark = text.indexOf('@')
  const names = mark < 0 ? text : text.slice(0, mark)
  const at = readAt(address, mark < 0 ? undefined : text.slice(mark + 1))
  if (names === '') return { segments: [], ...at }
  const segments = names.split('/').map((segment) => {
    if (segment === '') throw addressError(address, 'a part between slashes is empty')
    try {
      return decodeURIComponent(segment)
    } catch {
      throw addressError(address, `${JSON.stringify(segment)} is not percent-encoded UTF-8`)
    }
  })
  return { segments, ...at }
}

function readAt(address: string, at: string | undefined): { readonly at?: string } {
  if (at === undefined) return {}
  if (!AT.test(at)) throw addressError(address, 'behind @ stands neither a commit nor a tag')
  return { at }
}

function segmentsOf(key: ObjectKey): readonly string[] {
  switch (key.kind) {
    case 'project':
      return []
    case 'dataset':
      return ['datasets', key.dataset]
    case 'view':
      return ['views', key.view]
    case 'experiment':
      return [key.experiment]
    case 'purged':
      return [key.experiment, 'purged']
    case 'execution':
      return [key.experiment, 'executions', key.execution]
    case 'run':
      return [key.experiment, key.run]
    case 'environment':
      return [key.experiment, key.run, 'environment']
    default: {
      const folder = `${key.kind}s`
      const names = RUN_PARTS[folder]?.deep ? key.name.split('/') : [key.name]
      return [key.experiment, key.run, folder, ...names.map(encodeAddressName)]
    }
  }
}

function encodeAddressName(name: string): string {
  return name.replace(NEEDS_ENCODING, encodeURIComponent).replaceAll('/', '%2F')
}

function readKeys(segments: readonly string[]): readonly (ObjectKey | RunPrefix)[] {
  const [first = '', second, third, ...names] = segments
  if (first === 'datasets' || first === 'views') {
    if (segments.length !== 2 || !isSlug(second as string)) return []
    const slug = second as string
    return [first === 'views' ? { kind: 'view', view: slug } : { kind: 'dataset', dataset: slug }]
  }
  if (second === undefined) {
    const found: (ObjectKey | RunPrefix)[] = []
    if (isOwnSlug(first)) found.push({ kind: 'experiment', experiment: first })
    if (isRunPrefix(first)) found.push({ kind: 'run-prefix', prefix: first })
    return found
  }
  if (!isOwnSlug(first)) return []
  const key =
    third === undefined
      ? readChild(first, second)
      : names.length === 0
        ? readGrandchild(first, second, third)
        : readRunPart(first, second, third, names)
  return key === undefined ? [] : [key]
}

function isOwnSlug(text: string): boolean {
  return isSlug(text) && !RESERVED_SLUGS.includes(text)
}

function readChild(experiment: string, name: string): ObjectKey | RunPrefix | undefined {
  if (name === 'purged') return { kind: 'purged', experiment }
  if (isRunId(name)) return { kind: 'run', experiment, run: name }
  return isRunPrefix(name) ? { kind: 'run-prefix', prefix: name, experiment } : undefined
}

function readGrandchild(experiment: string, second: string, third: string): ObjectKey | undefined {
  if (second === 'executions') {
    return isExecutionId(third) ? { kind: 'execution', experiment, execution: third } : undefined
  }
  if (third !== 'environment' || !isRunPrefix(second)) return undefined
  return { kind: 'environment', experiment, run: second }
}

function readRunPart(
  experiment: string,
  run: string,
  folder: string,
  names: readonly string[]
): ObjectKey | undefined {
  const part = Object.hasOwn(RUN_PARTS, folder) ? RUN_PARTS[folder] : undefined
  if (part === undefined || !isRunPrefix(run) || (names.length > 1 && !part.deep)) return undefined
  return { kind: part.kind, experiment, run, name: names.join('/') }
}

function addressError(address: string, reason: string): Error {
  return modelErrors.create('MODEL_ADDRESS', { address, reason })
}
