import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import { formatIdentity, type Identity, parseIdentity } from './identity.ts'
import { checkType, readTyped } from './object-read.ts'
import type { ObjectReader } from './object-store.ts'
import { type GitObject, isOid, type Oid } from './objects.ts'

/** A header of a commit that is none of the four that each has; its value may have many lines. */
export interface CommitHeader {
  readonly name: string
  readonly value: string
}

/** A commit. */
export interface Commit {
  readonly tree: Oid
  readonly parents: readonly Oid[]
  readonly author: Identity
  readonly committer: Identity
  /** With the line break at its end, as git writes it. */
  readonly message: string
  /** Signatures, an encoding and whatever else, in their order. */
  readonly headers?: readonly CommitHeader[]
}

/**
 * Formats a commit.
 *
 * NULs in the message are left out. A commit with the header `encoding ISO-8859-1` is written in
 * Latin-1, every other in UTF-8.
 */
export function formatCommit(commit: Commit): Uint8Array {
  const lines = [`tree ${commit.tree}`]
  for (const parent of commit.parents) lines.push(`parent ${parent}`)
  lines.push(`author ${formatIdentity(commit.author)}`)
  lines.push(`committer ${formatIdentity(commit.committer)}`)
  const headers = commit.headers ?? []
  for (const { name, value } of headers) lines.push(`${name} ${value.replaceAll('\n', '\n ')}`)
  const text = `${lines.join('\n')}\n\n${commit.message.replaceAll('\0', '')}`
  return isLatin1(headers) ? encodeLatin1(text) : encodeUtf8(text)
}

/**
 * Parses a commit.
 *
 * Bytes that are not UTF-8 become U+FFFD, unless the header `encoding` says that they are Latin-1.
 *
 * @throws GIT_OBJECT_TYPE, GIT_OBJECT_DAMAGED
 */
export function parseCommit(object: GitObject): Commit {
  const { bytes } = checkType(object, 'commit')
  const text = decodeCommit(bytes)
  const split = text.indexOf('\n\n')
  const head = split < 0 ? text.replace(/\n$/, '') : text.slice(0, split)
  const all = parseHeaders(head)
  let taken = 0
  const take = (name: string): string => {
    const header = all[taken++]
    if (header?.name !== name) throw damaged(object, `it has no header “${name}”`)
    return header.value
  }
  const tree = takeOid(object, take('tree'))
  const parents: Oid[] = []
  while (all[taken]?.name === 'parent') parents.push(takeOid(object, take('parent')))
  const author = parseIdentity(take('author'))
  const committer = parseIdentity(take('committer'))
  const message = split < 0 ? '' : text.slice(split + 2)
  const headers = all.slice(taken)
  // At the edge of a shallow history, a commit is as a first one.
  const commit = { tree, parents: object.isEdge ? [] : parents, author, committer, message }
  return headers.length === 0 ? commit : { ...commit, headers }
}

/** Reads a commit that must be there. @throws GIT_OBJECT_MISSING, GIT_OBJECT_TYPE */
export async function readCommit(
  objects: Pick<ObjectReader, 'read'>,
  commitOid: Oid
): Promise<Commit> {
  return parseCommit(await readTyped(objects, commitOid, 'commit'))
}

function parseHeaders(head: string): CommitHeader[] {
  const headers: { name: string; value: string }[] = []
  for (const line of head.split('\n')) {
    const last = headers.at(-1)
    if (line.startsWith(' ') && last !== undefined) {
      last.value += `\n${line.slice(1)}`
      continue
    }
    const space = line.indexOf(' ')
    if (space < 0) headers.push({ name: line, value: '' })
    else headers.push({ name: line.slice(0, space), value: line.slice(space + 1) })
  }
  return headers
}

function takeOid(object: GitObject, text: string): Oid {
  if (isOid(text)) return text
  throw damaged(object, `“${text}” in it names no object`)
}

function damaged(object: GitObject, reason: string): Error {
  return gitErrors.create('GIT_OBJECT_DAMAGED', { oid: object.oid, where: 'the store', reason })
}

const LATIN1 = /^(iso-?8859-1|latin-?1)$/i
const LATIN1_HEADER = /^encoding (iso-?8859-1|latin-?1)$/im

function isLatin1(headers: readonly CommitHeader[]): boolean {
  return headers.some((header) => header.name === 'encoding' && LATIN1.test(header.value))
}

function decodeCommit(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes)
  const split = text.indexOf('\n\n')
  if (!LATIN1_HEADER.test(split < 0 ? text : text.slice(0, split))) return text
  let decoded = ''
  for (const byte of bytes) decoded += String.fromCharCode(byte)
  return decoded
}

function encodeLatin1(text: string): Uint8Array {
  const encoded = [...text].map((character) => character.codePointAt(0) as number)
  return Uint8Array.from(encoded, (code) => (code > 0xff ? 0x3f : code))
}
