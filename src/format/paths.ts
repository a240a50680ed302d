import { isExecutionId, isRunId, isWriter } from '../model/identifier.ts'
import type { KeyOf, ObjectKey } from '../model/kinds.ts'
import { isSlug } from '../model/slug.ts'
import { decodeName, decodePath } from './name-encoding.ts'
import { pathOf, REFERENCE_SUFFIX } from './path-layout.ts'

export {
  artifactPath,
  branchOf,
  EXPERIMENT_REF_PREFIX,
  experimentOfRef,
  experimentRef,
  folderOf,
  listingFolderOf,
  logPath,
  MAIN_REF,
  overviewPath,
  patchPath,
  pathOf,
  REFERENCE_SUFFIX,
  type RunPlace,
  removedPathsOf,
  rowsPath,
  seriesPath
} from './path-layout.ts'

/** A file that is no record: rows of a series or result, log text, bytes, or a patch. */
export type PartOf =
  | {
      readonly part: 'series' | 'log'
      readonly run: KeyOf<'run'>
      readonly writer: string
      readonly number: number
    }
  | {
      readonly part: 'rows'
      readonly run: KeyOf<'run'>
      readonly result: string
      readonly writer: string
      readonly number: number
    }
  | { readonly part: 'artifact'; readonly run: KeyOf<'run'>; readonly path: string }
  | {
      readonly part: 'patch'
      readonly execution: KeyOf<'execution'>
      readonly baseCommitOid: string
    }

const PART_NAME = /^([^-]+)-(\d{4}|[1-9]\d{4,6})\.(tsv|jsonl|txt)$/
const PATCH_NAME = /^([0-9a-f]{40})\.diff$/

/** Returns the key of the record at a path; `undefined` if no record can lie there. */
export function keyOfPath(path: string): ObjectKey | undefined {
  const key = readKey(path.split('/'))
  return key !== undefined && pathOf(key) === path ? key : undefined
}

/** Returns what the file at a path is part of; `undefined` for a record or a file not of this format. */
export function partOf(path: string): PartOf | undefined {
  const segments = path.split('/')
  const inner = readRun(segments) ?? readExecution(segments)
  if (inner === undefined) return undefined
  const { key, rest } = inner
  if (key.kind === 'execution') return readPatch(key, rest)
  const [folder, ...tail] = rest
  const name = tail.at(-1) ?? ''
  if (folder === 'artifacts') return readArtifact(key, tail.join('/'))
  const part = readPartName(name)
  if (part === undefined) return undefined
  const { writer, number, extension } = part
  if (folder === 'series' && tail.length === 1 && extension === 'tsv') {
    return { part: 'series', run: key, writer, number }
  }
  if (folder === 'log' && tail.length === 1 && extension === 'txt') {
    return { part: 'log', run: key, writer, number }
  }
  const result = decodeName(tail[0] as string)
  if (folder !== 'results' || tail.length !== 2 || extension !== 'jsonl' || result === undefined) {
    return undefined
  }
  return { part: 'rows', run: key, result, writer, number }
}

function readKey(segments: readonly string[]): ObjectKey | undefined {
  const [top, slug = '', third] = segments
  if (top === 'project.yaml') return { kind: 'project' }
  if (top === 'views')
    return ifSlug(slug.replace(/\.yaml$/, ''), (view) => ({ kind: 'view', view }))
  if (top === 'datasets') return ifSlug(slug, (dataset) => ({ kind: 'dataset', dataset }))
  if (top !== 'experiments') return undefined
  if (third === 'experiment.yaml') {
    return ifSlug(slug, (experiment) => ({ kind: 'experiment', experiment }))
  }
  if (third === 'purged.yaml') return ifSlug(slug, (experiment) => ({ kind: 'purged', experiment }))
  const run = readRun(segments)
  return run === undefined ? readExecution(segments)?.key : readInsideRun(run.key, run.rest)
}

function ifSlug(slug: string, make: (slug: string) => ObjectKey): ObjectKey | undefined {
  return isSlug(slug) ? make(slug) : undefined
}

function readInsideRun(key: KeyOf<'run'>, rest: readonly string[]): ObjectKey | undefined {
  const [folder, ...tail] = rest
  const place = { experiment: key.experiment, run: key.run }
  if (folder === 'run.yaml') return key
  if (folder === 'environment.yaml') return { kind: 'environment', ...place }
  const path = tail.join('/')
  switch (folder) {
    case 'splits':
      return named(decodeName(withoutSuffix(path, '.yaml')), 'split', place)
    case 'computations':
      return named(decodeName(withoutSuffix(path, '.yaml')), 'computation', place)
    case 'metrics':
      return named(decodePath(withoutSuffix(path, '.yaml')), 'metric', place)
    case 'results':
      return named(decodeName(tail[0] ?? ''), 'result', place)
    case 'artifacts':
      return named(decodePath(withoutSuffix(path, REFERENCE_SUFFIX)), 'artifact', place)
    default:
      return undefined
  }
}

function named(
  name: string | undefined,
  kind: 'split' | 'computation' | 'metric' | 'result' | 'artifact',
  place: { readonly experiment: string; readonly run: string }
): ObjectKey | undefined {
  return name === undefined ? undefined : { kind, ...place, name }
}

function withoutSuffix(path: string, suffix: string): string {
  return path.endsWith(suffix) ? path.slice(0, -suffix.length) : ''
}

/** A key whose folder a path begins with, and the segments below that folder. */
interface Inner<K> {
  readonly key: K
  readonly rest: readonly string[]
}

function readRun(segments: readonly string[]): Inner<KeyOf<'run'>> | undefined {
  const [top, experiment = '', folder, first, second, run = '', ...rest] = segments
  if (top !== 'experiments' || folder !== 'runs' || !isSlug(experiment)) return undefined
  if (!isRunId(run) || first !== run[0] || second !== run[1]) return undefined
  return { key: { kind: 'run', experiment, run }, rest }
}

function readExecution(segments: readonly string[]): Inner<KeyOf<'execution'>> | undefined {
  const [top, experiment = '', folder, first, execution = '', ...rest] = segments
  if (top !== 'experiments' || folder !== 'executions' || !isSlug(experiment)) return undefined
  if (!isExecutionId(execution) || first !== execution.slice(0, 2)) return undefined
  return { key: { kind: 'execution', experiment, execution }, rest }
}

function readPatch(execution: KeyOf<'execution'>, rest: readonly string[]): PartOf | undefined {
  const baseCommitOid = PATCH_NAME.exec(rest[1] ?? '')?.[1]
  if (rest.length !== 2 || rest[0] !== 'patches' || baseCommitOid === undefined) return undefined
  return { part: 'patch', execution, baseCommitOid }
}

function readArtifact(run: KeyOf<'run'>, encoded: string): PartOf | undefined {
  const path = encoded.endsWith(REFERENCE_SUFFIX) ? undefined : decodePath(encoded)
  return path === undefined ? undefined : { part: 'artifact', run, path }
}

/** Returns what the name of a file in the folder `series` of a run says; `undefined` if it is no part. */
export function seriesPartOf(
  name: string
): { readonly writer: string; readonly number: number } | undefined {
  const part = readPartName(name)
  return part?.extension === 'tsv' ? part : undefined
}

function readPartName(
  name: string
): { readonly writer: string; readonly number: number; readonly extension: string } | undefined {
  const [, writer = '', digits, extension = ''] = PART_NAME.exec(name) ?? []
  return isWriter(writer) ? { writer, number: Number(digits), extension } : undefined
}
