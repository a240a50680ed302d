import { browserErrors, explainStorage } from './errors.ts'

/** What a path names. Files up to `INLINE_BYTES` lie in the record itself. */
export type FileRecord =
  | {
      readonly kind: 'folder'
      readonly fileId: string
      readonly mode: number
      readonly modifiedMs: number
    }
  | {
      readonly kind: 'file'
      readonly fileId: string
      readonly mode: number
      readonly modifiedMs: number
      readonly sizeBytes: number
      /** The content; absent if it lies in extents. */
      readonly bytes?: Uint8Array<ArrayBuffer>
      /** The extents' name: new for each content that is written, so that no extent ever changes. */
      readonly contentId?: string
    }

/** The stores within one transaction. */
export interface Stores {
  /** `FileRecord` by folder and name. */
  readonly names: IDBObjectStore
  /** Bytes by content and offset. */
  readonly extents: IDBObjectStore
}

/** How a transaction runs. */
export interface TransactOptions {
  /** Whether it survives a power cut when it is done. Default: false. */
  readonly isDurable?: boolean
}

const VERSION = 1

/** The database of one workspace; all tabs and workers of a site share it. */
export class Database {
  readonly name: string
  readonly #connection: IDBDatabase

  private constructor(name: string, connection: IDBDatabase) {
    this.name = name
    this.#connection = connection
    // Another tab, with a newer version of the program, waits for this.
    connection.onversionchange = () => connection.close()
  }

  /** @throws BROWSER_NO_STORAGE, BROWSER_STORAGE_NEWER */
  static async open(name: string): Promise<Database> {
    if (typeof indexedDB === 'undefined') {
      throw browserErrors.create('BROWSER_NO_STORAGE', { reason: 'it has no IndexedDB' })
    }
    try {
      return new Database(name, await connect(name))
    } catch (error) {
      if (error instanceof DOMException && error.name === 'VersionError') {
        throw browserErrors.create('BROWSER_STORAGE_NEWER', { name }, error)
      }
      const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
      throw browserErrors.create(
        'BROWSER_NO_STORAGE',
        { reason: `${reason}; private windows and blocked site data may be the cause` },
        error
      )
    }
  }

  /** Removes a database, once no tab has it open any more. */
  static async remove(name: string): Promise<void> {
    await answerOf(indexedDB.deleteDatabase(name))
  }

  /**
   * Runs a body in one transaction: all that it writes is kept, or nothing, and transactions of all
   * tabs run one after another. The body must wait for nothing but requests of the transaction, which
   * begins before this returns.
   */
  async transact<T>(
    mode: 'readonly' | 'readwrite',
    body: (stores: Stores) => Promise<T>,
    { isDurable = false }: TransactOptions = {}
  ): Promise<T> {
    let transaction: IDBTransaction | undefined
    let ended: Promise<void> | undefined
    try {
      transaction = this.#connection.transaction(['names', 'extents'], mode, {
        durability: isDurable ? 'strict' : 'relaxed'
      })
      ended = whenEnded(transaction)
      const stores = {
        names: transaction.objectStore('names'),
        extents: transaction.objectStore('extents')
      }
      const value = await body(stores)
      if (mode === 'readwrite') await ended
      return value
    } catch (error) {
      await abort(transaction, ended)
      throw explainStorage(transaction?.error ?? error)
    }
  }

  close(): void {
    this.#connection.close()
  }
}

/** Resolves with what a request came to. */
export function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function connect(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('names')
    request.result.createObjectStore('extents')
  }
  return answerOf(request)
}

function whenEnded(transaction: IDBTransaction): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new DOMException('', 'AbortError'))
  })
  ended.catch(() => undefined)
  return ended
}

async function abort(
  transaction: IDBTransaction | undefined,
  ended: Promise<void> | undefined
): Promise<void> {
  try {
    transaction?.abort()
  } catch {
    // It has ended already.
  }
  await ended?.catch(() => undefined)
}
