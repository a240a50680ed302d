import { FileDiffs } from '../parts/diff.tsx'
import type { FilePatch, PatchLine } from '../parts/patch.ts'
import { Section } from '../parts/section.tsx'
import type { Comparison } from '../source/run-answers.ts'

type Difference = NonNullable<Comparison['code'][number]>

/** How the code of each run differs from that of the first. */
export function CodeTab({ comparison }: { readonly comparison: Comparison }) {
  const { runs, code } = comparison
  const base = runs[0]?.name ?? runs[0]?.id ?? ''
  return (
    <div class="stack">
      {runs.slice(1).map((run, i) => (
        <Section key={run.address} title={`From ${base} to ${run.name ?? run.id}`}>
          <Changes difference={code[i + 1] ?? null} />
        </Section>
      ))}
    </div>
  )
}

function Changes({ difference }: { readonly difference: Difference | null }) {
  if (difference === null) return <p class="muted">The same code, as far as it is recorded.</p>
  const { by, files, isWhole } = difference
  if (by === 'nothing') {
    return (
      <p class="muted">
        Other code, but what differs is only known in the code’s repository: start the dashboard in
        it.
      </p>
    )
  }
  return (
    <>
      <FileDiffs files={files.map(patchOf)} />
      {isWhole ? null : (
        <p class="small muted">
          Known from the patches that are stored with the runs; there may be more.
          {files.some(({ isOfPatches }) => isOfPatches)
            ? ' Where both changed a file, their patches are compared: a + or − at the start of a line is the patch’s own.'
            : ''}
        </p>
      )}
    </>
  )
}

function patchOf(file: Difference['files'][number]): FilePatch {
  const lines = file.hunks.flatMap(({ before, after, lines: body }): readonly PatchLine[] => {
    let [left, right] = [before, after]
    const head: PatchLine = { kind: 'hunk', text: `from line ${before}, now ${after}` }
    const numbered = body.map(({ kind, text }): PatchLine => {
      if (kind === 'note') return { kind, text }
      if (kind === 'added') return { kind, text, after: right++ }
      if (kind === 'removed') return { kind, text, before: left++ }
      return { kind, text, before: left++, after: right++ }
    })
    return [head, ...numbered]
  })
  const count = (kind: PatchLine['kind']): number =>
    lines.filter((line) => line.kind === kind).length
  return {
    path: file.path,
    ...(file.pathBefore !== undefined && { from: file.pathBefore }),
    state: file.pathBefore === undefined ? file.change : 'moved',
    isBinary: file.isBinary,
    added: count('added'),
    removed: count('removed'),
    lines
  }
}
