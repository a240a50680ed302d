import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import { isOid, type Oid } from './objects.ts'
import { isRefName } from './ref-name.ts'

/** Parses the file `packed-refs`; lines that cannot be read, and names of no ref, are left out. */
export function parsePackedRefs(bytes: Uint8Array): Map<string, Oid> {
  const refs = new Map<string, Oid>()
  for (const line of decodeUtf8(bytes).split('\n')) {
    const ref = refOf(line)
    if (ref !== undefined && isRefName(ref)) refs.set(ref, line.slice(0, 40))
  }
  return refs
}

/** Returns the file `packed-refs` without some refs; all other lines stay as they are. */
export function removePackedRefs(bytes: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  const kept: string[] = []
  let isRemoved = false
  for (const line of decodeUtf8(bytes).split('\n')) {
    // A line with `^` says what the tag in the line above it points at.
    if (!line.startsWith('^')) isRemoved = names.has(refOf(line) ?? '')
    if (!isRemoved) kept.push(line)
  }
  return encodeUtf8(kept.join('\n'))
}

export const PACKED_REFS = 'packed-refs'

/** Lists the refs in the file `packed-refs` whose lines can't be read; itself, for lines that name none. */
export function listBrokenRefs(bytes: Uint8Array): ReadonlySet<string> {
  const broken = decodeUtf8(bytes)
    .split('\n')
    .map(brokenRefOf)
    .filter((ref) => ref !== undefined)
  return new Set(broken)
}

/** Returns the file `packed-refs` without the lines that `listBrokenRefs` takes for those of some refs. */
export function removeBrokenLines(bytes: Uint8Array, refs: ReadonlySet<string>): Uint8Array {
  const lines = decodeUtf8(bytes).split('\n')
  return encodeUtf8(lines.filter((line) => !refs.has(brokenRefOf(line) ?? '')).join('\n'))
}

/** Makes the error of a ref whose line `listBrokenRefs` names. */
export function brokenLine(ref: string): Error {
  const reason = `${ref === PACKED_REFS ? 'a' : 'its'} line in ${PACKED_REFS} is broken`
  return gitErrors.create('GIT_REF_DAMAGED', { ref, reason })
}

function brokenRefOf(line: string): string | undefined {
  if (isPackedLine(line)) return undefined
  // Programs that take it for a text may have changed the ends of its lines.
  const name = / (refs\/.+?)\s*$/.exec(line)?.[1] ?? ''
  return isRefName(name) ? name : PACKED_REFS
}

/** Tells whether a line of the file `packed-refs` is as git writes it. */
function isPackedLine(line: string): boolean {
  if (line === '' || line.startsWith('#')) return true
  const rest = line.startsWith('^') ? line.slice(1) : line
  if (!isOid(rest.slice(0, 40))) return false
  return line.startsWith('^') ? rest.length === 40 : rest[40] === ' ' && isRefName(rest.slice(41))
}

function refOf(line: string): string | undefined {
  return isOid(line.slice(0, 40)) && line[40] === ' ' ? line.slice(41) : undefined
}
