/** Tries to use a workspace without the right to, and prints what happened; for tests with processes. */
import { isCoded } from '../../src/base/errors.ts'
import { openWorkspace } from '../../src/node.ts'

const [folder = '', action = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, project: 'vision' })
// Root may do everything; nobody may not.
if (process.getuid?.() === 0) process.setuid?.(65534)

const actions: Readonly<Record<string, () => Promise<unknown>>> = {
  createProject: () => workspace.projects.create({ name: 'speech' }),
  deleteProject: () => workspace.projects.delete('vision'),
  read: () => workspace.experiments.get('vision/train'),
  count: () => workspace.runs.count({ in: 'vision/train' }),
  create: () => workspace.runs.create({ in: 'vision/train' }),
  update: () => workspace.experiments.update('vision/train', { notes: 'n' }),
  delete: () => workspace.experiments.delete('vision/train')
}
try {
  const value = await actions[action]?.()
  process.stdout.write(JSON.stringify({ done: true, ...(typeof value === 'number' && { value }) }))
} catch (error) {
  const { code, data } = error as { readonly code?: string; readonly data?: unknown }
  process.stdout.write(JSON.stringify({ done: false, isCoded: isCoded(error), code, data }))
}
