import './cases.ts'
import { initRepository, type Repository } from '../../../src/git/repository.ts'
import { answerOf, Database } from '../../../src/host/browser/database.ts'
import { keyOf } from '../../../src/host/browser/file-names.ts'
import { openDatabaseFiles } from '../../../src/host/browser/file-system.ts'
import { createBrowserPlatform } from '../../../src/host/browser/platform.ts'
import { openDatabaseRepository } from '../../../src/host/browser/repository.ts'
import { testFileSystem } from '../../conformance/file-system.ts'
import { testObjectStore } from '../../conformance/object-store.ts'
import { testRefStore } from '../../conformance/ref-store.ts'
import './hash.ts'

const platform = createBrowserPlatform()
let opened = 0

async function makeDatabase(): Promise<Database> {
  return Database.open(`conformance ${opened++}`)
}

testFileSystem('browser', async () => {
  const database = await makeDatabase()
  const fs = openDatabaseFiles(database)
  await fs.makeFolder('/work')
  return {
    fs,
    root: '/work',
    age(path) {
      void database.transact('readwrite', async ({ names }) => {
        const record = await answerOf(names.get(keyOf(path)))
        names.put({ ...record, modifiedMs: Date.UTC(2001, 0, 1) }, keyOf(path))
      })
    },
    close: async () => database.close()
  }
})

/** Makes a repository; each reopening has a connection of its own, as another tab would. */
async function makeRepository(): Promise<{
  readonly repository: Repository
  reopen(): Promise<Repository>
  close(): Promise<void>
}> {
  const connections: Database[] = []
  const name = `repository ${opened++}`
  const reopen = async (): Promise<Repository> => {
    const database = await Database.open(name)
    connections.push(database)
    const files = openDatabaseFiles(database)
    if ((await files.stat('/r.git')) === undefined) await initRepository(files, '/r.git')
    return openDatabaseRepository(database, files, platform, '/r.git')
  }
  return {
    repository: await reopen(),
    reopen,
    async close() {
      for (const database of connections) database.close()
    }
  }
}

testObjectStore('browser', async () => {
  const { repository, reopen, close } = await makeRepository()
  return {
    store: repository.objects,
    hash: platform.hash,
    reopen: async () => (await reopen()).objects,
    close
  }
})

testRefStore('browser', async () => {
  const { repository, reopen, close } = await makeRepository()
  return { store: repository.refs, reopen: async () => (await reopen()).refs, close }
})
