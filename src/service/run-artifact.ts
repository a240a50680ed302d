import { type ContentInfo, readChunks, writeContent } from '../artifacts/local-content.ts'
import { encodeUtf8 } from '../base/bytes.ts'
import { withoutAbsent } from '../base/json.ts'
import type { FileSystem, Hash } from '../base/platform.ts'
import type { ArtifactEntry } from '../store/journal-entry.ts'
import { contentFile } from '../store/journal-folder.ts'
import type { ArtifactContent } from './run.ts'
import { checkContent, checkName, checkPart } from './run-input.ts'
import type { RunRecorder } from './run-recorder.ts'

/** What the staging of artifacts stands on. */
export interface StagingContext {
  readonly files: FileSystem
  readonly hash: Hash
  readonly now: () => number
  readonly recorder: RunRecorder
}

/** Keeps the content of artifacts in the journal's folder until it is committed. */
export class ArtifactStaging {
  readonly #context: StagingContext
  readonly #pending = new Set<Promise<void>>()
  #count = 0

  constructor(context: StagingContext) {
    this.#context = context
  }

  /**
   * Takes an artifact; when it resolves, the content survives a power cut.
   *
   * @throws TypeError, MODEL_NAME, MODEL_INVALID, and what a stream throws; never for the store.
   */
  add(path: string, content: ArtifactContent): Promise<void> {
    const adding = this.#add(path, content)
    this.#pending.add(adding)
    const done = (): void => void this.#pending.delete(adding)
    adding.then(done, done)
    return adding
  }

  /** Resolves when the artifacts that were added so far are stored, or have failed. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending])
  }

  async #add(path: string, content: ArtifactContent): Promise<void> {
    const { recorder, now } = this.#context
    checkName('artifact', path)
    const kind = checkContent(content)
    const time = now()
    if (kind === 'reference') {
      const { uri, sizeBytes, digest, mediaType } = content as { uri: string } & ArtifactEntry
      const fields = withoutAbsent({ uri, sizeBytes, digest, mediaType }) as { uri: string }
      checkPart('artifact', path, fields)
      recorder.appendEntry({ artifact: path, ...fields, time }, `the artifact ${path}`)
      return
    }
    const mediaType = kind === 'file' ? (content as { mediaType?: string }).mediaType : undefined
    if (mediaType !== undefined) checkPart('artifact', path, { uri: 'x:', mediaType })
    const source = new Source(await this.#chunksOf(kind, content))
    const staged = await this.#stage(path, source)
    if (staged === undefined) return
    const { name, sizeBytes, sha256 } = staged
    const digest = `sha256:${sha256}`
    const fields = {
      content: name,
      sizeBytes,
      digest,
      ...(mediaType !== undefined && { mediaType })
    }
    recorder.appendEntry({ artifact: path, ...fields, time }, `the artifact ${path}`)
  }

  async #chunksOf(
    kind: 'bytes' | 'text' | 'stream' | 'file',
    content: ArtifactContent
  ): Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>> {
    const { files } = this.#context
    if (kind === 'text') return [encodeUtf8(content as string)]
    if (kind === 'bytes') return [(content as Uint8Array).slice()]
    if (kind === 'stream') return content as AsyncIterable<Uint8Array>
    const { file } = content as { readonly file: string }
    const stat = await files.stat(file)
    if (stat?.kind === 'file' || stat?.kind === 'link') return readChunks(files, file)
    throw new TypeError(`there is no file ${file} to make an artifact of`)
  }

  /** Writes content into the journal's folder; `undefined` if the store does not take it. */
  async #stage(
    path: string,
    source: Source
  ): Promise<(ContentInfo & { readonly name: string }) | undefined> {
    const { files, hash, recorder } = this.#context
    const name = String(this.#count++)
    try {
      const folder = await recorder.folder()
      if (folder === undefined) {
        recorder.trouble(`The artifact ${path} could not be stored`)
        return undefined
      }
      await files.makeFolder(`${folder}/content`)
      const info = await writeContent(files, hash, contentFile(folder, name), source.chunks())
      await files.syncFolder(`${folder}/content`)
      return { ...info, name }
    } catch (error) {
      if (source.failed || error instanceof TypeError) throw error
      recorder.trouble(`The artifact ${path} could not be stored`, error)
      return undefined
    }
  }
}

/** Content that remembers whether it was the one that failed. */
class Source {
  readonly #chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  failed = false

  constructor(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    this.#chunks = chunks
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const chunks =
      Symbol.asyncIterator in this.#chunks
        ? this.#chunks[Symbol.asyncIterator]()
        : this.#chunks[Symbol.iterator]()
    try {
      for (;;) {
        const next = await this.#next(chunks)
        if (next.done) return
        yield next.value
      }
    } finally {
      if (!this.failed) await chunks.return?.()
    }
  }

  async #next(
    chunks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>
  ): Promise<IteratorResult<Uint8Array>> {
    try {
      return await chunks.next()
    } catch (error) {
      this.failed = true
      throw error
    }
  }
}
