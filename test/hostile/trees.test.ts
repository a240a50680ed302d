import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { experimentRef } from '../../src/format/paths.ts'
import { applyDelta } from '../../src/git/delta.ts'
import { type Desk, openDesk } from '../cli/desk.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { makeRemoteHost, writeHook } from '../support/remotes.ts'
import { type Member, makeEmptyOrigin, openMember, startProject } from '../support/team.ts'

const TRAIN = experimentRef('train')
const TRACE = 'trace-of-a-hook'

/** A name that a run's artifact may have in a tree that somebody else made. */
const NAMES = [
  '..',
  '.git',
  '.GIT',
  '...',
  'C:\\x',
  'a\\..\\b',
  'CON',
  'nul.txt',
  '\x1b]0;owned\x07',
  'e\u0301',
  '\u00e9',
  'A',
  'a'
]

interface Entry {
  readonly mode: string
  readonly name: string
  readonly oid: string
}

describe('a tree that somebody else made', () => {
  let desk: Desk
  let repository: string
  let run: string
  beforeEach(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'vision'])
    await desk.ask(['create', 'experiment', 'train'])
    run = (await desk.json('create', 'run', '--in', 'train')).address
    repository = join(desk.folder, '.runtree', 'vision.git')
  })
  afterEach(() => desk.remove())

  /** Puts entries into the folder of the run's artifacts, whatever their names. */
  function plant(entries: readonly Entry[]): void {
    const id = run.split('/').at(-1) as string
    const folders = ['experiments', 'train', 'runs', id[0] as string, id[1] as string, id]
    let oid = makeTree(entries)
    let mode = '40000'
    let name = 'artifacts'
    for (let depth = folders.length; depth >= 0; depth--) {
      const at = `${TRAIN}^{tree}`
      const path = folders.slice(0, depth).join('/')
      const spec = path === '' ? at : `${TRAIN}:${path}`
      const kept = listTree(spec).filter((entry) => entry.name !== name)
      oid = makeTree([...kept, { mode, name, oid }])
      mode = '40000'
      name = folders[depth - 1] ?? ''
    }
    const parent = git(repository, ['rev-parse', TRAIN]).trim()
    const commit = git(repository, ['commit-tree', '-p', parent, '-m', 'x', oid]).trim()
    git(repository, ['update-ref', TRAIN, commit])
    const planted = listTree(`${TRAIN}:${folders.join('/')}/artifacts`)
    expect(planted.map(({ name }) => name)).to.have.members(entries.map(({ name }) => name))
  }

  function listTree(spec: string): readonly Entry[] {
    const lines = git(repository, ['ls-tree', '-z', spec]).split('\0').filter(Boolean)
    return lines.map((line) => {
      const [head = '', name = ''] = line.split('\t')
      const [mode = '', , oid = ''] = head.split(' ')
      return { mode: mode.replace(/^0/, ''), name, oid }
    })
  }

  function makeTree(entries: readonly Entry[]): string {
    const keyed = entries.map((entry) => ({
      entry,
      key: Buffer.from(entry.mode === '40000' ? `${entry.name}/` : entry.name)
    }))
    keyed.sort((a, b) => Buffer.compare(a.key, b.key))
    const parts = keyed.map(({ entry: { mode, name, oid } }) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')])
    )
    const args = ['hash-object', '-w', '-t', 'tree', '--literally', '--stdin']
    return git(repository, args, { input: Buffer.concat(parts) }).trim()
  }

  const blob = (text: string): string =>
    git(repository, ['hash-object', '-w', '--stdin'], { input: text }).trim()

  for (const [index, name] of NAMES.entries()) {
    it(`with the name ${JSON.stringify(name)} writes nothing elsewhere and prints nothing raw`, async () => {
      const oid = blob(TRACE)
      const inner = makeTree([{ mode: '100644', name: TRACE, oid }])
      const isFolder = index % 2 === 0
      plant([isFolder ? { mode: '40000', name, oid: inner } : { mode: '100644', name, oid }])
      await expectContained()
    })
  }

  for (const target of ['/etc/passwd', '../../../..', '.']) {
    it(`with a link to ${target} is exported without following it`, async () => {
      plant([
        { mode: '120000', name: 'link', oid: blob(target) },
        { mode: '100644', name: 'other', oid: blob('x') }
      ])
      await expectContained()
    })
  }

  it('with names that are one on other systems is read and exported', async () => {
    const names = ['A', 'a', 'e\u0301', '\u00e9', 'CON', 'con']
    plant(names.map((name) => ({ mode: '100644', name, oid: blob(name) })))
    await expectContained()
  })

  it('with a submodule is read and exported', async () => {
    plant([{ mode: '160000', name: 'module', oid: 'a'.repeat(40) }])
    await expectContained()
  })

  /** Every command that looks at the run ends well or with a coded error, inside of its target. */
  async function expectContained(): Promise<void> {
    const before = readdirSync(desk.folder).sort()
    const commands = [
      ['show', run],
      ['artifacts', 'ls', run],
      ['history', run],
      ['verify'],
      ['export', run, 'out'],
      ['artifacts', 'get', run, '--output', 'got']
    ]
    for (const command of commands) {
      const { status, out, err } = await desk.ask(command)
      const printed = out + err
      expect(printed, command.join(' ')).to.not.include('\x1b').and.not.include('\x07')
      expect(status, printed).to.be.oneOf([0, 1, 2])
      expect(printed).to.not.match(/TypeError|RangeError|at .*\.ts:/)
    }
    const after = readdirSync(desk.folder).filter((name) => !['out', 'got'].includes(name))
    expect(after.sort()).to.deep.equal(before)
    for (const folder of ['out', 'got'].map((name) => join(desk.folder, name))) {
      if (!existsSync(folder)) continue
      const types = readdirSync(folder, { withFileTypes: true, recursive: true })
      expect(types.filter((entry) => entry.isSymbolicLink())).to.deep.equal([])
      expect(types.some(({ name }) => /^\.git$/i.test(name))).to.equal(false)
    }
    expect(readFileSync(join(repository, 'HEAD'), 'utf8')).to.equal('ref: refs/heads/main\n')
  }
})

describe('a repository that somebody else made', () => {
  let folder: string
  let ada: Member
  beforeEach(async () => {
    folder = makeTempFolder()
    ada = openMember(makeRemoteHost())
    await startProject(ada.workspace)
  })
  afterEach(async () => {
    await ada.close()
    removeTempFolder(folder)
  })

  it('has hooks, filters and programs in its config, of which none runs', async () => {
    const origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    await ada.workspace.remotes.add('origin', origin)
    const trace = `${folder}/${TRACE}`
    const touch = `touch ${trace}; cat`
    const arm = (repository: string): void => {
      mkdirSync(`${repository}/hooks`, { recursive: true })
      for (const hook of [
        'pre-receive',
        'update',
        'post-receive',
        'post-update',
        'reference-transaction',
        'pre-push',
        'post-commit',
        'pre-auto-gc',
        'proc-receive'
      ]) {
        writeHook(repository, hook, [`touch ${trace}`])
      }
      for (const name of [
        'core.sshCommand',
        'core.fsmonitor',
        'core.gitProxy',
        'filter.lfs.clean',
        'filter.lfs.smudge',
        'filter.lfs.process',
        'diff.external',
        'uploadpack.packObjectsHook',
        'credential.helper',
        'gpg.program',
        'core.pager',
        'core.editor'
      ]) {
        git(repository, ['config', name, name === 'credential.helper' ? `!${touch}` : touch])
      }
      mkdirSync(`${repository}/info`, { recursive: true })
      writeFileSync(`${repository}/info/attributes`, '* filter=lfs diff=x\n')
    }
    arm(origin)
    arm(ada.repository)
    await ada.workspace.runs.create({ in: 'vision/train' })
    await ada.workspace.push()
    const bob = openMember(makeRemoteHost())
    await bob.workspace.clone(origin)
    await bob.workspace.runs.create({ in: 'vision/train' })
    await bob.workspace.push()
    await ada.workspace.pull()
    await ada.workspace.gc()
    await ada.workspace.verify()
    await bob.close()
    expect(existsSync(trace)).to.equal(false)
    git(origin, ['update-ref', 'refs/heads/x', git(origin, ['rev-parse', 'main']).trim()])
    expect(existsSync(trace), 'the hook would have left a trace').to.equal(true)
    git(origin, ['config', '--remove-section', 'core'])
    writeFileSync(
      `${ada.repository}/config`,
      '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'
    )
  })
})

describe('a delta that claims gigabytes', () => {
  it('is refused before memory is set aside for it', () => {
    const claim = new Uint8Array([10, 0xff, 0xff, 0xff, 0xff, 0x07, 0x90, 10])
    const before = process.memoryUsage().arrayBuffers
    expect(applyDelta(new Uint8Array(10), claim)).to.equal(undefined)
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(1 << 20)
  })
})
