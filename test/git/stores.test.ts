import { testObjectStore } from '../conformance/object-store.ts'
import { testRefStore } from '../conformance/ref-store.ts'
import { makeMemoryRepository, makeRepository } from '../support/repositories.ts'

for (const [name, make] of [
  ['memory', makeMemoryRepository],
  ['real folders', makeRepository]
] as const) {
  testObjectStore(name, async () => {
    const { repository, platform, reopen, close } = await make()
    return {
      store: repository.objects,
      hash: platform.hash,
      reopen: async () => (await reopen()).objects,
      close
    }
  })
  testRefStore(name, async () => {
    const { repository, reopen, close } = await make()
    return { store: repository.refs, reopen: async () => (await reopen()).refs, close }
  })
}
