import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { isJsonObject, type JsonObject } from '../base/json.ts'
import type { FileSystem } from '../base/platform.ts'
import { formatYaml, parseYaml } from '../format/yaml.ts'
import { serviceErrors } from './errors.ts'

/** Settings of a workspace, by key. */
export type Settings = { readonly [K in SettingKey]?: string }

/** What can be set in `<workspace>/config.yaml`, and what it does. */
export const SETTINGS = {
  project: 'the project of commands and runs that name none',
  push: 'the remote to which runs are pushed in the background',
  'author.name': "the name in the commits, instead of git's user.name",
  'author.email': "the address in the commits, instead of git's user.email"
} as const

export type SettingKey = keyof typeof SETTINGS

/** Tells whether a text is the key of a setting. */
export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text)
}

/**
 * Reads the settings of a workspace; none if it has no `config.yaml`. Members that are no settings are
 * left alone.
 *
 * @throws FORMAT_YAML, SERVICE_SETTING
 */
export async function readSettings(
  files: Pick<FileSystem, 'read'>,
  workspaceFolder: string
): Promise<Settings> {
  const stored = await readStored(files, workspaceFolder)
  const settings: [string, string][] = []
  for (const key of Object.keys(SETTINGS)) {
    const value = key.split('.').reduce<unknown>(memberOf, stored)
    if (value === undefined || value === null) continue
    if (typeof value !== 'string') {
      throw serviceErrors.create('SERVICE_SETTING', {
        key,
        reason: `in ${pathOf(workspaceFolder)} must be text`
      })
    }
    settings.push([key, value])
  }
  return Object.fromEntries(settings)
}

/**
 * Changes a setting, or removes it if the value is `undefined`; the others stay.
 *
 * @throws SERVICE_SETTING if the value can't be used.
 */
export async function writeSetting(
  files: Pick<FileSystem, 'read' | 'write' | 'rename' | 'makeFolder'>,
  workspaceFolder: string,
  key: SettingKey,
  value: string | undefined
): Promise<void> {
  if (value !== undefined && !/^[^\p{Cc}<>]*[^\s\p{Cc}<>][^\p{Cc}<>]*$/u.test(value)) {
    throw serviceErrors.create('SERVICE_SETTING', {
      key,
      reason: 'must be a line of text without angle brackets'
    })
  }
  const stored = await readStored(files, workspaceFolder)
  const changed = withMember(stored, key.split('.'), value)
  await files.makeFolder(workspaceFolder)
  const temporary = `${pathOf(workspaceFolder)}.new`
  await files.write(temporary, encodeUtf8(formatYaml(changed)), { sync: true })
  await files.rename(temporary, pathOf(workspaceFolder))
}

function pathOf(workspaceFolder: string): string {
  return `${workspaceFolder}/config.yaml`
}

async function readStored(
  files: Pick<FileSystem, 'read'>,
  workspaceFolder: string
): Promise<JsonObject> {
  const path = pathOf(workspaceFolder)
  const bytes = await files.read(path)
  const value = bytes === undefined ? null : await parseYaml(decodeUtf8(bytes), { path })
  return isJsonObject(value) ? value : {}
}

function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function withMember(
  map: JsonObject,
  [name = '', ...inner]: readonly string[],
  value: string | undefined
): JsonObject {
  const { [name]: before, ...others } = map
  if (inner.length === 0) return value === undefined ? others : { ...others, [name]: value }
  const member = withMember(isJsonObject(before) ? before : {}, inner, value)
  return Object.keys(member).length === 0 ? others : { ...others, [name]: member }
}
