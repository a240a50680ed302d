/**
 * The ports that a platform supplies. The floors up to `service` know Node and browsers only
 * through these; `host/` implements them.
 */

/** Tells the time. */
export interface Clock {
  /** Returns the time in milliseconds since 1970, UTC. */
  now(): number
}

/** Makes random bytes. */
export interface Random {
  /** Returns `count` bytes that nobody can guess. */
  bytes(count: number): Uint8Array
}

/** Digests bytes, synchronously: an asynchronous digest costs more than a small object's hashing. */
export interface Hash {
  /** Returns the 20 bytes of SHA-1 over the parts as if they were joined. */
  sha1(...parts: readonly Uint8Array[]): Uint8Array
  /** Returns the same as 40 lower-case hexadecimal digits. */
  sha1Hex(...parts: readonly Uint8Array[]): string
  /** Returns the 32 bytes of SHA-256 over the parts as if they were joined. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array
  /** Starts a SHA-1 over a stream. */
  openSha1(): Digest
  /** Starts a SHA-256 over a stream. */
  openSha256(): Digest
}

/** A digest in the making. */
export interface Digest {
  update(bytes: Uint8Array): void
  /** Returns the digest; nothing can be added afterwards. */
  finish(): Uint8Array
}

/** Deflates and inflates zlib streams (RFC 1950), synchronously. */
export interface Zlib {
  deflate(bytes: Uint8Array): Uint8Array
  /**
   * Inflates the stream that begins at `start`, 0 if it isn't given; what follows its end is ignored.
   *
   * @throws RangeError if more than `maxBytes` would come out, `Error` if the stream is damaged.
   */
  inflate(bytes: Uint8Array, maxBytes: number, start?: number): Uint8Array
  /**
   * Inflates the stream that `bytes` begins with and tells how long that is; `undefined` if the
   * bytes end before the stream does. What is returned may be overwritten by the next call.
   *
   * @throws RangeError if more than `maxBytes` would come out, `Error` if the stream is damaged.
   */
  inflatePart(bytes: Uint8Array, maxBytes: number): InflatedPart | undefined
  /**
   * Returns the content of a gzip file (RFC 1952).
   *
   * @throws RangeError if more than `maxBytes` would come out, `Error` if it is damaged.
   */
  gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** What a stream holds that other bytes may follow. */
export interface InflatedPart {
  readonly bytes: Uint8Array
  /** How many bytes the stream is long. */
  readonly usedBytes: number
}

/** What lies in a folder. */
export interface FolderEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
}

/** What a file system knows of a file. */
export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly sizeBytes: number
  /** Milliseconds since 1970, by the file system's own clock. */
  readonly modifiedMs: number
  /** Permission bits. */
  readonly mode: number
  /** Tells two files of one file system apart; `''` where the platform has none. */
  readonly fileId: string
}

/** A file open for appending. */
export interface AppendFile {
  /** Appends bytes with one write(2), at once: when it returns, a killed process loses nothing. */
  append(bytes: Uint8Array): void
  /** Makes what was appended survive a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** How a file is written. */
export interface WriteFileOptions {
  /** Flush the file's content to the disk before the call resolves. Default: false. */
  readonly sync?: boolean
  /** Permission bits of a file that is made. Default: what the platform gives. */
  readonly mode?: number
}

/** How a file is removed. */
export interface RemoveFileOptions {
  /** Lets others of this process go on while the system frees what the file holds. Default: false. */
  readonly yields?: boolean
}

/**
 * Files and folders with `/` between names.
 *
 * An absent file is a value (`undefined`, `false`), every other failure throws the platform's error
 * with its `code` (`EACCES`, `ENOSPC`, …). Folders are made by `makeFolder` only.
 */
export interface FileSystem {
  read(path: string): Promise<Uint8Array | undefined>
  /** Reads up to `length` bytes from `offset`; fewer at the end of the file. */
  readRange(path: string, offset: number, length: number): Promise<Uint8Array | undefined>
  /** Lists a folder in no particular order. */
  list(path: string): Promise<readonly FolderEntry[] | undefined>
  /** Describes a file without following a link. */
  stat(path: string): Promise<FileStat | undefined>
  /** Makes a file that must not exist; `false` if it does. */
  create(path: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<boolean>
  /** Writes a whole file in place. Not atomic: a reader may see part of it. */
  write(path: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<void>
  /** Opens a file for appending; makes it if it is absent. */
  openAppend(path: string): Promise<AppendFile>
  /** Moves a file over another, atomically; `false` if there is no such file. */
  rename(from: string, to: string): Promise<boolean>
  /** Gives a file a second name; `false` if that name is taken. */
  link(from: string, to: string): Promise<boolean>
  /** Removes a file; `false` if there is none. */
  remove(path: string, options?: RemoveFileOptions): Promise<boolean>
  /** Makes a folder and those above it; nothing happens if it exists. */
  makeFolder(path: string): Promise<void>
  /** Removes a folder; `false` if it is absent or, without `recursive`, not empty. */
  removeFolder(path: string, options?: { readonly recursive?: boolean }): Promise<boolean>
  /** Sets a file's modification time to now by the file system's clock; `false` if it is absent. */
  touch(path: string): Promise<boolean>
  /** Sets the permission bits of a file or folder; `false` if it is absent. */
  setMode(path: string, mode: number): Promise<boolean>
  /** Makes the names in a folder survive a power cut. */
  syncFolder(path: string): Promise<void>
}

/** Names a process among all that may share a folder. */
export interface ProcessIdentity {
  readonly host: string
  /** Changes with each start of the machine. */
  readonly bootId: string
  /** The namespace in which `pid` counts, such as a container's; `''` where there is none. */
  readonly pidNamespace: string
  readonly pid: number
  /** Tells processes apart that bore the same `pid`, by when they began; absent where unknown. */
  readonly started?: string
}

/** Knows which processes live. */
export interface Processes {
  readonly self: ProcessIdentity
  /** Tells whether a process lives; `undefined` if it runs where this machine cannot see it. */
  isAlive(process: ProcessIdentity): boolean | undefined
}

/** Waits. */
export interface Timers {
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `body` each `ms` milliseconds without keeping the process alive; returns what stops it. */
  every(ms: number, body: () => void): () => void
}

/** All that the core needs of a platform. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly hash: Hash
  readonly zlib: Zlib
  readonly timers: Timers
  readonly processes: Processes
}
