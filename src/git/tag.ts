import { decodeUtf8 } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import { checkType } from './object-read.ts'
import { type GitObject, isOid, type ObjectType, type Oid } from './objects.ts'

/** What an annotated tag points at. @throws GIT_OBJECT_TYPE, GIT_OBJECT_DAMAGED */
export function parseTagTarget(tag: GitObject): { readonly oid: Oid; readonly type: ObjectType } {
  const text = decodeUtf8(checkType(tag, 'tag').bytes)
  const match = /^object ([0-9a-f]{40})\ntype (blob|tree|commit|tag)\n/.exec(text)
  if (match !== null && isOid(match[1] as string)) {
    return { oid: match[1] as Oid, type: match[2] as ObjectType }
  }
  const reason = 'it does not say what it points at'
  throw gitErrors.create('GIT_OBJECT_DAMAGED', { oid: tag.oid, where: 'the store', reason })
}
