import { navigate } from '../navigation.ts'
import { showToast } from '../parts/toast.tsx'
import type { RunAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

/** What can be done to a run. */
export interface RunActions {
  rename(name: string): Promise<void>
  note(notes: string): Promise<void>
  addTag(tag: string): Promise<void>
  removeTag(tag: string): Promise<void>
  /** Deletes it, and offers to bring it back. */
  remove(): Promise<void>
}

/** Makes what changes a run; `reload` shows it afterwards. */
export function runActions(source: Source, answer: RunAnswer, reload: () => void): RunActions {
  const { address, project, experiment, id, record } = answer
  const edit = async (changes: object): Promise<void> => {
    await source.edit({ address, ...changes })
    reload()
  }
  return {
    rename: (name) => edit({ name: name.trim() === '' ? null : name.trim() }),
    note: (notes) => edit({ notes: notes.trim() === '' ? null : notes }),
    addTag: (tag) => edit({ addTags: [tag] }),
    removeTag: (tag) => edit({ removeTags: [tag] }),
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
