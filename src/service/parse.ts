import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { formatYaml, parseYaml } from '../format/yaml.ts'
import { parseAddress } from '../model/address.ts'
import { type Kind, SCHEMA_VERSIONS } from '../model/kinds.ts'
import { serviceErrors } from './errors.ts'

/** An object as a person wrote it, ready for `put`. */
export interface ParsedObject {
  readonly kind: Kind
  /** The address of its parent. */
  readonly in?: string
  /** Its id among its siblings. */
  readonly id?: string
  readonly fields: JsonObject
}

/** The members that say what an object is and where it goes. */
const PLACE_MEMBERS = ['kind', 'address', 'in']

/**
 * Parses objects from YAML or JSON: one map, a list of maps, or YAML documents divided by `---`.
 *
 * Each has `kind`, may have `address` (its own) or `in` (its parent's), and its fields.
 *
 * @throws FORMAT_YAML, SERVICE_OBJECT_TEXT, MODEL_ADDRESS
 */
export async function parseObjects(
  text: string,
  options: { readonly path?: string } = {}
): Promise<readonly ParsedObject[]> {
  const values: Json[] = []
  for (const document of documentsOf(text)) {
    const value = await parseYaml(document, options)
    if (Array.isArray(value)) values.push(...value)
    else if (value !== null) values.push(value)
  }
  return values.map((value, index) => readObject(value, index + 1, options.path))
}

/** Formats an object as `parseObjects` reads it: kind and address first. */
export function formatObject(object: {
  readonly kind: string
  readonly address: string
  readonly fields: JsonObject
}): string {
  const { kind, address, fields } = object
  return formatYaml({ ...fields, kind, address }, [
    ...new Set(['kind', 'address', ...Object.keys(fields)])
  ])
}

/**
 * Divides YAML into its documents, each with as many empty lines before it as place its errors at the
 * lines of the whole text. A line that begins with `---` can be nothing else (YAML 1.2, 9.1.4).
 */
function documentsOf(text: string): string[] {
  const documents: string[] = []
  let lines: string[] = []
  for (const [number, line] of text.split('\n').entries()) {
    if (/^---(?=\s|$)/.test(line)) {
      documents.push(lines.join('\n'))
      lines = [...new Array<string>(number).fill(''), line.slice(3)]
    } else lines.push(line)
  }
  return [...documents, lines.join('\n')]
}

function readObject(value: Json, position: number, path: string | undefined): ParsedObject {
  const refuse = (reason: string): Error =>
    serviceErrors.create('SERVICE_OBJECT_TEXT', {
      ...(path === undefined ? {} : { path }),
      position,
      reason
    })
  if (!isJsonObject(value)) throw refuse('it is no map of fields')
  const { kind, address, in: parent } = value
  if (kind === undefined) throw refuse('it has no field “kind”')
  if (typeof kind !== 'string' || !Object.hasOwn(SCHEMA_VERSIONS, kind)) {
    throw refuse(`there is no kind ${JSON.stringify(kind)}`)
  }
  for (const member of [address, parent]) {
    if (member !== undefined && typeof member !== 'string') throw refuse('an address must be text')
  }
  if (address !== undefined && parent !== undefined) {
    throw refuse('it has both “address” and “in”; one of them says where it goes')
  }
  const fields = Object.fromEntries(
    Object.entries(value).filter(([member]) => !PLACE_MEMBERS.includes(member))
  )
  const place = address === undefined ? {} : placeOf(kind as Kind, address as string)
  const { id } = fields
  return {
    kind: kind as Kind,
    ...(typeof id === 'string' && kind !== 'project' ? { id } : {}),
    ...(typeof parent === 'string' ? { in: parent } : {}),
    ...place,
    fields
  }
}

/** Kinds whose address ends with the name of a folder and their own. */
const FOLDER_KINDS: readonly Kind[] = [
  'dataset',
  'view',
  'execution',
  'split',
  'computation',
  'metric',
  'result',
  'artifact'
]

/** Returns the parent's address and the id that the address of an object of a kind consists of. */
function placeOf(kind: Kind, address: string): { readonly in?: string; readonly id?: string } {
  const { segments } = parseAddress(address)
  const end = FOLDER_KINDS.includes(kind)
    ? segments.indexOf(`${kind}s`, kind === 'dataset' || kind === 'view' ? 0 : 1)
    : segments.length - 1
  if (end < 0) {
    throw serviceErrors.create('SERVICE_OBJECT_TEXT', {
      position: 1,
      reason: `${address} is not the address of a ${kind}`
    })
  }
  const parent = segments.slice(0, end).join('/')
  const id = segments.slice(FOLDER_KINDS.includes(kind) ? end + 1 : end).join('/')
  return {
    ...(parent === '' ? {} : { in: parent }),
    ...(kind === 'environment' ? {} : { id })
  }
}
