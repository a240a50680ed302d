import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect } from 'chai'

import { type Desk, openDesk } from '../cli/desk.ts'
import { git } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'

const LEVELS = 10_000
const EVIL = 'refs/heads/experiments/evil'
const AUTHOR = 'author A <a@b> 1800000000 +0000\ncommitter A <a@b> 1800000000 +0000\n'

/** Each reads the experiment in another way, one changes it. */
const COMMANDS = [
  ['ls', 'evil', '--all'],
  ['show', 'evil'],
  ['history', 'evil'],
  ['find', 'status = running'],
  ['status'],
  ['create', 'run', '--in', 'evil'],
  ['export', 'evil', 'out', '--force'],
  ['verify']
]
const UNEXPECTED = /unexpected|TypeError|RangeError|at .*\.ts:/

interface Entry {
  readonly mode: string
  readonly name: string
  readonly oid: string
}

/** Plants trees of so many entries, commits of a tenth as many parents, and much else that nobody should make. */
export function testObjects(many: number): void {
  const parents = many / 10

  let desk: Desk
  let repository: string
  let server: GitHttpServer
  let empty: string
  let record: string
  let good: string
  /** How many runs the other experiment has. */
  let runs = 1

  before(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'vision'])
    await desk.ask(['create', 'experiment', 'fine'])
    await desk.ask(['create', 'run', '--in', 'fine'])
    await desk.ask(['create', 'experiment', 'evil'])
    repository = join(desk.folder, '.runtree', 'vision.git')
    server = await serveGitHttp(join(desk.folder, '.runtree'))
    empty = write('blob', Buffer.alloc(0))
    record = git(repository, ['rev-parse', `${EVIL}:experiments/evil/experiment.yaml`]).trim()
    good = git(repository, ['rev-parse', EVIL]).trim()
  })
  after(async () => {
    await server.close()
    await desk.remove()
  })
  beforeEach(() => plantRef(EVIL, good))

  function write(type: string, content: Buffer): string {
    const args = ['hash-object', '-w', '-t', type, '--literally', '--stdin']
    return git(repository, args, { input: content }).trim()
  }

  function writeTree(entries: readonly Entry[]): string {
    const parts = entries.map(({ mode, name, oid }) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')])
    )
    return write('tree', Buffer.concat(parts))
  }

  /** Makes a tree the folder of the experiment, with its record, or the root of its branch. */
  function plantFolder(entries: readonly Entry[]): void {
    const all = [...entries, { mode: '100644', name: 'experiment.yaml', oid: record }]
    const sorted = all.sort((a, b) => Buffer.compare(keyOf(a), keyOf(b)))
    plantExperiment(writeTree(sorted))
  }

  function plantExperiment(oid: string): void {
    const inner = writeTree([{ mode: '40000', name: 'evil', oid }])
    plantTree(writeTree([{ mode: '40000', name: 'experiments', oid: inner }]))
  }

  function plantTree(oid: string): void {
    plantCommit(Buffer.from(`tree ${oid}\nparent ${good}\n${AUTHOR}\nx\n`))
  }

  function plantCommit(content: Buffer): void {
    plantRef(EVIL, write('commit', content))
  }

  /** Git itself would refuse some of them. */
  function plantRef(ref: string, oid: string): void {
    mkdirSync(dirname(join(repository, ref)), { recursive: true })
    writeFileSync(join(repository, ref), `${oid}\n`)
  }

  const blobs = (count: number, prefix = ''): Entry[] =>
    Array.from({ length: count }, (_, index) => ({
      mode: '100644',
      name: `${prefix}${String(index).padStart(7, '0')}`,
      oid: empty
    }))

  /**
   * Expects that every command ends well or with a coded error, that the other experiment is read as
   * before, and that a clone has all of it or nothing.
   */
  async function expectBorne(): Promise<void> {
    for (const command of COMMANDS) await ask(command, [0, 1])
    const { out } = await ask(['ls', 'fine', '--json'], [0])
    expect(JSON.parse(out)).to.have.length(runs)
    await ask(['create', 'run', '--in', 'fine'], [0])
    runs++
    await expectCloned()
  }

  async function ask(command: readonly string[], allowed: readonly number[]) {
    const answer = await desk.ask(command)
    const said = `${command.join(' ')}\n${answer.err.slice(-1500)}`
    expect(UNEXPECTED.test(answer.err), said).to.equal(false)
    expect(answer.status, said).to.be.oneOf(allowed)
    return answer
  }

  async function expectCloned(): Promise<void> {
    const other = await openDesk()
    try {
      const { status, err } = await other.ask(['clone', `${server.url}/vision.git`])
      expect(UNEXPECTED.test(err), err).to.equal(false)
      const folder = join(other.folder, '.runtree')
      const clone = join(folder, 'vision.git')
      expect(status, err).to.be.oneOf([0, 1])
      if (status !== 0)
        expect(
          readdirSync(folder).filter((name) => name !== '.gitignore'),
          err
        ).to.deep.equal([])
      else expect(git(clone, ['fsck', '--connectivity-only', '--no-dangling'])).to.equal('')
    } finally {
      await other.remove()
    }
  }

  it(`are borne: a folder of ${many} files`, async () => {
    plantFolder(blobs(many))
    await expectBorne()
  })

  it(`are borne: ${many} runs whose names are none`, async () => {
    const oid = writeTree(blobs(many, 'run '))
    plantFolder([{ mode: '40000', name: 'runs', oid }])
    await expectBorne()
  })

  it(`are borne: folders ${LEVELS} deep`, async () => {
    const path = Array<string>(LEVELS).fill('d').join('/')
    const stream = `commit ${EVIL}\ncommitter A <a@b> 1800000000 +0000\ndata 1\nx\nfrom ${good}\nM 100644 ${empty} experiments/evil/${path}/f\n`
    git(repository, ['fast-import', '--quiet', '--force'], { input: stream })
    await expectBorne()
  })

  const TREES: readonly (readonly [name: string, entries: () => readonly Entry[]])[] = [
    ['in a wrong order', () => [...blobs(3)].reverse()],
    ['with names twice', () => [...blobs(3), ...blobs(3)]],
    ['with a mode of zero', () => [{ mode: '0', name: 'x', oid: empty }]],
    ['with a mode of a device', () => [{ mode: '20666', name: 'x', oid: empty }]],
    ['with a mode without end', () => [{ mode: '7'.repeat(5000), name: 'x', oid: empty }]],
    ['with a name of 100 kB', () => [{ mode: '100644', name: 'x'.repeat(100_000), oid: empty }]],
    ['with an empty name', () => [{ mode: '100644', name: '', oid: empty }]],
    ['with a file for a folder', () => [{ mode: '40000', name: 'runs', oid: empty }]],
    [
      'with a folder that is not there',
      () => [{ mode: '40000', name: 'runs', oid: 'a'.repeat(40) }]
    ]
  ]
  for (const [name, entries] of TREES) {
    it(`are borne: a tree ${name}`, async () => {
      plantExperiment(
        writeTree([{ mode: '100644', name: 'experiment.yaml', oid: record }, ...entries()])
      )
      await expectBorne()
    })
  }

  const tree = (): string => git(repository, ['rev-parse', `${good}^{tree}`]).trim()
  const COMMITS: readonly (readonly [name: string, content: () => string])[] = [
    [
      `with ${parents} parents`,
      () => `tree ${tree()}\n${`parent ${good}\n`.repeat(parents)}${AUTHOR}\nx\n`
    ],
    [
      'with a header of 20 MB',
      () => `tree ${tree()}\nparent ${good}\n${AUTHOR}x ${'y'.repeat(20_000_000)}\n\nx\n`
    ],
    [
      'with 100,000 headers',
      () => `tree ${tree()}\nparent ${good}\n${AUTHOR}${'x y\n'.repeat(100_000)}\nx\n`
    ],
    [
      'with a message of 5 MB',
      () => `tree ${tree()}\nparent ${good}\n${AUTHOR}\n${'x: y\n'.repeat(1_000_000)}`
    ],
    ['without end', () => `tree ${tree()}\nparent ${good}\nauthor A`],
    ['without a tree', () => `parent ${good}\n${AUTHOR}\nx\n`],
    ['with a blob for a tree', () => `tree ${empty}\nparent ${good}\n${AUTHOR}\nx\n`],
    [
      'with a parent that is not there',
      () => `tree ${tree()}\nparent ${'b'.repeat(40)}\n${AUTHOR}\nx\n`
    ],
    [
      'from the year 292277026596',
      () =>
        `tree ${tree()}\nparent ${good}\n${AUTHOR.replaceAll('1800000000', '9223372036854775807')}\nx\n`
    ]
  ]
  for (const [name, content] of COMMITS) {
    it(`are borne: a commit ${name}`, async () => {
      plantCommit(Buffer.from(content()))
      await expectBorne()
    })
  }

  it('are borne: tags of tags of tags', async () => {
    let oid = good
    let type = 'commit'
    for (let level = 0; level < 100; level++) {
      oid = write(
        'tag',
        Buffer.from(`object ${oid}\ntype ${type}\ntag t\ntagger A <a@b> 1 +0000\n\nx\n`)
      )
      type = 'tag'
    }
    const tags = { deep: oid, noise: write('tag', Buffer.from('noise')), blob: empty }
    for (const [name, tag] of Object.entries(tags)) plantRef(`refs/tags/snapshots/${name}`, tag)
    await ask(['ls', 'fine', '--at', 'snapshots/deep'], [0, 1, 2])
    await ask(['show', 'fine@snapshots/noise'], [0, 1, 2])
    await expectBorne()
    for (const name of Object.keys(tags)) rmSync(join(repository, 'refs/tags/snapshots', name))
  })

  it('are borne: refs in circles, in the place of others, of noise, and of strange names', async () => {
    const heads = join(repository, 'refs', 'heads', 'experiments')
    const strange = [
      'round',
      'about',
      'outside',
      'long',
      'x\x1b[2Jy',
      '-oProxy',
      'link',
      'up',
      'self'
    ]
    writeFileSync(join(heads, 'round'), 'ref: refs/heads/experiments/about\n')
    writeFileSync(join(heads, 'about'), 'ref: refs/heads/experiments/round\n')
    writeFileSync(join(heads, 'outside'), 'ref: refs/../../../../etc/passwd\n')
    writeFileSync(join(heads, 'long'), Buffer.alloc(50 << 20))
    writeFileSync(join(heads, 'x\x1b[2Jy'), `${good}\n`)
    writeFileSync(join(heads, '-oProxy'), `${good}\n`)
    symlinkSync('/etc/passwd', join(heads, 'link'))
    symlinkSync('..', join(heads, 'up'))
    symlinkSync('self', join(heads, 'self'))
    const lines = ['../../x', 'refs/heads/../../x', 'refs/heads/a b', 'refs/heads/x.lock', 'HEAD']
    const long = `refs/heads/${'x'.repeat(100_000)}`
    writeFileSync(
      join(repository, 'packed-refs'),
      [
        ...[...lines, long].map((name) => `${good} ${name}`),
        ...Array.from({ length: 50_000 }, (_, number) => `${number} noise \x1b[2J`),
        '^'.repeat(1000),
        'x'.repeat(1_000_000)
      ].join('\n')
    )
    await expectBorne()
    rmSync(join(repository, 'packed-refs'))
    for (const name of strange) rmSync(join(heads, name))
  })

  it('are borne: a loose object that becomes far more than it says', async () => {
    const content = Buffer.concat([Buffer.from('tree 10\0'), Buffer.alloc(60 << 20)])
    const oid = 'c0ffee'.padEnd(40, '0')
    mkdirSync(join(repository, 'objects', oid.slice(0, 2)), { recursive: true })
    writeFileSync(join(repository, 'objects', oid.slice(0, 2), oid.slice(2)), deflateSync(content))
    plantTree(oid)
    const before = process.resourceUsage().maxRSS * 1024
    await expectBorne()
    expect(process.resourceUsage().maxRSS * 1024 - before).to.be.below(1 << 30)
  })
}

/** Git orders folders as if a slash followed their names. */
function keyOf({ mode, name }: Entry): Buffer {
  return Buffer.from(mode === '40000' ? `${name}/` : name)
}
