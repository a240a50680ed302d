/** A page that opens a remote as the dashboard does, for a test to call. */
import { openWorkerSource } from '../../../src/dashboard/client/worker-client.ts'
import type { RemoteToOpen } from '../../../src/dashboard/client/worker-messages.ts'
import type { CallProgress, Source, SourceMethod } from '../../../src/dashboard/source/source.ts'

let source: Source | undefined
const told: CallProgress[] = []

Object.assign(globalThis, {
  told,
  async open(remote: RemoteToOpen) {
    try {
      const opened = await openWorkerSource(remote, {
        onProgress: (progress) => told.push(progress)
      })
      source = opened.source
      return 'opened'
    } catch (error) {
      const { code, message } = error as { code: string; message: string }
      return { code, message }
    }
  },
  async ask(method: SourceMethod, request: object) {
    try {
      return await source?.[method](request as never)
    } catch (error) {
      const { code, message } = error as { code: string; message: string }
      return { code, message }
    }
  }
})
