import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import {
  type GitObject,
  MAX_COMMIT_BYTES,
  MAX_TREE_BYTES,
  type ObjectType,
  type Oid
} from './objects.ts'

/**
 * Reads an object that must be there and of one type.
 *
 * @throws GIT_OBJECT_MISSING, GIT_OBJECT_TYPE
 */
export async function readTyped(
  objects: Pick<ObjectReader, 'read'>,
  oid: Oid,
  type: ObjectType
): Promise<GitObject> {
  const object = await objects.read(oid)
  if (object === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid, type })
  return checkType(object, type)
}

/** Returns an object if it is of a type. @throws GIT_OBJECT_TYPE, GIT_OBJECT_DAMAGED if it is huge */
export function checkType(object: GitObject, type: ObjectType): GitObject {
  if (object.type === type) {
    if (type === 'blob' || object.bytes.length <= MAX_COMMIT_BYTES) return object
    if (type === 'tree' && object.bytes.length <= MAX_TREE_BYTES) return object
    const reason = `it is a ${type} of ${object.bytes.length} bytes`
    throw gitErrors.create('GIT_OBJECT_DAMAGED', { oid: object.oid, where: 'the store', reason })
  }
  throw gitErrors.create('GIT_OBJECT_TYPE', {
    oid: object.oid,
    expected: type,
    found: object.type
  })
}
