import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { CodedError } from '../../src/base/errors.ts'
import { keyOfPath, partOf, pathOf } from '../../src/format/paths.ts'
import { formatRecord, parseRecord } from '../../src/format/record.ts'
import { aggregateRows, inferColumns, parseRows } from '../../src/format/rows.ts'
import { parseSeries, summarizeSeries } from '../../src/format/series.ts'
import type { Kind } from '../../src/model/kinds.ts'
import { KINDS } from '../../src/model/schemas.ts'

const ROOT = new URL('../../fixtures/format/', import.meta.url).pathname
const PROJECT = join(ROOT, 'project')
const RUN = { kind: 'run', experiment: 'iris-svc', run: 'k3f9q2xab7mt' } as const

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path))
}

function listFiles(): readonly string[] {
  return readdirSync(PROJECT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1))
    .sort()
}

describe('the example of a stored project', () => {
  it('has a record of every kind', () => {
    const kinds = listFiles().map((path) => keyOfPath(path)?.kind)
    expect(KINDS.filter((kind) => !kinds.includes(kind))).to.deep.equal([])
  })

  it('has a part of every form', () => {
    const parts = new Set(listFiles().map((path) => partOf(path)?.part))
    expect([...parts].filter(Boolean).sort()).to.deep.equal([
      'artifact',
      'log',
      'patch',
      'rows',
      'series'
    ])
  })

  for (const path of listFiles()) {
    const key = keyOfPath(path)
    if (key === undefined) {
      it(`knows what ${path} is`, () => {
        expect(partOf(path) !== undefined || path === '.gitattributes').to.equal(true)
      })
      continue
    }
    it(`reads ${path} and writes the same bytes`, async () => {
      expect(partOf(path)).to.equal(undefined)
      expect(pathOf(key)).to.equal(path)
      const bytes = read(join(PROJECT, path))
      const record = await parseRecord(key.kind, bytes, path)
      expect(Buffer.from(formatRecord(key.kind, record)).toString()).to.equal(
        Buffer.from(bytes).toString()
      )
    })
  }

  it('sums its series up as the run says', async () => {
    const parts = listFiles().flatMap((path) => {
      const part = partOf(path)
      if (part?.part !== 'series') return []
      const { points, broken } = parseSeries(read(join(PROJECT, path)))
      expect(broken).to.equal(0)
      return [{ writer: part.writer, number: part.number, points }]
    })
    const run = await parseRecord('run', read(join(PROJECT, pathOf(RUN))), pathOf(RUN))
    expect(summarizeSeries(parts)).to.deep.equal(run.metrics)
  })

  it('has the rows, columns and aggregates that its result says', async () => {
    const path = pathOf({ ...RUN, kind: 'result', name: 'predictions' })
    const result = await parseRecord('result', read(join(PROJECT, path)), path)
    const part = path.replace('result.yaml', 'm2p7xw-0000.jsonl')
    const { rows, broken } = parseRows(read(join(PROJECT, part)), result.columns)
    expect([rows.length, broken]).to.deep.equal([result.rows, 0])
    expect(rows.reduce(inferColumns, [])).to.deep.equal(result.columns)
    expect(aggregateRows(rows, result.columns ?? [])).to.deep.equal(result.aggregates)
  })
})

describe('bad records', () => {
  const expected = JSON.parse(readFileSync(join(ROOT, 'bad/expected.json'), 'utf8')) as {
    [file: string]: { code: string; line?: number; fields?: readonly string[] }
  }

  it('are all listed with what is wrong', () => {
    const files = readdirSync(join(ROOT, 'bad')).filter((file) => file.endsWith('.yaml'))
    expect(files.sort()).to.deep.equal(Object.keys(expected).sort())
  })

  for (const [file, { code, line, fields }] of Object.entries(expected)) {
    it(`refuses ${file} with ${code}`, async () => {
      const error = await catchCoded('run', read(join(ROOT, 'bad', file)), 'x/run.yaml')
      const data = error.data as { path: string; line?: number; problems?: { field: string }[] }
      expect(error.code).to.equal(code)
      expect(data.path).to.equal('x/run.yaml')
      expect(error.message).to.include('x/run.yaml')
      if (line !== undefined) expect(data.line).to.equal(line)
      if (fields !== undefined) {
        expect(data.problems?.map((problem) => problem.field)).to.deep.equal(fields)
      }
    })
  }
})

describe('records of older versions', () => {
  for (const file of readdirSync(join(ROOT, 'upgrades'))) {
    if (file.endsWith('.upgraded.yaml')) continue
    it(`reads ${file} as the newest version`, async () => {
      const kind = file.replace(/-\d+\.yaml$/, '') as Kind
      const record = await parseRecord(kind, read(join(ROOT, 'upgrades', file)), file)
      const upgraded = join(ROOT, 'upgrades', file.replace('.yaml', '.upgraded.yaml'))
      expect(Buffer.from(formatRecord(kind, record)).toString()).to.equal(
        readFileSync(upgraded, 'utf8')
      )
    })
  }

  it('refuses a version that nothing leads from', async () => {
    const bytes = new TextEncoder().encode('schema: view/0\n')
    expect((await catchCoded('view', bytes, 'views/a.yaml')).code).to.equal('FORMAT_SCHEMA')
  })
})

async function catchCoded(kind: Kind, bytes: Uint8Array, path: string): Promise<CodedError> {
  try {
    await parseRecord(kind, bytes, path)
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new TypeError(`${path} was accepted`)
}
