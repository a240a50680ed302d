/** Finds or makes a project, and an experiment in it; for tests with processes. */
import { createNodeStoreHost } from '../../src/host/node/store-host.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'

const [folder = '', name = '', codeFolder = ''] = process.argv.slice(2)
const host = createNodeStoreHost(process.env, folder, async () => ({}))
const store = new WorkspaceStore(host, folder)
const project = await store.ensure(name, codeFolder === '' ? {} : { codeFolder })
process.stdout.write(project.slug)
await store.close()
