import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
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

function refOf(line: string): string | undefined {
  return isOid(line.slice(0, 40)) && line[40] === ' ' ? line.slice(41) : undefined
}
