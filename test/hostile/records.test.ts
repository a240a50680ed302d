import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { isCoded } from '../../src/base/errors.ts'
import { openWorkspace } from '../../src/node.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { type Desk, openDesk } from '../cli/desk.ts'
import { git } from '../support/git.ts'
import { createTestTracking } from '../support/tracking.ts'
import { collect } from '../support/workspaces.ts'

const HEAD =
  'schema: run/1\nstatus: finished\nattempt: 2026-01-01T00:00:00.000Z k3f9q2\ncreated: 2026-01-01T00:00:00.000Z\n'

/** An alias that stands for ten others, nine levels high: a thousand million texts. */
function aliasBomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 10; level++) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`
    )
  }
  return `${HEAD}params:\n${lines.map((line) => `  ${line}\n`).join('')}`
}

/** What a `run.yaml` may hold that somebody else wrote, and whether the run can be read all the same. */
const RECORDS: readonly (readonly [name: string, content: string | Uint8Array, isRead: boolean])[] =
  [
    ['an alias bomb', aliasBomb(), false],
    ['a member __proto__', `${HEAD}params:\n  __proto__:\n    polluted: true\n`, true],
    ['a constructor', `${HEAD}params:\n  constructor:\n    prototype:\n      polluted: 1\n`, true],
    ['__proto__ as a field', `${HEAD}__proto__:\n  status: failed\n`, true],
    ['a custom tag', `${HEAD}params:\n  a: !!js/function "() => 1"\n`, false],
    ['another tag', `${HEAD}params: !<tag:x> {a: 1}\n`, false],
    ['a key twice', `${HEAD}status: failed\n`, false],
    ['a merge key', `${HEAD}params:\n  <<: {a: 1}\n`, false],
    ['two documents', `${HEAD}---\n${HEAD}`, false],
    ['bytes that are no UTF-8', new Uint8Array([...encodeUtf8(`${HEAD}name: `), 0xff, 10]), false],
    ['NUL', `${HEAD}name: "\0"\n`, true],
    ['depth in brackets', `${HEAD}params: {a: ${'['.repeat(100_000)}}\n`, false],
    ['depth in dashes', `${HEAD}params:\n  a: ${'- '.repeat(50_000)}x\n`, false],
    ['depth in lines', HEAD + deepLines(200), false],
    ['a number without end', `${HEAD}params:\n  a: 1e999\n`, false],
    ['one of many digits', `${HEAD}params:\n  a: 1${'0'.repeat(400)}.5\n`, false],
    ['infinity in words', `${HEAD}params:\n  a: .inf\n  b: .nan\n`, true],
    ['a whole number without end', `${HEAD}params:\n  a: ${'9'.repeat(5000)}\n`, false],
    ['nothing', '', false],
    ['a list', '- 1\n', false],
    ['a text of 17 MB', `${HEAD}notes: ${'x'.repeat(17_000_000)}\n`, false],
    ['escapes of terminals', `${HEAD}name: "\\e]0;owned\\a\\e[2J"\ntags: ["\\e[31m"]\n`, true],
    ['a version to come', HEAD.replace('run/1', 'run/99'), false],
    ['another kind', HEAD.replace('run/1', 'dataset/1'), false],
    ['fields of wrong forms', `${HEAD}params: 1\nmetrics: [2]\ntags: {a: 1}\n`, false],
    ['a summary of wrong form', `${HEAD}metrics:\n  acc:\n    last: x\n`, false]
  ]

function deepLines(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => `${'  '.repeat(level)}a:\n`)
  return `params:\n${lines.map((line) => `  ${line}`).join('')}`
}

/** Parts of rows, series and logs of the run that is good. */
const PARTS: readonly (readonly [path: string, content: string | Uint8Array])[] = [
  [
    'results/cases/zzzzzz-0000.jsonl',
    `{"id": 7, "correct": true, "deep": ${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`
  ],
  [
    'results/cases/zzzzzz-0001.jsonl',
    `{"id": ${'['.repeat(200_000)}${']'.repeat(200_000)}, "correct": true}\n`
  ],
  [
    'results/cases/zzzzzz-0002.jsonl',
    '{"__proto__": {"polluted": 1}, "id": 8, "correct": true}\n[1]\nnull\n{"id": 1e999}\n{"id"\n'
  ],
  ['results/cases/zzzzzz-0003.jsonl', new Uint8Array([0xff, 0xfe, 10, 0, 10])],
  [
    'results/cases/zzzzzz-0004.jsonl',
    `{"id": 9, "correct": true, "text": "${'y'.repeat(3_000_000)}"}\n`
  ],
  ['results/cases/zzzzzz-99999999999999999999.jsonl', '{"id": 10}\n'],
  [
    'series/zzzzzz-0000.tsv',
    'step\ttime\tmetric\tsplit\tvalue\n1e999\t1\ta\t\t1\n1\t1\t__proto__\t\t2\n\u001b[2J\t1\ta\t\t1\nx\n1\t1\t\u001b]0;x\u0007\t\t1\n'
  ],
  ['series/zzzzzz-0001.tsv', `1\t1\t${'m'.repeat(1_000_000)}\t\t1\n${'\t'.repeat(1_000_000)}\n`],
  ['log/zzzzzz-0000.txt', '\u001b[2J\u001b]0;owned\u0007\r\0text\n'],
  ['splits/x.yaml', 'schema: split/1\nname: x\nname: y\n'],
  ['computations/x.yaml', `schema: computation/1\nparams: ${'['.repeat(10_000)}\n`],
  ['metrics/x.yaml', 'schema: metric/1\nname: x\nvalue: !!binary "AA=="\n'],
  ['artifacts/x.ref.yaml', 'schema: artifact/1\nuri: [\n'],
  ['environment.yaml', `schema: environment/1\nhost: &a x\nuser: *a\n`]
]

describe('records that somebody else wrote', () => {
  let desk: Desk
  let good: string
  let workspace: Workspace
  const ids: string[] = []

  before(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'vision'])
    const tracking = createTestTracking(join(desk.folder, '.runtree'))
    const run = await tracking.startRun({ project: 'vision', experiment: 'e', params: { lr: 1 } })
    run.log({ acc: 0.5 })
    run.row('cases', { id: 1, correct: true }, { key: 'id' })
    await run.finish()
    await tracking.store.close()
    good = run.address
    for (const index of RECORDS.keys())
      ids.push(`${'k'.repeat(10)}${String(index).padStart(2, '0')}`)
    plant()
    workspace = await openWorkspace({ folder: join(desk.folder, '.runtree'), project: 'vision' })
  })
  after(async () => {
    await workspace?.close()
    await desk.remove()
  })

  /** Writes all of it with git into the experiment's branch. */
  function plant(): void {
    const folder = (id: string): string => `experiments/e/runs/${id[0]}/${id[1]}/${id}`
    const files: [string, string | Uint8Array][] = [
      ...RECORDS.map(([, content], index): [string, string | Uint8Array] => [
        `${folder(ids[index] as string)}/run.yaml`,
        content
      ]),
      ...PARTS.map(([path, content]): [string, string | Uint8Array] => [
        `${folder(good.split('/').at(-1) as string)}/${path}`,
        content
      ])
    ]
    const branch = 'refs/heads/experiments/e'
    const chunks: Uint8Array[] = [
      encodeUtf8(
        `commit ${branch}\ncommitter E <e@e> 1800000000 +0000\ndata 1\nx\nfrom ${branch}^0\n`
      )
    ]
    for (const [path, content] of files) {
      const bytes = typeof content === 'string' ? encodeUtf8(content) : content
      chunks.push(
        encodeUtf8(`M 100644 inline ${path}\ndata ${bytes.length}\n`),
        bytes,
        encodeUtf8('\n')
      )
    }
    const repository = join(desk.folder, '.runtree', 'vision.git')
    git(repository, ['fast-import', '--quiet', '--force'], { input: Buffer.concat(chunks) })
  }

  it('are read, or refused with a code; the others are read', async () => {
    for (const [index, [name, , isRead]] of RECORDS.entries()) {
      const address = `vision/e/${ids[index]}`
      const outcome = await workspace.runs.get(address).then(
        (found) => (found === undefined ? 'absent' : 'read'),
        (error: unknown) => (isCoded(error) ? 'refused' : String(error))
      )
      expect(outcome, name).to.equal(isRead ? 'read' : 'refused')
    }
    expect({}).not.to.have.property('polluted')
  })

  it('hide no other run in a list, a search, a table or a group, and are each told of once', async () => {
    const readable = RECORDS.filter(([, , isRead]) => isRead).length + 1
    const damaged: string[] = []
    const onDamaged = ({ path }: { readonly path: string }): void => void damaged.push(path)
    expect(await collect(workspace.runs.list({ in: 'e', onDamaged }))).to.have.length(readable)
    expect(new Set(damaged).size).to.equal(RECORDS.length + 1 - readable)
    expect(damaged).to.have.length(new Set(damaged).size)
    expect((await workspace.runs.find({ in: 'e' })).rows).to.have.length(readable)
    expect((await workspace.runs.find({ in: 'e', filter: 'environment.host = x' })).total).to.equal(
      0
    )
    expect((await workspace.runs.group({ in: 'e', by: ['status'] })).total).to.equal(readable)
    expect((await workspace.runs.find({ filter: 'params.lr = 1' })).rows).to.have.length(1)
  })

  it('leave what can be read of rows, series and text', async () => {
    const rows = await collect(workspace.runs.rows(good, 'cases'))
    expect(rows.map(({ id }) => id)).to.include.members([1, 8, 9])
    expect(JSON.stringify(rows.map(({ id }) => id))).not.to.contain('[[')
    const points = await collect(workspace.runs.series(good))
    expect(points.map(({ metric }) => metric)).to.include.members(['acc', '__proto__'])
    expect((await workspace.runs.text(good)).text).to.contain('text')
    const { comparisons, sides } = await workspace.runs.compareRows([good, good], 'cases')
    expect(comparisons[1]?.counts.changed).to.equal(0)
    expect(sides[0]?.broken).to.be.greaterThan(2)
    const { unreadable } = await workspace.runs.compare([good, good])
    expect(unreadable.map(({ what }) => what)).to.deep.equal(['environment', 'environment'])
    for (const kind of ['splits', 'computations', 'metrics', 'environments'] as const) {
      const damaged: unknown[] = []
      const onDamaged = (damage: unknown): void => void damaged.push(damage)
      await collect(workspace[kind].list({ in: good, onDamaged }) as AsyncIterable<unknown>)
      expect(damaged, kind).to.have.length(1)
    }
  })

  it('stop no command, and reach no terminal', async () => {
    const evil = `vision/e/${ids[RECORDS.findIndex(([name]) => name.startsWith('escapes'))]}`
    const bomb = `vision/e/${ids[0]}`
    const commands: readonly (readonly string[])[] = [
      [],
      ['ls'],
      ['ls', 'e', '--all'],
      ['ls', 'e', '--csv'],
      ['find', 'status = finished'],
      ['find', '--by', 'status', '--of', 'metrics.acc'],
      ['best', 'acc', '--max'],
      ['show', good],
      ['show', evil],
      ['show', `${good}/results/cases`],
      ['show', 'e'],
      ['get', good, '--offline'],
      ['logs', good],
      ['history', good],
      ['artifacts', 'ls', good],
      ['compare', good, evil],
      ['compare', good, good, '--rows', 'cases', '--all'],
      ['watch', '--once'],
      ['export', 'e', join(desk.folder, 'out')],
      ['export', good, '--json'],
      ['verify'],
      ['status'],
      ['snapshot'],
      ['show', bomb],
      ['get', bomb, '--offline'],
      ['compare', good, bomb],
      ['export', bomb, join(desk.folder, 'bomb')]
    ]
    const REFUSED = 4
    for (const [index, args] of commands.entries()) {
      const { status, out, err } = await desk.ask(args, {
        isTerminal: true,
        env: { NO_COLOR: '1' }
      })
      const said = `${args.join(' ')}\n${err.slice(-1500)}`
      expect(err, said).not.to.contain('unexpected')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be printed
      const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
      if (!args.includes('get')) expect(out, said).not.to.match(raw)
      expect(err, said).not.to.match(raw)
      const isRefused = index >= commands.length - REFUSED || args[0] === 'verify'
      expect(status, said).to.equal(isRefused ? 1 : 0)
    }
    expect(readdirSync(desk.folder)).to.include('out')
  })
})
