import { decodeUtf8 } from '../../base/bytes.ts'
import type { Json } from '../../base/json.ts'
import type { StoredObject } from '../../service/objects.ts'
import type { Workspace } from '../../service/workspace.ts'
import { readHistory } from './activity.ts'
import type { HistoryRequest, RowsRequest } from './requests.ts'
import type {
  ArtifactAnswer,
  CodeAnswer,
  LogAnswer,
  RowsAnswer,
  ValueAnswer
} from './run-answers.ts'
import { requireRun } from './run-page.ts'
import { selectRows } from './select-rows.ts'
import type { AddressRequest, CallOptions } from './source.ts'
import { SourceError } from './source-error.ts'

/** Of a longer log only the end is sent at once. */
const MAX_LOG_LENGTH = 2_000_000
const DEFAULT_ARTIFACT_BYTES = 1_000_000

/** Answers what lies in a run beside its record. */
export function createRunContents(workspace: Workspace) {
  return {
    value: (request: AddressRequest & { readonly metric: string }) => readValue(workspace, request),
    rows: (request: RowsRequest, { signal }: CallOptions) => readRows(workspace, request, signal),
    log: (request: AddressRequest & { readonly cursor?: string }) => readLog(workspace, request),
    artifact: (request: AddressRequest & { readonly path: string; readonly maxBytes?: number }) =>
      readArtifact(workspace, request),
    code: (request: AddressRequest) => readCode(workspace, request),
    history: (request: HistoryRequest, call: CallOptions) => readHistory(workspace, request, call)
  }
}

async function readValue(
  workspace: Workspace,
  { address, metric }: AddressRequest & { readonly metric: string }
): Promise<ValueAnswer> {
  const values: { readonly split?: string; readonly value: Json }[] = []
  let type: string | undefined
  for await (const { fields } of workspace.metrics.list({ in: address })) {
    if (fields.type === 'series' || fields.name !== metric) continue
    const { value, split } = fields
    values.push({ value, ...(split === undefined ? {} : { split }) })
    type ??= fields.type
  }
  if (values.length === 0) {
    throw new SourceError({
      code: 'STORE_NOT_FOUND',
      message: `The run ${address} has no structured metric ${metric}.`
    })
  }
  return { name: metric, values, ...(type === undefined ? {} : { type }) }
}

async function readRows(
  workspace: Workspace,
  request: RowsRequest,
  signal: AbortSignal | undefined
): Promise<RowsAnswer> {
  const { address, result } = request
  const run = await requireRun(workspace, address)
  let header: StoredObject<'result'> | undefined
  for await (const each of workspace.results.list({ in: run.address })) {
    if (each.fields.name === result) header = each
  }
  const { columns = [], key } = header?.fields ?? {}
  const rows = workspace.runs.rows(run.address, result)
  const selected = await selectRows(rows, request, signal)
  return { columns, ...selected, ...(key === undefined ? {} : { key }) }
}

async function readLog(
  workspace: Workspace,
  { address, cursor }: AddressRequest & { readonly cursor?: string }
): Promise<LogAnswer> {
  // The status is read before the text, so that no text is missed when it has just ended.
  const run = await requireRun(workspace, address)
  const found = await workspace.runs.text(
    run.address,
    cursor === undefined ? {} : { after: cursor }
  )
  const isCut = found.text.length > MAX_LOG_LENGTH
  const end = isCut ? found.text.slice(-MAX_LOG_LENGTH) : found.text
  return {
    // A cut in the middle of a line is moved to its end.
    text: isCut ? end.slice(end.indexOf('\n') + 1) : end,
    cursor: found.cursor,
    isCut,
    isRunning: run.fields.status === 'running'
  }
}

async function readArtifact(
  workspace: Workspace,
  request: AddressRequest & { readonly path: string; readonly maxBytes?: number }
): Promise<ArtifactAnswer> {
  const { address, path, maxBytes = DEFAULT_ARTIFACT_BYTES } = request
  const run = await requireRun(workspace, address)
  for await (const entry of workspace.artifacts.list(run.address)) {
    if (entry.path !== path) continue
    const bytes = (await workspace.artifacts.read(entry.address)) ?? new Uint8Array()
    return {
      path,
      mediaType: entry.mediaType ?? mediaTypeOf(path),
      // A copy: a view would carry the whole content to where it goes.
      bytes: bytes.slice(0, maxBytes),
      sizeBytes: bytes.length,
      isCut: bytes.length > maxBytes
    }
  }
  throw new SourceError({
    code: 'STORE_NOT_FOUND',
    message: `The run ${run.address} has no artifact ${path}.`
  })
}

const MEDIA_TYPES: { readonly [ending: string]: string } = {
  avif: 'image/avif',
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  jsonl: 'application/jsonl',
  log: 'text/plain',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  webp: 'image/webp',
  yaml: 'application/yaml',
  yml: 'application/yaml'
}

/** Returns the media type that a path's ending promises. */
export function mediaTypeOf(path: string): string {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(MEDIA_TYPES, ending)
    ? (MEDIA_TYPES[ending] as string)
    : 'application/octet-stream'
}

async function readCode(workspace: Workspace, { address }: AddressRequest): Promise<CodeAnswer> {
  const run = await requireRun(workspace, address)
  const stored = await workspace.runs.code(run.address)
  const environment = await workspace.environments.get(`${run.address}/environment`)
  const { branch, leftOut = [], warnings = [] } = environment?.fields.code ?? {}
  const { command, file } = run.fields.entry ?? {}
  const commit = stored?.baseCommitOid
  const patch = stored?.patch === undefined ? undefined : decodeUtf8(stored.patch)
  return {
    ...(stored === undefined ? {} : { execution: stored.execution, tree: stored.record.tree }),
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    ...(command === undefined ? {} : { command }),
    ...(file === undefined ? {} : { file }),
    ...(patch === undefined ? {} : { patch }),
    checkout: checkoutOf(commit, patch !== undefined),
    leftOut,
    warnings
  }
}

/** Returns the commands that bring the code back, in a clone of its repository. */
function checkoutOf(commit: string | undefined, hasPatch: boolean): readonly string[] {
  const base = commit === undefined ? [] : [`git checkout --detach ${commit}`]
  return hasPatch ? [...base, 'git apply run.patch'] : base
}
