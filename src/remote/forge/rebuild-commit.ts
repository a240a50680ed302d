import { encodeUtf8 } from '../../base/bytes.ts'
import type { Hash } from '../../base/platform.ts'
import { createObject, type GitObject, type Oid } from '../../git/objects.ts'

/** What an API tells of a commit. */
export interface ToldCommit {
  readonly oid: Oid
  readonly tree: Oid
  readonly parents: readonly Oid[]
  readonly author: ToldIdentity
  readonly committer: ToldIdentity
  readonly message: string
  /** What was signed: the commit without its signature. */
  readonly payload?: string
  readonly signature?: string
}

/** Who made a commit, and when, as ISO 8601 writes it: often in UTC, whatever the commit has. */
export interface ToldIdentity {
  readonly name: string
  readonly email: string
  readonly date: string
}

/**
 * Makes a commit from what is told of it: the one of those that it may have been that gives its name.
 * APIs leave away the line break at the end of a message and the time zone, and put the signature beside it.
 * Returns `undefined` if none gives it, as with headers that no API tells of.
 */
export function rebuildCommit(hash: Hash, told: ToldCommit): GitObject | undefined {
  for (const text of candidates(told)) {
    const object = createObject(hash, 'commit', encodeUtf8(text))
    if (object.oid === told.oid) return object
  }
  return undefined
}

function* candidates(told: ToldCommit): Generator<string> {
  if (told.payload !== undefined && told.signature !== undefined) {
    yield* signed(told.payload, told.signature)
  }
  const bodies = [`${told.message}\n`, told.message, `${told.message.trimEnd()}\n`]
  const head = [`tree ${told.tree}`, ...told.parents.map((oid) => `parent ${oid}`)].join('\n')
  for (const [author, committer] of zonePairs(told)) {
    const who = `author ${formatTold(told.author, author)}\ncommitter ${formatTold(told.committer, committer)}`
    for (const body of new Set(bodies)) yield `${head}\n${who}\n\n${body}`
  }
}

/** Puts a signature back behind the headers; GitHub's own ends with an empty line, others don't. */
function* signed(payload: string, signature: string): Generator<string> {
  const end = payload.indexOf('\n\n')
  if (end < 0) return
  const lines = signature.replace(/\n+$/, '')
  for (const value of new Set([lines, `${lines}\n`, signature])) {
    const header = `gpgsig ${value.replaceAll('\n', '\n ')}`
    yield `${payload.slice(0, end)}\n${header}${payload.slice(end)}`
  }
}

function formatTold({ name, email, date }: ToldIdentity, zone: string): string {
  return `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} ${zone}`
}

/** Lists the zones of author and committer in the order of their likelihood: mostly they are one. */
function* zonePairs({ author, committer }: ToldCommit): Generator<readonly [string, string]> {
  yield [zoneOf(author.date), zoneOf(committer.date)]
  for (const zone of ZONES) yield [zone, zone]
  for (const one of ZONES) for (const other of ZONES) if (one !== other) yield [one, other]
}

function zoneOf(date: string): string {
  const [, sign = '+', hours = '00', minutes = '00'] = /([+-])(\d\d):?(\d\d)$/.exec(date) ?? []
  return `${sign}${hours}${minutes}`
}

/** The zones that clocks have: whole and half hours, and three with three quarters. */
const ZONES: readonly string[] = ['+0000', ...listZones()]

function listZones(): readonly string[] {
  const zones: string[] = []
  for (let quarter = -12 * 4; quarter <= 14 * 4; quarter++) {
    const isQuarter = quarter % 2 !== 0
    if (quarter === 0 || (isQuarter && ![23, 35, 51].includes(quarter))) continue
    const minutes = Math.abs(quarter) * 15
    const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0')
    zones.push(`${quarter < 0 ? '-' : '+'}${digits}`)
  }
  return zones
}
