import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { KeyOf } from '../../src/model/kinds.ts'
import {
  entriesFile,
  journalFolder,
  listJournals,
  ownerFile,
  writeOwner
} from '../../src/store/journal-folder.ts'
import { listLiveRuns } from '../../src/store/live-runs.ts'
import { recoverRuns } from '../../src/store/recovery.ts'
import { fsck, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'

const LAB = { project: 'lab', experiment: 'train', code: false, quiet: true } as const
const ELSEWHERE = { host: 'other', bootId: 'b', pidNamespace: '', pid: 4711 }

describe('recovery of runs of another machine', () => {
  let folder: string
  let tracking: TestTracking

  beforeEach(() => {
    folder = makeTempFolder()
    tracking = createTestTracking(join(folder, 'home'))
  })

  afterEach(() => removeTempFolder(folder))

  async function startElsewhere(): Promise<{ key: KeyOf<'run'>; place: string }> {
    const run = await tracking.startRun(LAB)
    run.log({ loss: 1 })
    const store = await tracking.project()
    const [journal] = await listJournals(store)
    if (journal === undefined) throw new TypeError('there is no journal')
    const place = journalFolder(store, journal)
    await writeOwner(store.host.files, place, { process: ELSEWHERE, attached: false, createdMs: 0 })
    return { key: { kind: 'run', experiment: 'train', run: run.id }, place }
  }

  function age(path: string, minutes: number): void {
    const then = new Date(Date.now() - minutes * 60_000)
    utimesSync(path, then, then)
  }

  it('waits for 15 minutes of silence by the clock of the file system', async () => {
    const { key, place } = await startElsewhere()
    const store = await tracking.project()
    age(ownerFile(place), 14)
    age(entriesFile(place), 14)
    expect((await recoverRuns(store)).recovered).to.deep.equal([])
    const [live] = await listLiveRuns(store)
    expect(live).to.deep.include({ key, alive: undefined })
    expect(live?.silentMs).to.be.within(13 * 60_000, 15 * 60_000)
    age(ownerFile(place), 16)
    age(entriesFile(place), 16)
    const { recovered } = await recoverRuns(store)
    expect(recovered.map(({ status }) => status)).to.deep.equal(['interrupted'])
    const record = await (await store.viewOf(key))?.record<'run'>(key)
    expect(record?.metrics?.loss?.count).to.equal(1)
    const silentMinutes = (Date.now() - Date.parse(record?.finished ?? '')) / 60_000
    expect(silentMinutes).to.be.within(15, 17)
    expect(fsck(store.folder)).to.equal('')
  })

  it('leaves alone one that is too busy to touch its journal but still logs', async () => {
    const { place } = await startElsewhere()
    age(ownerFile(place), 60)
    expect((await recoverRuns(await tracking.project())).recovered).to.deep.equal([])
  })

  it('lets a process that was taken for dead go on, and its run be running again', async () => {
    const run = await tracking.startRun(LAB)
    run.log({ loss: 1 })
    const store = await tracking.project()
    const [journal] = await listJournals(store)
    const place = journalFolder(store, journal as NonNullable<typeof journal>)
    await writeOwner(store.host.files, place, { process: ELSEWHERE, attached: false, createdMs: 0 })
    age(ownerFile(place), 16)
    age(entriesFile(place), 16)
    expect((await recoverRuns(store)).recovered.length).to.equal(1)
    const key: KeyOf<'run'> = { kind: 'run', experiment: 'train', run: run.id }
    const status = async (): Promise<string | undefined> =>
      (await (await store.viewOf(key))?.record<'run'>(key))?.status
    expect(await status()).to.equal('interrupted')
    await run.flush()
    expect(await status()).to.equal('running')
    run.log({ loss: 2 })
    await run.finish()
    expect(await status()).to.equal('finished')
    const record = await (await store.viewOf(key))?.record<'run'>(key)
    expect(record?.metrics?.loss).to.include({ count: 2, last: 2 })
  })

  it('removes a journal into which nothing was written', async () => {
    const run = await tracking.startRun(LAB)
    await run.finish()
    const store = await tracking.project()
    const key = { experiment: 'train', run: run.id, writer: 'aaaaaa' }
    const place = journalFolder(store, key)
    await writeOwner(store.host.files, place, {
      process: { ...store.host.platform.processes.self, pid: 2 ** 22 + 1 },
      attached: false,
      createdMs: 0
    })
    await store.host.files.write(entriesFile(place), new Uint8Array())
    expect((await recoverRuns(store)).recovered).to.deep.equal([])
    expect(await listJournals(store)).to.deep.equal([])
  })
})
