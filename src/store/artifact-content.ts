import { type LfsPointer, parseLfsPointer } from '../artifacts/lfs-pointer.ts'
import { lfsObjectPath } from '../artifacts/local-content.ts'
import { formatHex } from '../base/bytes.ts'
import { folderOf } from '../format/paths.ts'
import type { KeyOf } from '../model/kinds.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import type { View } from './view.ts'

/** Content of an artifact: the bytes, or the pointer to content that is not here. */
export type ArtifactBytes =
  | { readonly bytes: Uint8Array; readonly pointer?: undefined }
  | { readonly bytes: undefined; readonly pointer: LfsPointer }

/**
 * Reads an artifact's content; `undefined` if there is none of that path.
 *
 * @throws STORE_CONTENT_DAMAGED if content beside the history does not have its digest.
 */
export async function readArtifact(
  store: ProjectStore,
  view: View,
  key: KeyOf<'artifact'>
): Promise<ArtifactBytes | undefined> {
  const stored = await view.file(folderOf(key))
  const pointer = stored && parseLfsPointer(stored)
  if (pointer === undefined) return stored && { bytes: stored }
  const path = lfsObjectPath(store.folder, pointer.sha256)
  const bytes = await store.host.files.read(path)
  if (bytes === undefined) return { bytes: undefined, pointer }
  if (formatHex(store.host.platform.hash.sha256(bytes)) === pointer.sha256) return { bytes }
  throw storeErrors.create('STORE_CONTENT_DAMAGED', { path })
}

/** Tells whether an artifact's content is here, without reading all of it. */
export async function hasArtifactContent(
  store: ProjectStore,
  view: View,
  key: KeyOf<'artifact'>
): Promise<boolean> {
  const stored = await view.file(folderOf(key))
  if (stored === undefined) return false
  const pointer = parseLfsPointer(stored)
  if (pointer === undefined) return true
  const stat = await store.host.files.stat(lfsObjectPath(store.folder, pointer.sha256))
  return stat?.sizeBytes === pointer.sizeBytes
}
