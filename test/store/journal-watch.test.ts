import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FileSystem } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import {
  entriesFile,
  journalFolder,
  listJournals,
  ownerFile,
  removeJournal
} from '../../src/store/journal-folder.ts'
import { JournalWatch } from '../../src/store/journal-watch.ts'
import { readJournalChanges } from '../../src/store/live-follow.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'

const LAB = { project: 'lab', experiment: 'train', code: false, quiet: true } as const

describe('a watch over journals', () => {
  let folder: string
  let asked: string[]
  let tracking: TestTracking
  /** Looks from elsewhere. */
  let reader: TestTracking

  beforeEach(() => {
    folder = makeTempFolder()
    asked = []
    tracking = createTestTracking(join(folder, 'home'))
    reader = createTestTracking(join(folder, 'home'), { files: noting(asked) })
  })

  afterEach(() => removeTempFolder(folder))

  /** What was asked of journals, with the names of files alone. */
  function takeAsked(): readonly string[] {
    const found = asked.splice(0).filter((each) => each.includes('/journal/'))
    return found.map((each) => each.replace(/ .*\//, ' ')).sort()
  }

  it('reads only what was appended', async () => {
    const runs = [await tracking.startRun(LAB), await tracking.startRun(LAB)]
    for (const run of runs) run.log({ loss: 1 })
    const store = await reader.project()
    const watch = new JournalWatch(store)
    const { files } = store.host
    const first = await watch.look()
    expect(first.map(({ run }) => run)).to.have.members(runs.map(({ id }) => id))
    const { offsets } = await readJournalChanges(files, first, undefined)
    takeAsked()
    runs[0]?.log({ loss: 0.5 })
    const { changes } = await readJournalChanges(files, await watch.look(), offsets)
    expect(changes.flatMap(({ points }) => points.map(({ value }) => value))).to.deep.equal([0.5])
    const seen = takeAsked().filter((each) => / (entries|owner)$/.test(each))
    // On a slow machine owners are looked at as well, but they are not read.
    expect(seen.filter((each) => each !== 'stat owner')).to.deep.equal([
      'readRange entries',
      'stat entries',
      'stat entries'
    ])
    for (const run of runs) await run.finish()
    expect(await watch.look()).to.deep.equal([])
  })

  it('sees that an owner lives where nothing is logged, and that it is gone', async () => {
    await tracking.startRun(LAB)
    const store = await reader.project()
    const [key] = await listJournals(store)
    if (key === undefined) throw new TypeError('there is no journal')
    const place = journalFolder(store, key)
    const watch = new JournalWatch(store)
    const then = new Date(Date.now() - 30 * 60_000)
    utimesSync(entriesFile(place), then, then)
    expect((await watch.look())[0]?.silentMs).to.be.below(29 * 60_000)
    utimesSync(ownerFile(place), then, then)
    expect((await watch.look())[0]?.silentMs).to.be.within(29 * 60_000, 40 * 60_000)
    await removeJournal(store, key)
    expect(await watch.look()).to.deep.equal([])
  })
})

/** The files of this machine; each question is noted. */
function noting(asked: string[]): FileSystem {
  const files = createNodeFileSystem()
  const note = (what: string, path: string): void => void asked.push(`${what} ${path}`)
  return {
    ...files,
    read(path) {
      note('read', path)
      return files.read(path)
    },
    readRange(path, offset, length) {
      note('readRange', path)
      return files.readRange(path, offset, length)
    },
    stat(path) {
      note('stat', path)
      return files.stat(path)
    },
    list(path) {
      note('list', path)
      return files.list(path)
    }
  }
}
