import { gitErrors } from './errors.ts'

/** The settings of a repository, by names such as `core.bare` or `remote.origin.url`. */
export interface GitConfig {
  /** Returns the last value of a setting; a setting without a value is `true`. */
  get(name: string): string | undefined
  getAll(name: string): readonly string[]
  /** Lists the names of all settings; section and key in lower case. */
  names(): readonly string[]
}

const SECTION = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/
const SETTING = /^([A-Za-z][A-Za-z0-9-]*)\s*(=?)/

/**
 * Parses a git config file (git-config(1), “Syntax”). Includes are not followed.
 *
 * @throws GIT_CONFIG_DAMAGED
 */
export function parseGitConfig(text: string, path: string): GitConfig {
  const values = new Map<string, string[]>()
  let section = ''
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (let number = 0; number < lines.length; number++) {
    const first = number + 1
    const damaged = (): Error => gitErrors.create('GIT_CONFIG_DAMAGED', { path, line: first })
    let line = (lines[number] as string).trimStart()
    const header = SECTION.exec(line)
    if (header !== null) {
      const [matched, name = '', subsection] = header
      const sub = subsection === undefined ? '' : `.${subsection.replace(/\\(.)/g, '$1')}`
      section = `${name.toLowerCase()}${sub}.`
      line = line.slice(matched.length).trimStart()
    }
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const setting = SETTING.exec(line)
    if (setting === null) throw damaged()
    const [matched, key = '', equals] = setting
    if (equals === '' && !/^\s*([#;].*)?$/.test(line.slice(matched.length))) throw damaged()
    let value = equals === '' ? { text: 'true', isOpen: false } : { text: '', isOpen: true }
    for (let rest = line.slice(matched.length); value.isOpen; rest = lines[++number] ?? '') {
      const parsed = parseValue(rest)
      if (parsed === undefined) throw damaged()
      value = { text: value.text + parsed.text, isOpen: parsed.isOpen }
      if (!value.isOpen) break
    }
    const name = `${section}${key.toLowerCase()}`
    values.set(name, [...(values.get(name) ?? []), value.text])
  }
  return {
    get: (name) => values.get(normalize(name))?.at(-1),
    getAll: (name) => values.get(normalize(name)) ?? [],
    names: () => [...values.keys()]
  }
}

/** Tells whether a setting is on, in any of git's words for it; any other value counts as the fallback. */
export function isOn(config: Pick<GitConfig, 'get'>, name: string, fallback = false): boolean {
  const value = config.get(name)
  if (value === undefined) return fallback
  if (/^(?:true|yes|on|-?0*[1-9]\d*)$/i.test(value)) return true
  return /^(?:false|no|off|0*)$/i.test(value) ? false : fallback
}

/** Parses a line of a value; `isOpen` if a backslash at its end continues it. */
function parseValue(line: string): { text: string; isOpen: boolean } | undefined {
  const escapes: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    b: '\b',
    '"': '"',
    '\\': '\\'
  }
  const source = line.trimStart()
  let text = ''
  let kept = 0
  let isQuoted = false
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string
    if (character === '\\') {
      if (at === source.length - 1) return { text, isOpen: true }
      const escaped = escapes[source[++at] as string]
      if (escaped === undefined) return undefined
      text += escaped
      kept = text.length
    } else if (character === '"') {
      isQuoted = !isQuoted
      kept = text.length
    } else if (!isQuoted && (character === '#' || character === ';')) {
      break
    } else {
      text += character
      if (isQuoted || !/\s/.test(character)) kept = text.length
    }
  }
  return isQuoted ? undefined : { text: text.slice(0, kept), isOpen: false }
}

function normalize(name: string): string {
  if (!name.includes('.')) return name.toLowerCase()
  const first = name.indexOf('.')
  const last = name.lastIndexOf('.')
  const section = name.slice(0, first).toLowerCase()
  return section + name.slice(first, last) + name.slice(last).toLowerCase()
}
