import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import type { GitObject, ObjectType, Oid } from './objects.ts'

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

/** Returns an object if it is of a type. @throws GIT_OBJECT_TYPE */
export function checkType(object: GitObject, type: ObjectType): GitObject {
  if (object.type === type) return object
  throw gitErrors.create('GIT_OBJECT_TYPE', {
    oid: object.oid,
    expected: type,
    found: object.type
  })
}
