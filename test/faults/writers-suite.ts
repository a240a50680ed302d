import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { fsck, git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { skipBecause } from '../support/programs.ts'
import { collect, fillWorkspace, openInFolder, type TestWorkspace } from '../support/workspaces.ts'

const BRANCH = 'experiments/train'
const SCRIPT = fileURLToPath(new URL('../support/put-runs.ts', import.meta.url))

/** How much is written. */
export interface WriterCounts {
  readonly writers: number
  readonly puts: number
  /** Commits that the git program makes meanwhile. */
  readonly commits: number
}

/** Starts a process that puts runs; with `isolated`, in a namespace of process ids of its own. */
function startWriter(
  { folder }: TestWorkspace,
  name: string,
  puts: number,
  isolated = false
): ChildProcess {
  const script = ['--import', 'tsx', SCRIPT, folder, 'vision/train', name, `${puts}`]
  const [program, args] = isolated
    ? ['unshare', ['--pid', '--fork', '--mount-proc', process.execPath, ...script]]
    : [process.execPath, script]
  return spawn(program, args, { env: gitEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Waits for a process; throws if it failed. */
async function ended(child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  const status = await new Promise((resolve) => child.on('close', resolve))
  expect(status, said).to.equal(0)
}

/** Runs git commands over and over, one after another, until told to stop; counts them. */
function keepRunning(
  folder: string,
  commands: readonly (readonly string[])[]
): {
  stop(): Promise<number>
} {
  let isStopped = false
  const run = promisify(execFile)
  const work = async (): Promise<number> => {
    for (let turn = 0; ; turn++) {
      if (isStopped && turn >= commands.length) return turn
      const args = commands[turn % commands.length] as readonly string[]
      await run('git', args, { cwd: folder, env: gitEnvironment(), maxBuffer: 1 << 28 })
    }
  }
  const working = work()
  return {
    stop: () => {
      isStopped = true
      return working
    }
  }
}

/** Commits to the experiment with the git program, from a clone, beside everybody else. */
async function commitByGit(clone: string, count: number): Promise<void> {
  const run = promisify(execFile)
  const options = { cwd: clone, env: gitEnvironment() }
  for (let turn = 0; turn < count; turn++) {
    await run('git', ['commit', '--quiet', '--allow-empty', '-m', `by git ${turn}`], options)
    for (let isPushed = false; !isPushed; ) {
      await run('git', ['pull', '--quiet', '--rebase'], options)
      isPushed = await run('git', ['push', '--quiet'], options).then(
        () => true,
        // The branch moved between the two.
        () => false
      )
    }
  }
}

async function expectAllThere(opened: TestWorkspace, names: readonly string[]): Promise<void> {
  const runs = await collect(opened.workspace.runs.list({ in: 'vision/train' }))
  const found = runs.flatMap(({ fields }) => fields.name ?? [])
  expect(found.sort()).to.deep.equal([...names].sort())
  const folder = opened.store.folderOf('vision')
  // Each of them is in the history that git reads, too.
  const log = git(folder, ['log', '--format=%s%n%b', BRANCH])
  for (const { id } of runs) expect(log.includes(id), id).to.equal(true)
  expect(fsck(folder)).to.equal('')
  expect((await opened.workspace.verify()).problems).to.deep.equal([])
}

/** Tests that processes which put to one experiment lose nothing, while git works beside them. */
export function testWriters({ writers, puts, commits }: WriterCounts): void {
  it(`${writers} processes with ${puts} puts each, beside a git that commits, reads, packs and collects`, async () => {
    const opened = openInFolder(undefined, { dangling: false })
    const clone = makeTempFolder()
    try {
      await fillWorkspace(opened)
      const folder = opened.store.folderOf('vision')
      git(clone, ['clone', '--quiet', '--branch', BRANCH, folder, '.'])
      const readers = keepRunning(folder, [
        ['rev-list', '--objects', '--all'],
        ['repack', '-a', '-d', '-q'],
        ['log', '--stat', '-3', BRANCH],
        ['gc', '--quiet'],
        ['pack-refs', '--all']
      ])
      const children = Array.from({ length: writers }, (_, writer) =>
        startWriter(opened, `w${writer}`, puts)
      )
      await Promise.all([...children.map(ended), commitByGit(clone, commits)])
      expect(await readers.stop()).to.be.at.least(5)
      const names = children.flatMap((_, writer) =>
        Array.from({ length: puts }, (_unused, k) => `w${writer} ${k}`)
      )
      await expectAllThere(opened, names)
      const subjects = new Set(git(folder, ['log', '--format=%s', BRANCH]).split('\n'))
      for (let turn = 0; turn < commits; turn++) expect(subjects).to.include(`by git ${turn}`)
    } finally {
      removeTempFolder(clone)
      await opened.close()
    }
  })

  it(`${writers >> 1} processes in two namespaces of process ids`, async function () {
    if (spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0) {
      skipBecause(this, 'namespaces of process ids can’t be made here')
    }
    const opened = openInFolder()
    try {
      await fillWorkspace(opened)
      const children = Array.from({ length: writers >> 1 }, (_, writer) =>
        startWriter(opened, `w${writer}`, puts, writer % 2 === 0)
      )
      await Promise.all(children.map(ended))
      const names = children.flatMap((_, writer) =>
        Array.from({ length: puts }, (_unused, k) => `w${writer} ${k}`)
      )
      await expectAllThere(opened, names)
    } finally {
      await opened.close()
    }
  })
}
