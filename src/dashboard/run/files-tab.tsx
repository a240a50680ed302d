import { useCallback, useState } from 'preact/hooks'
import { changeParams } from '../navigation.ts'
import { ArtifactPreview } from '../parts/artifact-preview.tsx'
import { Button } from '../parts/button.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { downloadPlain } from '../parts/download.ts'
import { useLoad } from '../parts/load.ts'
import { pictureType } from '../parts/preview-kind.ts'
import { Section } from '../parts/section.tsx'
import { Empty, Show } from '../parts/states.tsx'
import { formatBytes } from '../parts/text.ts'
import { showFailure } from '../parts/toast.tsx'
import type { ArtifactSummaryEntry } from '../source/run-answers.ts'
import type { RunView } from './run-view.ts'

const WHOLE = Number.MAX_SAFE_INTEGER
const MAX_PICTURE_BYTES = 10_000_000

/** Where the files of a run are, and what is in them. */
export function FilesTab({ view }: { readonly view: RunView }) {
  const { artifacts } = view.answer
  if (artifacts.length === 0) {
    return (
      <Empty title="No files" icon="folder">
        <p>Models, pictures and reports that the run keeps are shown here.</p>
        <pre>await run.artifact('model.json', text)</pre>
      </Empty>
    )
  }
  const here = artifacts.filter(({ present }) => present)
  const current =
    artifacts.find(({ path }) => path === view.params.file) ??
    here.find(({ path }) => pictureType(path) !== undefined) ??
    here[0] ??
    artifacts[0]
  return (
    <div class="files">
      <Section title="Files" count={artifacts.length} isWide>
        <ul class="file-list">
          {artifacts.map((artifact) => (
            <li key={artifact.path}>
              <button
                type="button"
                aria-current={artifact === current ? 'true' : undefined}
                onClick={() => changeParams({ file: artifact.path })}
              >
                <span class="file-path">{artifact.path}</span>
                <span class="small muted numeric">
                  {artifact.sizeBytes === undefined ? '' : formatBytes(artifact.sizeBytes)}
                  {artifact.present ? '' : ' · elsewhere'}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Section>
      {current === undefined ? null : <File key={current.path} view={view} artifact={current} />}
    </div>
  )
}

function File({
  view,
  artifact
}: {
  readonly view: RunView
  readonly artifact: ArtifactSummaryEntry
}) {
  const { path, uri, present, digest, sizeBytes } = artifact
  const [isBusy, setBusy] = useState(false)
  const download = async (): Promise<void> => {
    setBusy(true)
    try {
      const { address } = view.answer
      const { bytes } = await view.source.artifact({ address, path, maxBytes: WHOLE })
      downloadPlain(path, bytes)
    } catch (error) {
      showFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section
      title={path}
      actions={
        present ? (
          <Button
            label={isBusy ? 'Reading…' : 'Download'}
            icon="download"
            size="small"
            disabled={isBusy}
            onClick={download}
          />
        ) : null
      }
    >
      <dl class="fact-list">
        {uri === undefined ? null : (
          <div>
            <dt>Where</dt>
            <dd class="mono">
              {uri} <CopyButton text={uri} label="Copy the address" />
            </dd>
          </div>
        )}
        {sizeBytes === undefined ? null : (
          <div>
            <dt>Size</dt>
            <dd class="numeric">{formatBytes(sizeBytes)}</dd>
          </div>
        )}
        {digest === undefined ? null : (
          <div>
            <dt>Digest</dt>
            <dd class="mono digest">{digest}</dd>
          </div>
        )}
      </dl>
      {present ? (
        <Preview view={view} artifact={artifact} />
      ) : (
        <p class="muted">
          {uri === undefined
            ? 'The content is not here: it stayed on the machine that stored it, or was not brought along.'
            : 'The content stays where it is; the project only says where.'}
        </p>
      )}
    </Section>
  )
}

function Preview({
  view,
  artifact
}: {
  readonly view: RunView
  readonly artifact: ArtifactSummaryEntry
}) {
  const { source, answer } = view
  const { address } = answer
  const { path, digest } = artifact
  const isPicture = pictureType(path) !== undefined
  const content = useLoad(
    (signal) =>
      source.artifact(
        { address, path, ...(isPicture && { maxBytes: MAX_PICTURE_BYTES }) },
        { signal }
      ),
    [address, path, digest],
    { keep: true }
  )
  const readPicture = useCallback(
    async (name: string): Promise<Blob | undefined> => {
      const type = pictureType(name)
      if (type === undefined || type === 'image/svg+xml') return undefined
      const found = await source.artifact({
        address,
        path: resolvePath(path, name),
        maxBytes: MAX_PICTURE_BYTES
      })
      return new Blob([found.bytes as Uint8Array<ArrayBuffer>], { type })
    },
    [address, path]
  )
  return (
    <Show loaded={content}>
      {(found) => <ArtifactPreview artifact={found} readPicture={readPicture} />}
    </Show>
  )
}

/** Returns the path of what a file names beside itself. */
function resolvePath(from: string, name: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
