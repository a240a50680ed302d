/** Creates runs one after another in an experiment; for tests with processes. */
import { openWorkspace } from '../../src/node.ts'

const [folder = '', experiment = '', name = '', count = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, project: 'vision' })
for (let done = 0; done < Number(count); done++) {
  await workspace.runs.create({ in: experiment, name: `${name} ${done}`, params: { done } })
}
await workspace.close()
