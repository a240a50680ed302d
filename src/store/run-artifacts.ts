import { formatLfsPointer } from '../artifacts/lfs-pointer.ts'
import { addLfsObject } from '../artifacts/local-content.ts'
import { withoutAbsent } from '../base/json.ts'
import { formatTime } from '../base/time.ts'
import { editRecord } from '../format/edit.ts'
import { artifactPath, pathOf } from '../format/paths.ts'
import { formatRecord } from '../format/record.ts'
import { MAX_OBJECT_BYTES } from '../git/objects.ts'
import type { KeyOf } from '../model/kinds.ts'
import type {
  ArtifactReferenceRecord,
  ArtifactSummary,
  EditableRecord,
  RunRecord,
  Stamp
} from '../model/records.ts'
import type { ArtifactEntry } from './journal-entry.ts'
import { contentFile } from './journal-folder.ts'
import type { ProjectStore } from './project-store.ts'
import type { Transaction } from './transaction.ts'

/** Artifacts of more bytes than this lie beside the history, unless the project says otherwise. */
export const DEFAULT_MAX_SIZE_BYTES = 1_000_000

/** An artifact as it goes into the history: bytes, or `undefined` for a reference. */
export interface ReadyArtifact {
  readonly entry: ArtifactEntry
  readonly bytes: Uint8Array | undefined
}

/**
 * Reads artifacts for a commit. Large ones become pointers; with `store` their content is put beside
 * the history before. An artifact whose content is gone is left out and reported.
 */
export async function readyArtifacts(
  store: ProjectStore,
  folder: string,
  artifacts: Iterable<ArtifactEntry>,
  options: { readonly keep: boolean; readonly onProblem: (problem: string) => void }
): Promise<readonly ReadyArtifact[]> {
  const { files } = store.host
  const ready: ReadyArtifact[] = []
  let maxSizeBytes: number | undefined
  for (const entry of artifacts) {
    if (entry.content === undefined) {
      ready.push({ entry, bytes: undefined })
      continue
    }
    maxSizeBytes ??= await maxArtifactBytes(store)
    const path = contentFile(folder, entry.content)
    const stat = await files.stat(path)
    if (stat === undefined || stat.sizeBytes !== entry.sizeBytes) {
      options.onProblem(`The content of the artifact ${entry.artifact} is gone.`)
    } else if (stat.sizeBytes <= maxSizeBytes) {
      ready.push({ entry, bytes: (await files.read(path)) as Uint8Array })
    } else {
      const sha256 = (entry.digest ?? '').replace(/^sha256:/, '')
      const pointer = { sha256, sizeBytes: stat.sizeBytes }
      if (options.keep) await addLfsObject(files, store.folder, path, pointer)
      ready.push({ entry, bytes: formatLfsPointer(pointer) })
    }
  }
  return ready
}

/** Writes artifacts and returns what the run's record says of them. */
export async function writeArtifacts(
  {
    transaction,
    key,
    stamp
  }: {
    readonly transaction: Transaction
    readonly key: KeyOf<'run'>
    readonly stamp: (record: EditableRecord) => Stamp
  },
  record: RunRecord,
  artifacts: readonly ReadyArtifact[]
): Promise<{ readonly [path: string]: ArtifactSummary }> {
  const summaries: [string, ArtifactSummary][] = []
  for (const { entry, bytes } of artifacts) {
    const { sizeBytes, digest, mediaType, uri, artifact } = entry
    const place = { ...key, kind: 'artifact', name: artifact } as KeyOf<'artifact'>
    const known = record.artifacts?.[artifact]
    if (bytes !== undefined) {
      if (known?.uri !== undefined) transaction.removeFile(key, pathOf(place))
      transaction.writeFile(key, artifactPath(key, artifact), bytes)
    } else {
      if (known !== undefined && known.uri === undefined) {
        transaction.removeFile(key, artifactPath(key, artifact))
      }
      const fields = { uri, sizeBytes, digest, mediaType }
      const old = await transaction.read<'artifact'>(place)
      const reference =
        old === undefined
          ? ({
              schema: 'artifact/1',
              created: formatTime(entry.time),
              ...fields
            } as ArtifactReferenceRecord)
          : editRecord('artifact', old, fields, stamp(old))
      transaction.writeFile(key, pathOf(place), formatRecord('artifact', reference))
    }
    const summary = withoutAbsent({ sizeBytes, digest, mediaType, uri }) as ArtifactSummary
    summaries.push([artifact, summary])
  }
  return Object.fromEntries(summaries)
}

async function maxArtifactBytes(store: ProjectStore): Promise<number> {
  const main = await store.viewOf({ kind: 'project' })
  const project = await main?.record<'project'>({ kind: 'project' })
  return Math.min(project?.artifacts?.maxSizeBytes ?? DEFAULT_MAX_SIZE_BYTES, MAX_OBJECT_BYTES)
}
