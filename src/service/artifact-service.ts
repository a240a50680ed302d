import { branchOf } from '../format/paths.ts'
import type { KeyOf } from '../model/kinds.ts'
import { hasArtifactContent, readArtifact } from '../store/artifact-content.ts'
import { storeErrors } from '../store/errors.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { View } from '../store/view.ts'
import { addressOf, type ServiceContext } from './context.ts'
import { removeObject } from './remove.ts'
import type { ReadOptions, WriteOptions } from './service.ts'
import type { ArtifactEntry, ArtifactService } from './workspace.ts'

/** Lists, reads and deletes the artifacts of runs. */
export function createArtifactService(context: ServiceContext): ArtifactService {
  const { book, events } = context
  return {
    async *list(runAddress: string, options: ReadOptions = {}) {
      const { store, key } = await book.require(runAddress, ['run'], options.at)
      const view = await store.viewOf(key, options.at)
      if (view !== undefined) yield* listArtifacts(store, view, key)
    },

    async read(address: string, options: ReadOptions = {}) {
      const place = await book.find(address, ['artifact'], options.at)
      const view = await place?.store.viewOf(place.key, place.at)
      if (place === undefined || view === undefined) return undefined
      const content = await readArtifact(place.store, view, place.key)
      if (content?.bytes !== undefined) return content.bytes
      const uri = (await view.record<'artifact'>(place.key))?.uri
      const where = addressOf(place.store, place.key)
      throw storeErrors.create('STORE_CONTENT_ELSEWHERE', {
        address: where,
        place: uri ?? 'the machine that stored it',
        ...(content === undefined ? {} : { sizeBytes: content.pointer.sizeBytes })
      })
    },

    async delete(address: string, options: WriteOptions = {}) {
      options.signal?.throwIfAborted()
      const place = await book.find(address, ['artifact'])
      if (place === undefined) return false
      const { store, key } = place
      const { value } = await store.transact([branchOf(key)], 'delete', (transaction) =>
        removeObject(store, key, transaction)
      )
      if (value) events.emit('delete', { kind: 'artifact', address: addressOf(store, key) })
      return value
    }
  }
}

/** Lists the artifacts of a run. */
export async function* listArtifacts(
  store: ProjectStore,
  view: View,
  run: KeyOf<'run'>
): AsyncGenerator<ArtifactEntry> {
  const record = await view.record<'run'>(run)
  const summaries = record?.artifacts ?? {}
  for (const path of Object.keys(summaries).sort()) {
    const key: KeyOf<'artifact'> = { ...run, kind: 'artifact', name: path }
    yield {
      path,
      address: addressOf(store, key),
      ...summaries[path],
      present: await hasArtifactContent(store, view, key)
    }
  }
}
