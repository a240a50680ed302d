import { useEffect, useMemo, useState } from 'preact/hooks'
import type { ArtifactAnswer } from '../source/run-answers.ts'
import { Markdown, type ReadPicture } from './markdown.tsx'
import { pictureType, previewKind } from './preview-kind.ts'
import { parseSeparated, separatorOf } from './separated-values.ts'
import { formatBytes, formatCount } from './text.ts'

const MAX_ROWS = 500
const MAX_CHARACTERS = 200_000

/** Shows an artifact's content, anybody's, as what it can do no harm as. */
export function ArtifactPreview({
  artifact,
  readPicture
}: {
  readonly artifact: ArtifactAnswer
  readonly readPicture: ReadPicture
}) {
  const { path, bytes, isCut, sizeBytes } = artifact
  const kind = previewKind(path, bytes)
  const text = useMemo(
    () => (kind === 'image' || kind === 'none' ? '' : new TextDecoder().decode(bytes)),
    [bytes, kind]
  )
  return (
    <div class="preview">
      {isCut && kind !== 'image' ? (
        <p class="banner small">
          These are the first {formatBytes(bytes.length)} of {formatBytes(sizeBytes)}.
        </p>
      ) : null}
      {kind === 'image' ? <Picture artifact={artifact} /> : null}
      {kind === 'markdown' ? <Markdown text={text} readPicture={readPicture} /> : null}
      {kind === 'json' ? <PlainText text={isCut ? text : indented(text)} /> : null}
      {kind === 'table' ? <SeparatedTable path={path} text={text} /> : null}
      {kind === 'text' ? <PlainText text={text} /> : null}
      {kind === 'none' ? (
        <p class="muted">There is no preview for this kind of file; it can be downloaded.</p>
      ) : null}
    </div>
  )
}

/** A picture only ever comes as one: what an SVG would run does not run there. */
function Picture({ artifact: { path, bytes, isCut } }: { readonly artifact: ArtifactAnswer }) {
  const [address, setAddress] = useState<string>()
  const [isBroken, setBroken] = useState(false)
  useEffect(() => {
    const type = pictureType(path) ?? 'application/octet-stream'
    if (type === 'image/svg+xml') {
      // Not a blob: opened by itself, that would be a page of this site.
      setAddress(`data:${type},${encodeURIComponent(new TextDecoder().decode(bytes))}`)
      return
    }
    const made = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [path, bytes])
  if (isCut) return <p class="muted">The picture is too large to be shown; it can be downloaded.</p>
  if (isBroken) return <p class="muted">This file is no picture that a browser can show.</p>
  return address === undefined ? null : (
    <img class="preview-image" src={address} alt={path} onError={() => setBroken(true)} />
  )
}

function PlainText({ text }: { readonly text: string }) {
  const shown = text.slice(0, MAX_CHARACTERS)
  return (
    <>
      <pre class="preview-text" tabindex={0}>
        {shown}
      </pre>
      {shown.length < text.length ? (
        <p class="small muted">The rest is left out; the file can be downloaded.</p>
      ) : null}
    </>
  )
}

function SeparatedTable({ path, text }: { readonly path: string; readonly text: string }) {
  const [head = [], ...rows] = useMemo(
    () => parseSeparated(text, separatorOf(path, text), MAX_ROWS + 2),
    [path, text]
  )
  return (
    <>
      <section class="scroll-x preview-table" tabindex={0} aria-label={`Table of ${path}`}>
        <table class="plain-table">
          <thead>
            <tr>
              {head.map((name, i) => (
                <th key={i} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MAX_ROWS).map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="small muted">
        {rows.length > MAX_ROWS
          ? `The first ${formatCount(MAX_ROWS, 'row')}; the file has them all.`
          : formatCount(rows.length, 'row')}
      </p>
    </>
  )
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
