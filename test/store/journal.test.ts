import { expect } from 'chai'
import fc from 'fast-check'
import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { equalJson } from '../../src/base/json.ts'
import type { AppendFile, FileSystem } from '../../src/base/platform.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { Journal } from '../../src/store/journal.ts'
import { formatEntry, type JournalEntry, parseEntry } from '../../src/store/journal-entry.ts'
import {
  entriesFile,
  readOwner,
  readProgress,
  writeProgress
} from '../../src/store/journal-folder.ts'
import { formatJournalJson, parseJournalJson } from '../../src/store/journal-json.ts'
import { formatPoints, quoteName } from '../../src/store/journal-points.ts'
import { readEntries } from '../../src/store/journal-read.ts'
import { PENDING_MAX_BYTES, PendingLines } from '../../src/store/pending-lines.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'

const FOLDER = '/p/runtree/journal/e/r/w'

function ownerOf(platform = createFixedPlatform()) {
  return { process: platform.processes.self, attached: false, createdMs: 5 }
}

async function read(files: FileSystem, offset = 0): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for await (const batch of readEntries(files, entriesFile(FOLDER), offset)) {
    entries.push(...batch.entries.map(({ entry }) => entry))
  }
  return entries
}

const text = (line: string): Uint8Array => formatEntry({ text: line }, 'text')
const textLine = (line: string): string => decodeUtf8(text(line))

describe('the journal of a run', () => {
  it('gives back what was written, NaN and the infinities included', async () => {
    const files = createMemoryFileSystem()
    const journal = new Journal({
      files,
      platform: createFixedPlatform(),
      onTrouble: () => undefined
    })
    journal.append(text('before'))
    await journal.open(FOLDER, ownerOf(), text('first'))
    const values = { loss: Number.NaN, 'a "b"\n': -Infinity, c: 1e-7 }
    journal.append(formatPoints(Object.keys(values).map(quoteName), values, 2, 3, quoteName('ü')))
    const row = { result: 'r', row: { a: [Number.POSITIVE_INFINITY], b: '\0NaN', c: '\0\0' } }
    journal.append(formatEntry(row, 'row'))
    await journal.sync()
    await journal.close()
    expect(await read(files)).to.deep.equal([
      { text: 'first' },
      { text: 'before' },
      { log: values, step: 2, time: 3, split: 'ü' },
      row
    ])
    expect(await readOwner(files, FOLDER)).to.deep.equal(ownerOf())
  })

  it('keeps every JSON value with every number', () => {
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.double(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\0', '\0NaN', '\0\0x'),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true })
      )
    })).value
    fc.assert(
      fc.property(values, (value) => {
        const line = formatJournalJson(value, 'value')
        expect(line).not.to.include('\n')
        expect(equalJson(parseJournalJson(line), value), line).to.equal(true)
      })
    )
  })

  it('keeps points of any metric, value, step, time and split', () => {
    const name = fc.string({ unit: 'binary' })
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
    const number = fc.oneof(fc.nat(), fc.integer(), fc.double(), fc.constantFrom(-0, 9.99e8, 1e9))
    const place = fc.record({
      step: fc.oneof(fc.nat(), finite, fc.constantFrom(-0, 999_999_999, 1_000_000_000)),
      time: fc.oneof(fc.maxSafeNat(), finite),
      split: fc.option(name, { nil: undefined })
    })
    const points = fc.dictionary(name, number, { maxKeys: 5, noNullPrototype: true })
    fc.assert(
      fc.property(points, place, (log, { step, time, split }) => {
        const names = Object.keys(log).map(quoteName)
        const own = split === undefined ? undefined : quoteName(split)
        const line = decodeUtf8(formatPoints(names, log, step, time, own))
        expect(line.indexOf('\n')).to.equal(line.length - 1)
        const entry = parseEntry(line.slice(0, -1))
        const expected = { log, step, time, ...(split !== undefined && { split }) }
        expect(equalJson(entry as never, expected as never), line).to.equal(true)
        for (let end = 1; end < line.length - 1; end += 7) {
          expect(parseEntry(line.slice(0, end) + line.slice(0, -1))).to.equal(undefined)
        }
      })
    )
  })

  it('reads points that were written as JSON', () => {
    const line = '{"log":{"loss":"NaN","b":-0.5},"step":2,"time":3,"split":"a"}'
    const log = { loss: Number.NaN, b: -0.5 }
    expect(parseEntry(line)).to.deep.equal({ log, step: 2, time: 3, split: 'a' })
  })

  it('leaves out damaged points', () => {
    const bits = '3ff0000000000000'
    expect(parseEntry(`~"a"${bits} 1 2`)).to.deep.equal({ log: { a: 1 }, step: 1, time: 2 })
    for (const line of [
      '~',
      `~"a"${bits} 1`,
      `~"a"${bits} 1 x`,
      `~"a"${bits} 1 2 3`,
      `~"a"${bits.slice(1)} 1 2`,
      `~a${bits} 1 2`,
      `~"\\x"${bits} 1 2`,
      `~"a"${bits} 1e999 2`,
      `~"a"${bits} 1 2 "b`
    ]) {
      expect(parseEntry(line), line).to.equal(undefined)
    }
  })

  it('refuses what is no JSON, and what holds itself', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    for (const value of [
      () => 1,
      1n,
      Symbol('s'),
      new Map(),
      new Float32Array(1),
      circle,
      undefined
    ]) {
      expect(() => formatJournalJson(value, 'it')).to.throw(TypeError)
    }
  })

  it('tolerates a torn last line, a damaged line in between, and lines longer than a chunk', async () => {
    const files = createMemoryFileSystem()
    await files.makeFolder(FOLDER)
    const long = 'x'.repeat(3_000_000)
    const lines = `${textLine('a')}{"text":"torn {"text"\n\n${textLine(long)}[1]\n${textLine('b')}{"text":"c`
    await files.write(entriesFile(FOLDER), encodeUtf8(lines))
    expect(await read(files)).to.deep.equal([{ text: 'a' }, { text: long }, { text: 'b' }])
    const batches = []
    for await (const batch of readEntries(files, entriesFile(FOLDER))) batches.push(batch)
    expect(batches.at(-1)?.nextOffset).to.equal(lines.length - '{"text":"c'.length)
    expect(await read(files, text('a').length)).to.deep.equal([{ text: long }, { text: 'b' }])
  })

  it('writes no line twice and none in halves when the disk fills up in the middle of one', async () => {
    const memory = createMemoryFileSystem()
    let room = Number.POSITIVE_INFINITY
    const files: FileSystem = {
      ...memory,
      async openAppend(path): Promise<AppendFile> {
        const file = await memory.openAppend(path)
        const append = (bytes: Uint8Array): void => {
          const part = bytes.subarray(0, Math.max(0, room))
          if (part.length > 0) file.append(part)
          room -= part.length
          if (part.length < bytes.length) {
            throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
          }
        }
        return { ...file, append }
      }
    }
    const troubles: unknown[] = []
    const onTrouble = (error: unknown): void => void troubles.push(error)
    const journal = new Journal({ files, platform: createFixedPlatform(), onTrouble })
    await journal.open(FOLDER, ownerOf(), undefined)
    room = 30
    for (let i = 0; i < 10; i++) journal.append(text(`line ${i}`))
    expect(troubles.length).to.equal(1)
    for (const more of [3, 40, 1000]) {
      room = more
      await journal.sync().catch(() => undefined)
    }
    journal.append(text('last'))
    await journal.close()
    const expected = Array.from({ length: 10 }, (_, i) => ({ text: `line ${i}` }))
    expect(await read(memory)).to.deep.equal([...expected, { text: 'last' }])
    const stored = decodeUtf8((await memory.read(entriesFile(FOLDER))) as Uint8Array)
    expect(stored.split('\n').length).to.equal(12)
  })

  it('keeps what came first when the memory is full, and what must not be lost', () => {
    const pending = new PendingLines()
    const line = new Uint8Array(PENDING_MAX_BYTES / 2)
    pending.add(line, false)
    pending.add(line, false)
    pending.add(new Uint8Array(1), false)
    expect(pending.lost).to.equal(1)
    pending.add(new Uint8Array([7]), true)
    pending.drop(PENDING_MAX_BYTES)
    expect(pending.first).to.deep.equal(new Uint8Array([7]))
    pending.drop(1)
    expect(pending.isEmpty).to.equal(true)
  })

  it('keeps in memory too what is written long after the last look at the file', async () => {
    const files = createMemoryFileSystem()
    const platform = createFixedPlatform()
    let nowMs = 0
    const clock = { now: () => nowMs }
    const onTrouble = (): void => undefined
    const journal = new Journal({ files, platform: { ...platform, clock }, onTrouble })
    await journal.open(FOLDER, ownerOf(), undefined)
    journal.append(text('committed by who took this process for dead'))
    await files.removeFolder(FOLDER, { recursive: true })
    nowMs = 16 * 60_000
    journal.append(text('late'))
    expect(String(await journal.sync().catch((error: unknown) => error))).to.include('was removed')
    expect(journal.folder).to.equal(undefined)
    journal.append(text('later'))
    await journal.open(FOLDER, ownerOf(), text('start'))
    await journal.close()
    expect(await read(files)).to.deep.equal([
      { text: 'start' },
      { text: 'late' },
      { text: 'later' }
    ])
  })

  it('remembers what is committed, and takes damage for nothing', async () => {
    const files = createMemoryFileSystem()
    await files.makeFolder(FOLDER)
    expect(await readProgress(files, FOLDER)).to.deep.equal({ offset: 0 })
    await writeProgress(files, FOLDER, { offset: 12, attempt: 'a' })
    expect(await readProgress(files, FOLDER)).to.deep.equal({ offset: 12, attempt: 'a' })
    await files.write(`${FOLDER}/committed`, encodeUtf8('{"off'))
    expect(await readProgress(files, FOLDER)).to.deep.equal({ offset: 0 })
  })
})
