import { navigate } from '../navigation.ts'
import { applyChange } from '../parts/apply-change.ts'
import { showToast } from '../parts/toast.tsx'
import type { EditRequest } from '../source/requests.ts'
import type { RunAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

/** What can be done to a run; each can be taken back. */
export interface RunActions {
  rename(name: string): Promise<void>
  note(notes: string): Promise<void>
  addTag(tag: string): Promise<void>
  removeTag(tag: string): Promise<void>
  remove(): Promise<void>
}

type RunEdit = Omit<EditRequest, 'address'>

/** Makes what changes a run; `reload` shows it afterwards. */
export function runActions(source: Source, answer: RunAnswer, reload: () => void): RunActions {
  const { address, project, experiment, id, record } = answer
  const { name, notes, tags = [] } = record
  const change = async (edit: RunEdit, undo: RunEdit, text: string): Promise<void> => {
    const edits = [{ address, ...edit }]
    await applyChange(source, { edits, undo: [{ address, ...undo }], text }, reload)
  }
  return {
    rename: (text) =>
      change({ name: text.trim() || null }, { name: name ?? null }, 'The run is renamed.'),
    note: (text) =>
      change(
        { notes: text.trim() === '' ? null : text },
        { notes: notes ?? null },
        'The notes are changed.'
      ),
    async addTag(tag) {
      if (tags.includes(tag)) return
      await change({ addTags: [tag] }, { removeTags: [tag] }, `The tag ${tag} is added.`)
    },
    removeTag: (tag) =>
      change({ removeTags: [tag] }, { addTags: [tag] }, `The tag ${tag} is taken away.`),
    async remove() {
      await source.delete({ addresses: [address] })
      navigate({ page: 'runs', address: `${project}/${experiment}` })
      showToast({
        text: `${record.name ?? id} is deleted.`,
        undo: async () => {
          await source.restore({ addresses: [address] })
          navigate({ page: 'run', address })
        }
      })
    }
  }
}
