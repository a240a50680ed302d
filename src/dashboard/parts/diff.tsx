import { useMemo, useState } from 'preact/hooks'
import { type FilePatch, type PatchLine, parsePatch } from './patch.ts'
import { formatCount } from './text.ts'

/** So many lines of a file are drawn at once. */
const SHOWN_LINES = 400

const SIGNS = { added: '+', removed: '−', same: '', hunk: '', note: '' } as const
const STATES = { added: 'new', removed: 'deleted', moved: 'moved', changed: '' } as const

/** Shows a patch file by file. */
export function Diff({ patch }: { readonly patch: string }) {
  const files = useMemo(() => parsePatch(patch), [patch])
  return <FileDiffs files={files} />
}

/** Shows what changed in files. */
export function FileDiffs({ files }: { readonly files: readonly FilePatch[] }) {
  const [added, removed] = [sum(files, 'added'), sum(files, 'removed')]
  return (
    <div class="diff">
      <p class="small muted">
        {formatCount(files.length, 'file')} changed, <span class="diff-plus">+{added}</span>{' '}
        <span class="diff-minus">−{removed}</span>
      </p>
      {files.map((file, i) => (
        <FileDiff key={i} file={file} isOpen={files.length <= 12} />
      ))}
    </div>
  )
}

function FileDiff({ file, isOpen }: { readonly file: FilePatch; readonly isOpen: boolean }) {
  const [isAll, setAll] = useState(false)
  const lines = isAll ? file.lines : file.lines.slice(0, SHOWN_LINES)
  const state = STATES[file.state]
  return (
    <details class="diff-file" open={isOpen}>
      <summary>
        <span class="mono">
          {file.from === undefined ? '' : `${file.from} → `}
          {file.path}
        </span>
        {state === '' ? null : <span class="badge">{state}</span>}
        <span class="diff-counts numeric">
          <span class="diff-plus">+{file.added}</span>{' '}
          <span class="diff-minus">−{file.removed}</span>
        </span>
      </summary>
      {file.isBinary ? <p class="diff-note small muted">Not text.</p> : null}
      <div class="scroll-x" tabindex={0} role="group" aria-label={`Changes of ${file.path}`}>
        <table class="diff-table">
          <tbody>
            {lines.map((line, i) => (
              <DiffLine key={i} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {lines.length < file.lines.length ? (
        <button type="button" class="button small quiet" onClick={() => setAll(true)}>
          Show {formatCount(file.lines.length - lines.length, 'more line')}
        </button>
      ) : null}
    </details>
  )
}

function DiffLine({ line }: { readonly line: PatchLine }) {
  const { kind, text, before, after } = line
  return (
    <tr class={`diff-${kind}`}>
      <td class="diff-number">{before}</td>
      <td class="diff-number">{after}</td>
      <td class="diff-text">
        <span class="diff-sign">{SIGNS[kind]}</span>
        {kind === 'added' ? <span class="visually-hidden">added: </span> : null}
        {kind === 'removed' ? <span class="visually-hidden">removed: </span> : null}
        {text}
      </td>
    </tr>
  )
}

function sum(files: readonly FilePatch[], field: 'added' | 'removed'): number {
  return files.reduce((total, file) => total + file[field], 0)
}
