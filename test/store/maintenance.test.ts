import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import type { FileSystem } from '../../src/base/platform.ts'
import { PathIndex } from '../../src/git/path-index.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import type { ObjectKey } from '../../src/model/kinds.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { fsck, git, withTempFolder } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import {
  collect,
  openInFolder,
  type TestWorkspace,
  type TestWorkspaceOptions
} from '../support/workspaces.ts'

const packsOf = (folder: string): number =>
  readdirSync(`${folder}/vision.git/objects/pack`).filter((name) => name.endsWith('.pack')).length

/** Stores texts as loose objects, by the git program, and an hour ago. */
function makeLoose(folder: string, count: number): readonly string[] {
  const [repository, texts] = [`${folder}/vision.git`, `${folder}/texts`]
  mkdirSync(texts)
  const files = Array.from({ length: count }, (_, k) => `${texts}/${k}`)
  for (const file of files) writeFileSync(file, `text of ${file}\n`)
  const names = git(repository, ['hash-object', '-w', '--stdin-paths'], {
    input: files.map((file) => `${file}\n`).join('')
  })
  const oids = names.trim().split('\n')
  const hourAgo = Date.now() / 1000 - 3600
  for (const oid of oids) {
    utimesSync(`${repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`, hourAgo, hourAgo)
  }
  return oids
}

/** Puts commits on the experiment by the git program, as who imports a history does. */
function importCommits(folder: string, count: number): void {
  const ref = 'refs/heads/experiments/train'
  const commits = Array.from({ length: count }, (_, k) => {
    const from = k === 0 ? `from ${ref}^0\n` : ''
    const head = `commit ${ref}\ncommitter Ada <ada@example.org> ${1_800_000_000 + k} +0000\ndata 1\nc\n`
    return `${head}${from}M 100644 inline notes/${k % 50}/${k}\ndata 1\nx\n`
  })
  git(`${folder}/vision.git`, ['fast-import', '--quiet'], { input: commits.join('') })
}

/** Counts the commits of which it is noted what they changed. */
function countNoted(folder: string): number {
  const bytes = readFileSync(`${folder}/vision.git/runtree/cache/changed-paths`)
  return PathIndex.parse(bytes, createNodePlatform().hash)?.count ?? 0
}

async function putRuns(workspace: Workspace, count: number): Promise<void> {
  for (let k = 0; k < count; k++) {
    await workspace.runs.create({ in: 'vision/train', name: `run ${k}`, params: { k } })
  }
}

async function openFilled(options: TestWorkspaceOptions = {}): Promise<TestWorkspace> {
  const made = openInFolder(undefined, options)
  await made.workspace.projects.create({ name: 'Vision' })
  await made.workspace.experiments.create({ name: 'Train', in: 'vision' })
  return made
}

describe('upkeep of a project', () => {
  it('knows the history of what was put since, changed and removed, as git does', async () => {
    const { workspace, folder, project } = await openFilled()
    const { maintenance } = await project()
    maintenance.preparePaths()
    await maintenance.settle()
    const made = await workspace.runs.create({ in: 'vision/train', name: 'one' })
    await Promise.all([1, 2, 3].map(() => putRuns(workspace, 2)))
    await workspace.runs.update(made.address, { name: 'another' })
    await workspace.experiments.create({ name: 'Later', in: 'vision' })
    await workspace.runs.create({ in: 'vision/later', name: 'two' })
    await workspace.runs.delete(made.address)
    await putRuns(workspace, 1)
    const ask = async (key: ObjectKey): Promise<readonly string[]> =>
      collect((await project()).history(key))
    for (const experiment of ['train', 'later']) {
      const key = { kind: 'experiment', experiment } as const
      const [branch, path] = [`experiments/${experiment}`, `experiments/${experiment}`]
      const log = git(`${folder}/vision.git`, ['log', '--format=%H', branch, '--', path])
      expect(await ask(key)).to.deep.equal(log.trim().split('\n'))
    }
    const run = made.id
    const place = `experiments/train/runs/${run[0]}/${run[1]}/${run}`
    const log = git(`${folder}/vision.git`, [
      'log',
      '--format=%H',
      'experiments/train',
      '--',
      place
    ])
    expect(log.trim().split('\n')).to.have.lengthOf(3)
    expect(await ask({ kind: 'run', experiment: 'train', run })).to.deep.equal(
      log.trim().split('\n')
    )
  })

  it('keeps the number of packs small by itself', async () => {
    const made = await openFilled()
    await putRuns(made.workspace, 200)
    await (await made.project()).maintenance.settle()
    expect(packsOf(made.folder)).to.be.at.most(50)
    expect(await collect(made.workspace.runs.list({ in: 'vision/train' }))).to.have.lengthOf(200)
    await made.close()
  })

  it('leaves at most 50 packs and 2,000 loose objects, whoever made them', async () => {
    const made = await openFilled({ dangling: false })
    await putRuns(made.workspace, 130)
    await made.workspace.close()
    const oids = makeLoose(made.folder, 3000)
    const countOf = (what: string): number => {
      const counts = git(`${made.folder}/vision.git`, ['count-objects', '-v'])
      return Number(new RegExp(`^${what}: (\\d+)$`, 'm').exec(counts)?.[1])
    }
    expect(countOf('count')).to.be.at.least(3000)
    const next = made.reopen()
    await putRuns(next.workspace, 60)
    await (await next.project()).maintenance.settle()
    expect(countOf('packs')).to.be.at.most(50)
    expect(countOf('count')).to.be.at.most(2000)
    const checked = git(`${made.folder}/vision.git`, ['cat-file', '--batch-check'], {
      input: oids.map((oid) => `${oid}\n`).join('')
    })
    expect(checked).to.not.contain('missing')
    expect(await collect(next.workspace.runs.list({ in: 'vision/train' }))).to.have.lengthOf(190)
    await next.workspace.close()
    await made.close()
  })

  it('bounds what is pulled, and what is pushed to a folder', async () => {
    const remotes = makeRemoteHost()
    const made = await openFilled({ remotes })
    const remote = `${made.folder}/remote/vision.git`
    git(made.folder, ['clone', '--quiet', '--bare', 'vision.git', remote])
    await made.workspace.remotes.add('origin', remote)
    const other = openInFolder(undefined, { remotes })
    await other.workspace.clone(remote)
    for (let k = 0; k < 44; k++) {
      await putRuns(made.workspace, 1)
      await made.workspace.push()
      await other.workspace.pull()
    }
    await (await other.project()).maintenance.settle()
    expect(packsOf(other.folder)).to.be.at.most(50)
    expect(packsOf(`${made.folder}/remote`)).to.be.at.most(50)
    expect(await collect(other.workspace.runs.list({ in: 'vision/train' }))).to.have.lengthOf(44)
    expect(fsck(remote)).to.equal('')
    await other.close()
    await made.close()
  })

  it('notes what commits changed bit by bit, after a put and after a clone', async () => {
    const remotes = makeRemoteHost()
    const made = await openFilled({ remotes })
    await made.workspace.close()
    importCommits(made.folder, 4500)
    const other = openInFolder(undefined, { remotes })
    await other.workspace.clone(`${made.folder}/vision.git`)
    await (await other.project()).maintenance.settle()
    expect(countNoted(other.folder)).to.equal(4096)
    await other.close()
    for (const least of [4096, 4500]) {
      const next = made.reopen()
      await putRuns(next.workspace, 1)
      await (await next.project()).maintenance.settle()
      expect(countNoted(made.folder))
        .to.be.at.least(least)
        .and.at.most(least + 4)
      const runs = await collect(next.workspace.runs.list({ in: 'vision/train' }))
      const history = await collect(next.workspace.runs.history(runs[0]?.address ?? ''))
      expect(history).to.have.lengthOf(1)
      await next.workspace.close()
    }
    await made.close()
  })

  it('does not go on noting when a process ends, which keeps what it has', async () => {
    const made = await openFilled()
    await made.workspace.close()
    importCommits(made.folder, 300)
    const platform = createNodePlatform()
    let begin: () => void = () => undefined
    // What lets others come to their turn never gets its own again, until it is ended.
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      if (ms > 0) return platform.timers.sleep(ms, signal)
      begin()
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    }
    const slow = { ...platform, timers: { ...platform.timers, sleep } }
    for (const noted of [64, 128]) {
      const begun = new Promise<void>((resolve) => {
        begin = resolve
      })
      const next = made.reopen({ platform: slow })
      await putRuns(next.workspace, 1)
      await begun
      await next.workspace.close()
      expect(countNoted(made.folder)).to.equal(noted)
    }
    await made.close()
  })

  it('is done by processes of one put each', async () => {
    const made = await openFilled()
    for (let k = 0; k < 60; k++) {
      const once = made.reopen()
      await putRuns(once.workspace, 1)
      await once.workspace.close()
    }
    expect(packsOf(made.folder)).to.be.at.most(41)
    await made.close()
  })

  it('neither delays nor fails a put, and tells of its failure', async () => {
    await withTempFolder(async (folder) => {
      const files = createNodeFileSystem()
      const full: FileSystem = {
        ...files,
        async openAppend(path) {
          if (!path.includes('tmp_pack_maintenance')) return files.openAppend(path)
          throw Object.assign(new TypeError('no space'), { code: 'ENOSPC' })
        }
      }
      const host = {
        files: full,
        platform: createNodePlatform(),
        committer: async () => ({ name: 'Ada', email: 'ada@example.org' })
      }
      const store = new WorkspaceStore(host, folder)
      const workspace = createWorkspace(store, { project: 'vision' })
      const failures: unknown[] = []
      workspace.events.on('maintenance', ({ project, error }) => failures.push(project, error))
      await workspace.projects.create({ name: 'Vision' })
      await workspace.experiments.create({ name: 'Train', in: 'vision' })
      await putRuns(workspace, 80)
      await workspace.close()
      expect(failures).to.have.lengthOf(2)
      expect(failures[0]).to.equal('vision')
      expect(failures[1]).to.include({ code: 'ENOSPC' })
      expect(packsOf(folder)).to.be.above(80)
      expect(fsck(`${folder}/vision.git`)).to.equal('')
    })
  })

  it('ends a merge that takes long when the workspace is closed', async () => {
    await withTempFolder(async (folder) => {
      const platform = createNodePlatform()
      let waits = 0
      // A merge that lets others come to their turn never gets its own again, until it is ended.
      const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
        if (ms > 0) return
        waits++
        await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason))
        })
      }
      const slow = { ...platform, timers: { ...platform.timers, sleep } }
      const host = {
        files: createNodeFileSystem(),
        platform: slow,
        committer: async () => ({ name: 'Ada', email: 'ada@example.org' })
      }
      const workspace = createWorkspace(new WorkspaceStore(host, folder), { project: 'vision' })
      await workspace.projects.create({ name: 'Vision' })
      await workspace.experiments.create({ name: 'Train', in: 'vision' })
      for (let k = 0; k < 45; k++) {
        const notes = randomBytes(40_000).toString('hex')
        await workspace.runs.create({ in: 'vision/train', notes })
      }
      expect(waits).to.equal(1)
      const before = packsOf(folder)
      await workspace.close()
      expect(packsOf(folder)).to.equal(before)
      const files = readdirSync(`${folder}/vision.git/objects/pack`)
      expect(files.filter((name) => name.startsWith('tmp_'))).to.deep.equal([])
      expect(fsck(`${folder}/vision.git`)).to.equal('')
    })
  })

  it('several processes that put at once leave few packs and lose nothing', async () => {
    const made = await openFilled()
    const script = new URL('../support/put-runs.ts', import.meta.url).pathname
    const args = ['--import', 'tsx', script, made.folder, 'vision/train']
    const ends = ['a', 'b', 'c'].map(
      (name) =>
        new Promise((resolve) => {
          const child = spawn(process.execPath, [...args, name, '60'], { stdio: 'inherit' })
          child.once('exit', resolve)
        })
    )
    expect(await Promise.all(ends)).to.deep.equal([0, 0, 0])
    expect(packsOf(made.folder)).to.be.at.most(60)
    expect(await collect(made.workspace.runs.list({ in: 'vision/train' }))).to.have.lengthOf(180)
    await made.close()
  })

  it('gc packs all projects, or one, and reads as before', async () => {
    const made = await openFilled()
    const { workspace, folder } = made
    await workspace.projects.create({ name: 'Other' })
    await putRuns(workspace, 30)
    const before = await collect(workspace.runs.list({ in: 'vision/train' }))
    const progress: number[] = []
    const reports = await workspace.gc({ onProgress: (done) => progress.push(done) })
    expect(reports.map(({ project }) => project)).to.deep.equal(['other', 'vision'])
    expect(reports[1]).to.include({ packsAfter: 1, looseAfter: 0 })
    expect(progress).to.not.deep.equal([])
    expect(await collect(workspace.runs.list({ in: 'vision/train' }))).to.deep.equal(before)
    await putRuns(workspace, 3)
    const [again, ...others] = await workspace.gc({ in: 'vision' })
    expect(others).to.deep.equal([])
    expect(again).to.include({ project: 'vision', packsBefore: 4, packsAfter: 1 })
    expect(git(`${folder}/vision.git`, ['count-objects', '-v'])).to.contain('packs: 1\n')
    await made.close()
  })

  it('gc needs no git program', async () => {
    const made = await openFilled()
    await putRuns(made.workspace, 5)
    const cli = new URL('../../src/cli/main.ts', import.meta.url).pathname
    const output = execFileSync(process.execPath, ['--import', 'tsx', cli, 'gc', '--json'], {
      env: { PATH: '/nowhere', HOME: made.folder, RUNTREE_HOME: made.folder },
      encoding: 'utf8'
    })
    expect(JSON.parse(output)[0]).to.include({ project: 'vision', packsAfter: 1 })
    expect(packsOf(made.folder)).to.equal(1)
    await made.close()
  })
})
