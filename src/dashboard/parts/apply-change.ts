import type { EditRequest } from '../source/requests.ts'
import type { Source } from '../source/source.ts'
import { withWork } from './load.ts'
import { showToast } from './toast.tsx'

/** So many changes are under way at once; those that wait for one branch become one commit. */
const AT_ONCE = 16

/** Changes of objects, how they are taken back, and what is told of them. */
export interface Change {
  readonly edits: readonly EditRequest[]
  readonly undo: readonly EditRequest[]
  readonly text: string
}

/** Makes changes, says so, and offers to take them back; `onChanged` is told each time. */
export async function applyChange(
  source: Source,
  { edits, undo, text }: Change,
  onChanged: () => void
): Promise<void> {
  await withWork(() => editAll(source, edits)).finally(onChanged)
  const takeBack = async (): Promise<void> => {
    await withWork(() => editAll(source, undo)).finally(onChanged)
    showToast({ text: 'Taken back' })
  }
  showToast({ text, undo: undo.length === 0 ? undefined : takeBack })
}

/** Makes one change to each of several objects. Rejects with the first failure when all are done. */
async function editAll(source: Source, edits: readonly EditRequest[]): Promise<void> {
  const failures: unknown[] = []
  const waiting = [...edits]
  const work = async (): Promise<void> => {
    for (let edit = waiting.shift(); edit !== undefined; edit = waiting.shift()) {
      await source.edit(edit).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, edits.length) }, work))
  if (failures.length > 0) throw failures[0]
}
