import { encodeUtf8 } from '../base/bytes.ts'
import { RUN_ID_LENGTH, randomId } from '../base/ids.ts'
import { formatTime } from '../base/time.ts'
import { FIRST_COMMIT_TEXT } from '../format/constants.ts'
import { MAIN_REF } from '../format/paths.ts'
import { createObject, EMPTY_TREE } from '../git/objects.ts'
import { initRepository } from '../git/repository.ts'
import type { ProjectRecord } from '../model/records.ts'
import { openHostRepository, type StoreHost } from './host.ts'
import { ProjectStore } from './project-store.ts'

/** What a new project says of itself. */
export type NewProject = Omit<ProjectRecord, 'schema' | 'id' | 'created' | 'edits' | 'conflicts'>

/**
 * Makes a project's repository and moves it to its place when it is whole.
 *
 * @returns `false` if there is something at that place already.
 */
export async function createProject(
  host: StoreHost,
  folder: string,
  fields: NewProject,
  codeFolder?: string
): Promise<boolean> {
  const { files, platform } = host
  const temporary = `${folder}.new-${randomId(platform.random, RUN_ID_LENGTH)}`
  try {
    await initRepository(files, temporary)
    await writeFirstCommit(host, temporary)
    await writeProject(host, temporary, fields)
    if (codeFolder !== undefined) {
      await files.makeFolder(`${temporary}/runtree`)
      await files.write(`${temporary}/runtree/code-folder`, encodeUtf8(codeFolder), { sync: true })
    }
    return await moveIntoPlace(host, temporary, folder)
  } finally {
    await files.removeFolder(temporary, { recursive: true })
  }
}

async function writeFirstCommit(host: StoreHost, folder: string): Promise<void> {
  const { hash } = host.platform
  const repository = await openHostRepository(host, folder)
  const held = await repository.objects.write([
    { oid: EMPTY_TREE, type: 'tree', bytes: new Uint8Array() },
    createObject(hash, 'commit', encodeUtf8(FIRST_COMMIT_TEXT))
  ])
  await held.release()
  await repository.close()
}

async function writeProject(host: StoreHost, folder: string, fields: NewProject): Promise<void> {
  const { clock, random } = host.platform
  const repository = await openHostRepository(host, folder)
  const store = ProjectStore.forNew(host, repository, '')
  const record: ProjectRecord = {
    ...fields,
    schema: 'project/1',
    id: randomId(random, RUN_ID_LENGTH),
    created: formatTime(clock.now())
  }
  await store.transact([MAIN_REF], 'create', async (transaction) => {
    transaction.write<'project'>({ kind: 'project' }, record)
    transaction.writeFile({ kind: 'project' }, 'README.md', encodeUtf8(formatReadme(record.name)))
  })
  await store.close()
}

/** Returns what a visitor of the repository on a forge reads first. */
function formatReadme(name: string): string {
  return `# ${name}

This repository holds experiments: each branch \`experiments/<name>\` is one, and its runs are
directories of YAML, TSV and JSON Lines below \`experiments/<name>/runs/\`. The history of a branch is
its laboratory journal: \`git log experiments/<name>\`.

It is read and written by Runtree; plain git and a text editor read it too.
`
}

/** Moves a finished repository to its place, durably; `false` if something is there already. */
export async function moveIntoPlace(host: StoreHost, from: string, to: string): Promise<boolean> {
  if ((await host.files.stat(to)) !== undefined) return false
  try {
    await host.files.rename(from, to)
  } catch (error) {
    if ((await host.files.stat(to)) !== undefined) return false
    throw error
  }
  await host.files.syncFolder(to.slice(0, to.lastIndexOf('/')))
  return true
}
