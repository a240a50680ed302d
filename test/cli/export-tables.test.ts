import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import type { Row, TableSource } from '../../src/cli/table-source.ts'
import { writeTable } from '../../src/cli/write-table.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { openWorkspace, startRun } from '../../src/node.ts'
import { askDuckDb } from '../support/duckdb.ts'
import { type Answer, type Desk, openDesk } from './desk.ts'
import { fakeContext } from './fake-host.ts'

const IDS = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const
const [A, B, C] = IDS.map((id) => `iris/e/${id}`)
const NASTY = 'a,"b"\r\n=SUM(1) ü'
const NUMBERS = [1.5, Number.NaN, Number.NEGATIVE_INFINITY]

const summary = (last: number) => ({ last, min: 0, max: 1, count: 2 })

async function fill(desk: Desk): Promise<void> {
  await desk.ask(['init', 'Iris'])
  const folder = join(desk.folder, '.runtree')
  const workspace = await openWorkspace({ folder, project: 'iris' })
  await workspace.transaction(async (transaction) => {
    await transaction.create('experiment', { name: 'e' })
    for (const [index, id] of IDS.entries()) {
      await transaction.create('run', {
        in: 'e',
        id,
        ...(index === 0 ? { name: NASTY } : {}),
        status: 'finished',
        started: `2026-01-0${index + 1}T00:00:00.250Z`,
        tags: index === 0 ? ['x', 'y'] : [],
        params: {
          k: index,
          mixed: [1, 'one', true][index],
          model: { depth: index },
          ok: index > 0,
          list: [Number.NaN, index],
          text: index === 1 ? '' : NASTY
        } as never,
        metrics: { acc: summary(NUMBERS[index] as number) } as never
      })
    }
  })
  await workspace.close()
  const place = { workspace: folder, project: 'iris', experiment: 'logged' }
  const quiet = { code: false, environment: false, quiet: true } as const
  for (const k of [1, 2]) {
    const run = await startRun({ ...place, ...quiet, params: { k } })
    run.log({ loss: 1 / k, acc: Number.NaN }, { step: 0, time: 1_700_000_000_123 })
    run.log({ loss: Number.POSITIVE_INFINITY }, { step: 1, split: 'test', time: 1_700_000_001_000 })
    run.row('cases', { id: 'one', run: 'mine', score: k === 1 ? 0.5 : 'none' })
    if (k === 2) run.row('cases', { id: 'two', deep: { a: [1] } })
    await run.finish()
  }
}

describe('runtree export of tables', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk()
    await fill(desk)
  })
  after(() => desk.remove())

  const path = (name: string): string => join(desk.folder, name)
  const done = async (...args: string[]): Promise<Answer> => {
    const answer = await desk.ask(['export', ...args])
    expect(answer, answer.err).to.include({ status: 0 })
    return answer
  }
  const refused = async (status: number, text: string, ...args: string[]): Promise<void> => {
    const answer = await desk.ask(['export', ...args])
    expect(answer).to.include({ status })
    expect(answer.err).to.contain(text)
  }
  const lines = (name: string): readonly string[] =>
    readFileSync(path(name), 'utf8').trimEnd().split('\n')

  it('writes runs as CSV that RFC 4180 reads back', async () => {
    const { err } = await done('e', 'runs.csv', '-s', 'k')
    expect(err).to.contain('Wrote 3 rows to runs.csv.')
    const rows = await askDuckDb(
      `from read_csv('${path('runs.csv')}', all_varchar = true, allow_quoted_nulls = false)`
    )
    expect(rows.map(({ run }) => run)).to.deep.equal([A, B, C])
    expect(rows.map(({ name }) => name)).to.deep.equal([NASTY, null, null])
    expect(rows.map((row) => row['params.text'])).to.deep.equal([NASTY, '', NASTY])
    expect(rows.map((row) => row['metrics.acc'])).to.deep.equal(['1.5', 'NaN', '-Infinity'])
    expect(rows.map((row) => row['params.mixed'])).to.deep.equal(['1', 'one', 'true'])
    expect(rows[0]).to.include({
      tags: '["x","y"]',
      'params.list': '["NaN",0]',
      'params.model.depth': '0',
      started: '2026-01-01T00:00:00.250Z'
    })
    expect(Object.keys(rows[0])).to.not.include.members(['params.model', 'seed', 'notes'])
  })

  it('writes runs as JSON lines', async () => {
    await done(
      'e',
      'runs.jsonl',
      '-s',
      'k',
      '-f',
      'k < 2',
      '-c',
      'name,metrics.acc,tags,seed,params.text'
    )
    expect(lines('runs.jsonl').map((line) => JSON.parse(line))).to.deep.equal([
      { run: A, name: NASTY, 'metrics.acc': 1.5, tags: ['x', 'y'], 'params.text': NASTY },
      { run: B, 'metrics.acc': 'NaN', tags: [], 'params.text': '' }
    ])
  })

  it('writes runs as Parquet that DuckDB reads, each column of one type', async () => {
    await done('e', 'runs.parquet', '-s', 'k')
    const file = `read_parquet('${path('runs.parquet')}')`
    const types = await askDuckDb(`select column_name, column_type from (describe from ${file})`)
    const typeOf = new Map(types.map((each) => [each.column_name, each.column_type]))
    expect(typeOf.get('params.k')).to.equal('DOUBLE')
    expect(typeOf.get('params.ok')).to.equal('BOOLEAN')
    expect(typeOf.get('params.mixed')).to.equal('VARCHAR')
    expect(typeOf.get('started')).to.match(/^TIMESTAMP/)
    expect(typeOf.get('tags')).to.equal('VARCHAR')
    expect(
      await askDuckDb(
        `select run, "params.text" as text, "params.mixed" as mixed, "metrics.acc" as acc, "params.ok" as ok,
          epoch_ms(started) as started, tags from ${file} order by "params.k"`
      )
    ).to.deep.equal([
      {
        run: A,
        text: NASTY,
        mixed: '1',
        acc: 1.5,
        ok: false,
        started: '1767225600250',
        tags: '["x","y"]'
      },
      {
        run: B,
        text: '',
        mixed: 'one',
        acc: 'NaN',
        ok: true,
        started: '1767312000250',
        tags: '[]'
      },
      {
        run: C,
        text: NASTY,
        mixed: 'true',
        acc: '-Infinity',
        ok: true,
        started: '1767398400250',
        tags: '[]'
      }
    ])
    // NaN is greater than every number there, as in PostgreSQL; no statistics hide a row.
    const above = `select run from ${file} where "metrics.acc" > 1 order by run`
    expect((await askDuckDb(above)).map(({ run }) => run)).to.deep.equal([A, B])
  })

  it('writes Parquet that another reader understands', async () => {
    await done('e', 'other.parquet', '-s', '-k', '-n', '2', '-c', 'k,started,acc,text,name')
    const bytes = new Uint8Array(readFileSync(path('other.parquet')))
    const file = bytes.buffer as ArrayBuffer
    expect(parquetMetadata(file).created_by).to.contain('runtree')
    expect(await parquetReadObjects({ file })).to.deep.equal([
      {
        run: C,
        k: 2,
        started: new Date('2026-01-03T00:00:00.250Z'),
        acc: Number.NEGATIVE_INFINITY,
        text: NASTY,
        name: null
      },
      {
        run: B,
        k: 1,
        started: new Date('2026-01-02T00:00:00.250Z'),
        acc: Number.NaN,
        text: '',
        name: null
      }
    ])
  })

  it('writes the points of series', async () => {
    await done('logged', 'points.parquet', '--series', '-s', 'k')
    const rows = await askDuckDb(
      `select step, epoch_ms(time) as ms, metric, split, value
        from '${path('points.parquet')}' order by run, step, metric`
    )
    expect(rows).to.have.length(6)
    expect(rows.filter(({ metric }) => metric === 'acc').map(({ value }) => value)).to.deep.equal([
      'NaN',
      'NaN'
    ])
    expect(rows.find(({ step }) => step === 1)).to.deep.equal({
      step: 1,
      ms: '1700000001000',
      metric: 'loss',
      split: 'test',
      value: 'Infinity'
    })
    const [, run] = await desk.json('find', 'exists(params.k)', '--in', 'logged', '-s', '-k')
    await done(run.address, 'one.csv', '--series', '-c', 'metric,value')
    expect(lines('one.csv')).to.deep.equal([
      'run,metric,value',
      `${run.address},loss,1`,
      `${run.address},acc,NaN`,
      `${run.address},loss,Infinity`
    ])
  })

  it('writes the rows of a result, values of several types as text', async () => {
    await done('logged', 'cases.parquet', '--rows', 'cases', '-s', 'k')
    const rows = await askDuckDb(`from '${path('cases.parquet')}'`)
    expect(rows.map(({ run: _, ...row }) => row)).to.deep.equal([
      { id: 'one', 'row.run': 'mine', score: '0.5', deep: null },
      { id: 'one', 'row.run': 'mine', score: 'none', deep: null },
      { id: 'two', 'row.run': null, score: null, deep: '{"a":[1]}' }
    ])
    const joined = await askDuckDb(
      `select count(*)::int as rows from '${path('cases.parquet')}' cases
        join '${path('points.parquet')}' points using (run)`
    )
    expect(joined).to.deep.equal([{ rows: 9 }])
    await refused(1, '/results/none', 'logged', 'x.csv', '--rows', 'none')
    await refused(2, 'There is no column nope', 'logged', 'x.csv', '--rows', 'cases', '-c', 'nope')
    expect(existsSync(path('x.csv'))).to.equal(false)
  })

  it('writes what the recipe of docs/CLI.md asks DuckDB for', async () => {
    const page = readFileSync(new URL('../../docs/CLI.md', import.meta.url), 'utf8')
    const [, commands = '', sql = ''] =
      /```console\n([^`]*runs\.parquet[^`]*)```\n\n```sql\n([^`]*)```/.exec(page) ?? []
    const args = commands.match(/(?<=\$ runtree export train ).*/g) ?? []
    expect(args).to.deep.equal(['runs.parquet', 'points.parquet --series'])
    for (const line of args) await done('logged', ...line.split(' '), '--force')
    const [grouped, joined] = sql
      .replaceAll(/'(\w+\.parquet)'/g, (_, name) => `'${path(name)}'`)
      .replaceAll('params.optimizer', 'status')
      .replaceAll('params.lr', 'params.k')
      .replaceAll('metrics.accuracy', 'params.k')
      .split(';')
    expect(await askDuckDb(grouped as string)).to.deep.equal([
      { optimizer: 'finished', runs: '2', accuracy: 1.5 }
    ])
    const points = await askDuckDb(joined as string)
    expect(points.map(({ lr, step, loss }) => [lr, step, loss])).to.deep.equal([
      [1, 0, 1],
      [1, 1, 'Infinity'],
      [2, 0, 0.5],
      [2, 1, 'Infinity']
    ])
  })

  it('writes tables without rows', async () => {
    for (const ending of ['csv', 'parquet']) {
      await done('e', `none.${ending}`, '-f', 'k > 99', '-c', 'k')
      expect(await askDuckDb(`from '${path(`none.${ending}`)}'`), ending).to.deep.equal([])
    }
    await done('e', 'none.jsonl', '-f', 'k > 99')
    expect(readFileSync(path('none.jsonl'), 'utf8')).to.equal('')
  })

  it('reads runs as they were at a commit', async () => {
    const [{ commitOid }] = await desk.json('history', 'e')
    await desk.ask(['edit', 'e', '-f', 'k = 0', '-t', 'late'])
    await done(`e@${commitOid}`, 'then.jsonl', '-f', 'k = 0', '-c', 'tags')
    expect(JSON.parse(lines('then.jsonl')[0] as string).tags).to.deep.equal(['x', 'y'])
    await desk.ask(['edit', 'e', '-f', 'k = 0', '--untag', 'late'])
  })

  it('replaces a file only when asked, and never what a link leads to', async () => {
    writeFileSync(path('secret'), 'mine')
    symlinkSync(path('secret'), path('link.csv'))
    await refused(2, '--force', 'e', 'link.csv')
    await done('e', 'link.csv', '--force')
    expect(lstatSync(path('link.csv')).isSymbolicLink()).to.equal(false)
    expect(readFileSync(path('secret'), 'utf8')).to.equal('mine')
    await refused(2, 'is there already', 'e', 'link.csv')
    mkdirSync(path('folder.csv'))
    await refused(1, 'it is a folder', 'e', 'folder.csv', '--force')
    await refused(2, 'There is no folder', 'e', 'missing/x.csv')
    await refused(2, 'are for tables', 'e', 'out', '--series')
    await refused(2, 'two tables', 'e', 'x.csv', '--series', '--rows', 'cases')
    const { out } = await done('e', 'file.csv', '--json')
    expect(JSON.parse(out)).to.deep.include({ file: path('file.csv'), rows: 3 })
  })

  it('leaves nothing behind when it is stopped or fails', async () => {
    const stopping = new AbortController()
    const context = fakeContext({
      signal: stopping.signal,
      files: {
        ...createNodeFileSystem(),
        openNew: (file: string) => createNodeFileSystem().openAppend(file),
        resolve: path
      } as never
    })
    writeFileSync(path('kept.jsonl'), 'before')
    const before = readdirSync(desk.folder).sort()
    const columns = [{ name: 'n', kind: 'number' }] as const
    const target = { path: 'kept.jsonl', form: 'jsonl', force: true } as const
    const failing = async function* (fail: () => void): AsyncGenerator<readonly Row[]> {
      yield [[1]]
      expect(readdirSync(desk.folder)).to.have.length(before.length + 1)
      fail()
      yield [[2]]
    }
    const refuse = (): never => {
      throw new TypeError('the source broke')
    }
    for (const fail of [refuse, () => stopping.abort(new Error('stopped'))]) {
      const source: TableSource = { columns, read: () => failing(fail) }
      const error = await writeTable(context, source, target).catch((reason: unknown) => reason)
      expect(String(error)).to.match(/the source broke|stopped/)
      expect(readdirSync(desk.folder).sort()).to.deep.equal(before)
      expect(readFileSync(path('kept.jsonl'), 'utf8')).to.equal('before')
    }
  })

  it('hears that it is to stop, though it reads and writes without a pause', async () => {
    const stopping = new AbortController()
    const context = fakeContext({
      signal: stopping.signal,
      now: Date.now,
      sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
      files: {
        ...createNodeFileSystem(),
        openNew: (file: string) => createNodeFileSystem().openAppend(file),
        resolve: path
      } as never
    })
    setTimeout(() => stopping.abort(new Error('stopped')), 0)
    const source: TableSource = {
      columns: [{ name: 'n', kind: 'number' }],
      async *read() {
        const end = Date.now() + 60_000
        while (Date.now() < end) yield [[1]]
      }
    }
    const target = { path: 'endless.csv', form: 'csv', force: false } as const
    const error = await writeTable(context, source, target).catch((reason: unknown) => reason)
    expect(String(error)).to.contain('stopped')
  })

  it('writes many rows in groups', async () => {
    const context = fakeContext({
      files: {
        ...createNodeFileSystem(),
        openNew: (file: string) => createNodeFileSystem().openAppend(file),
        resolve: path
      } as never
    })
    const columns = [{ name: 'n' }, { name: 'text' }, { name: 'half' }]
    const source: TableSource = {
      columns,
      async *read() {
        for (let from = 0; from < 45_000; from += 500) {
          yield Array.from({ length: 500 }, (_, index) => {
            const n = from + index
            return [n, `row ${n}`, n % 2 === 0 ? n / 2 : undefined]
          })
        }
      }
    }
    const target = { path: 'many.parquet', form: 'parquet', force: false } as const
    expect(await writeTable(context, source, target)).to.equal(45_000)
    const file = path('many.parquet')
    const bytes = new Uint8Array(readFileSync(file))
    expect(parquetMetadata(bytes.buffer as ArrayBuffer).row_groups).to.have.length(3)
    expect(
      await askDuckDb(
        `select count(*)::int as rows, sum(n)::double as sum, count(half)::int as halves,
          count(distinct text)::int as texts from '${file}'`
      )
    ).to.deep.equal([{ rows: 45_000, sum: (45_000 * 44_999) / 2, halves: 22_500, texts: 45_000 }])
  })
})
