import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { StoredObject } from '../../service/objects.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { EditRequest, SettleRequest, ViewRequest } from './requests.ts'
import type { ConflictEntry, ViewEntry } from './run-answers.ts'
import type { AddressRequest, CallOptions } from './source.ts'

/** Kinds that are edited in the dashboard. */
type EditedKind =
  | 'project'
  | 'experiment'
  | 'run'
  | 'dataset'
  | 'view'
  | 'split'
  | 'computation'
  | 'metric'
  | 'result'
  | 'environment'

/** What the services of these kinds have in common. */
interface Editor {
  get(address: string): Promise<StoredObject | undefined>
  update(address: string, changes: JsonObject): Promise<StoredObject>
  restore(address: string): Promise<StoredObject>
}

/** Changes objects. */
export function createChanges(workspace: Workspace) {
  return {
    edit: (request: EditRequest) => edit(workspace, request),
    delete: (request: { readonly addresses: readonly string[] }, { signal }: CallOptions) =>
      deleteAll(workspace, request.addresses, signal),
    restore: (request: { readonly addresses: readonly string[] }, { signal }: CallOptions) =>
      restoreAll(workspace, request.addresses, signal),
    conflicts: (request: AddressRequest) => listConflicts(workspace, request.address),
    settle: (request: SettleRequest) => settle(workspace, request),
    views: (request: AddressRequest) => listViews(workspace, request.address),
    saveView: (request: ViewRequest) => saveView(workspace, request),
    deleteView: async ({ address }: AddressRequest) => {
      await workspace.views.delete(address)
      return { address }
    }
  }
}

function editorOf(workspace: Workspace, kind: string): Editor | undefined {
  const editors: { readonly [K in EditedKind]: unknown } = {
    project: workspace.projects,
    experiment: workspace.experiments,
    run: workspace.runs,
    dataset: workspace.datasets,
    view: workspace.views,
    split: workspace.splits,
    computation: workspace.computations,
    metric: workspace.metrics,
    result: workspace.results,
    environment: workspace.environments
  }
  return Object.hasOwn(editors, kind) ? (editors[kind as EditedKind] as Editor) : undefined
}

/** Opens an object for a change. @throws STORE_NOT_FOUND; TypeError if its kind is not edited here. */
async function openEditor(
  workspace: Workspace,
  address: string
): Promise<{ readonly editor: Editor; readonly address: string; readonly fields: JsonObject }> {
  const { object } = await workspace.get(address, { offline: true })
  const editor = object && editorOf(workspace, object.kind)
  if (object !== undefined && editor !== undefined) {
    return { editor, address: object.address, fields: object.fields as unknown as JsonObject }
  }
  if (object !== undefined) throw new TypeError(`a ${object.kind} is not edited in the dashboard`)
  // Throws what says why there is none.
  await workspace.runs.text(address)
  throw new TypeError(`there is nothing at ${address}`)
}

async function edit(workspace: Workspace, request: EditRequest): Promise<{ address: string }> {
  const { addTags = [], removeTags = [] } = request
  const { editor, address, fields } = await openEditor(workspace, request.address)
  const before = Array.isArray(fields.tags) ? (fields.tags as readonly string[]) : []
  const tags = [...new Set([...before, ...addTags])].filter((tag) => !removeTags.includes(tag))
  const texts = (['name', 'notes'] as const)
    .filter((field) => request[field] !== undefined)
    .map((field) => [field, request[field] || undefined])
  await editor.update(address, {
    ...Object.fromEntries(texts),
    ...(addTags.length + removeTags.length === 0 ? {} : { tags })
  })
  return { address }
}

async function deleteAll(
  workspace: Workspace,
  addresses: readonly string[],
  signal: AbortSignal | undefined
): Promise<{ readonly deleted: readonly string[] }> {
  const deleted: string[] = []
  for (const address of addresses) {
    signal?.throwIfAborted()
    const found = await workspace.resolve(address)
    if (found === undefined) continue
    const { local } = await workspace.delete(found.address)
    if (local) deleted.push(found.address)
  }
  return { deleted }
}

async function restoreAll(
  workspace: Workspace,
  addresses: readonly string[],
  signal: AbortSignal | undefined
): Promise<{ readonly restored: readonly string[] }> {
  const restored: string[] = []
  for (const address of addresses) {
    signal?.throwIfAborted()
    const { address: whole } = await editorOfDeleted(workspace, address).restore(address)
    restored.push(whole)
  }
  return { restored }
}

/** Returns the service of what was deleted, which only its whole address tells. */
function editorOfDeleted(workspace: Workspace, address: string): Editor {
  const [, second, third] = address.split('/')
  const kind =
    second === 'datasets' || second === 'views'
      ? second.slice(0, -1)
      : third !== undefined
        ? 'run'
        : second !== undefined
          ? 'experiment'
          : 'project'
  return editorOf(workspace, kind) as Editor
}

async function listConflicts(
  workspace: Workspace,
  address: string
): Promise<readonly ConflictEntry[]> {
  const { conflicts } = await workspace.status({ in: address })
  const entries: ConflictEntry[] = []
  for (const { address: place, fieldPath } of conflicts) {
    const { object } = await workspace.get(place, { offline: true })
    const fields = (object?.fields ?? {}) as unknown as JsonObject
    const values = isJsonObject(fields.conflicts) ? fields.conflicts[fieldPath] : undefined
    const [field = '', member] = namesOf(fieldPath)
    const own = fields[field]
    const current = member === undefined ? own : isJsonObject(own) ? own[member] : undefined
    entries.push({
      address: place,
      fieldPath,
      values: Array.isArray(values) ? (values as readonly Json[]) : [],
      current: current ?? null
    })
  }
  return entries
}

/** Splits a field path (docs/FORMAT.md) into its names. */
function namesOf(fieldPath: string): readonly string[] {
  return fieldPath.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

async function settle(
  workspace: Workspace,
  { address, fieldPath, value }: SettleRequest
): Promise<{ address: string }> {
  const [field = '', member] = namesOf(fieldPath)
  // Fields that only make sense together, such as the outcome of a run, are chosen together.
  const isGroup = member === undefined && isJsonObject(value) && field in value
  const changes: JsonObject = isGroup
    ? value
    : { [field]: member === undefined ? (value ?? undefined) : { [member]: value ?? undefined } }
  const { editor, address: whole } = await openEditor(workspace, address)
  await editor.update(whole, changes)
  return { address: whole }
}

async function listViews({ views }: Workspace, project: string): Promise<readonly ViewEntry[]> {
  const entries: ViewEntry[] = []
  for await (const view of views.list({ in: project })) entries.push(entryOf(view))
  return entries
}

async function saveView(
  { views }: Workspace,
  { address, name, state }: ViewRequest
): Promise<ViewEntry> {
  return entryOf(await views.put({ in: address, name, state }))
}

function entryOf({ address, id, fields }: StoredObject<'view'>): ViewEntry {
  return { address, slug: id, name: fields.name, state: fields.state }
}
