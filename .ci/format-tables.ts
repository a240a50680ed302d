/** Writes the tables of fields into docs/FORMAT.md, between its `fields:` marks. */
import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { FORMS, type Schema } from '../src/model/schema.ts'
import { SCHEMAS } from '../src/model/schemas.ts'

const DOCUMENT = new URL('../docs/FORMAT.md', import.meta.url)
const MARKED = /(<!-- fields: ([a-z]+) -->\n)[\s\S]*?(<!-- end -->)/g

/** Returns the document with its tables as the schemas say. */
export function withTables(document: string): string {
  return document.replace(MARKED, (_all, begin: string, kind: string, end: string) => {
    const schema = SCHEMAS[kind as keyof typeof SCHEMAS]
    const rows = rowsOf(schema, '').map((row) => `| ${row.join(' | ')} |`)
    const head = '| field | form | meaning |\n| --- | --- | --- |'
    return `${begin}\n${[head, ...rows].join('\n')}\n\n${end}`
  })
}

/** Returns the kinds whose tables a document has. */
export function kindsWithTables(document: string): readonly string[] {
  return [...document.matchAll(MARKED)].map((match) => match[2] as string)
}

type Row = readonly [string, string, string]

function rowsOf(schema: Schema, path: string): readonly Row[] {
  const required = (schema.required ?? []) as readonly string[]
  const properties = (schema.properties ?? {}) as { readonly [field: string]: Schema }
  return Object.entries(properties).flatMap(([field, value]) => {
    const place = path === '' ? field : `${path}.${field}`
    const must = required.includes(field) ? '' : ', optional'
    const row: Row = [`\`${place}\``, `${formOf(value)}${must}`, String(value.description)]
    return [row, ...innerRows(value, place)]
  })
}

function innerRows(schema: Schema, path: string): readonly Row[] {
  if (schema.properties !== undefined) return rowsOf(schema, path)
  const values = schema.additionalProperties as Schema | undefined
  if (values?.properties !== undefined) return rowsOf(values, `${path}.<name>`)
  const items = schema.items as Schema | undefined
  return items?.properties !== undefined ? rowsOf(items, `${path}[]`) : []
}

function formOf(schema: Schema): string {
  const form = Object.entries(FORMS).find(([, { pattern }]) => pattern === schema.pattern)?.[0]
  if (form !== undefined) return FORM_NAMES[form as keyof typeof FORMS]
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum !== undefined) return 'word'
  if (Array.isArray(schema.type)) return 'number or text'
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return `${schema.uniqueItems === true ? 'set' : 'list'} of ${plural(schema.items as Schema)}`
    case 'object':
      return 'map'
    case 'integer':
      return schema.minimum === 0 ? 'whole number from 0' : 'whole number'
    case 'number':
      return 'number'
    default:
      return 'anything'
  }
}

const FORM_NAMES: { readonly [F in keyof typeof FORMS]: string } = {
  time: 'time',
  stamp: 'stamp',
  runId: 'id (12 base-32)',
  executionId: 'id (12 hexadecimal)',
  oid: 'git id (40 hexadecimal)',
  digest: 'digest'
}

function plural(schema: Schema): string {
  if (schema.properties !== undefined) return 'maps'
  const form = formOf(schema)
  return form === 'text' ? 'texts' : form.replace(/^(whole number|git id)/, '$1s')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(DOCUMENT, withTables(await readFile(DOCUMENT, 'utf8')))
}
