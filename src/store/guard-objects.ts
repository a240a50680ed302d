import type { ObjectReader } from '../git/object-store.ts'
import { fileFailure } from './errors.ts'

/** Reads objects such that failures of the operating system name the folder. They throw STORE_FILES. */
export function guardObjects(objects: ObjectReader, folder: string): ObjectReader {
  const fail = (error: unknown): never => {
    throw fileFailure(error, folder)
  }
  return {
    read: (oid) => objects.read(oid).catch(fail),
    readMany: (oids) => ({
      // A generator around the other would take three promises for each object.
      [Symbol.asyncIterator]() {
        const found = objects.readMany(oids)[Symbol.asyncIterator]()
        return {
          next: () => found.next().catch(fail),
          return: async () => (await found.return?.()) ?? { done: true, value: undefined }
        }
      }
    })
  }
}
