import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { openWorkspace } from '../../src/node.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { findWorkspace } from '../../src/store/workspace-folder.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { collect } from '../support/workspaces.ts'

const TRAIN = 'refs/heads/experiments/train'

describe('a project that git works on beside', () => {
  let folder: string
  let home: string
  let workspace: Workspace
  let ids: string[]
  beforeEach(async () => {
    folder = makeTempFolder()
    home = `${folder}/home`
    workspace = await open()
    await workspace.projects.create({ name: 'Vision' })
    await workspace.experiments.create({ name: 'Train' })
    ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']
    for (const id of ids) await workspace.runs.create({ in: 'train', id, notes: id })
  })
  afterEach(async () => {
    await workspace.close()
    removeTempFolder(folder)
  })

  const open = (): Promise<Workspace> => openWorkspace({ folder: home, project: 'vision' })
  const here = (...args: string[]): string => git(`${home}/vision.git`, args).trim()
  const reopen = async (): Promise<void> => {
    await workspace.close()
    workspace = await open()
  }
  const idsOf = async (place = 'vision/train'): Promise<readonly string[]> =>
    (await collect(workspace.runs.list({ in: place }))).map(({ id }) => id)

  /** Clones the project with git into the workspace. */
  const clone = async (name: string, ...args: string[]): Promise<void> => {
    git(folder, [
      'clone',
      '-q',
      '--bare',
      ...args,
      `file://${home}/vision.git`,
      `${home}/${name}.git`
    ])
    await reopen()
  }

  it('is read and written where its folder is a link, and counts as a project', async () => {
    await workspace.close()
    renameSync(`${home}/vision.git`, `${folder}/elsewhere.git`)
    symlinkSync(`${folder}/elsewhere.git`, `${home}/vision.git`)
    symlinkSync(`${folder}/nowhere.git`, `${home}/gone.git`)
    writeFileSync(`${folder}/file`, '')
    symlinkSync(`${folder}/file`, `${home}/file.git`)
    workspace = await open()
    await workspace.runs.create({ in: 'train' })
    expect(await idsOf()).to.have.length(3)
    const projects = await collect(workspace.projects.list())
    expect(projects.map(({ project }) => project)).to.deep.equal(['vision'])
    const { records, problems } = await workspace.verify()
    expect([records, problems]).to.deep.equal([5, []])
    expect(fsck(`${folder}/elsewhere.git`)).to.equal('')
  })

  it('is found where the workspace’s folder is a link', async () => {
    mkdirSync(`${folder}/work/deep`, { recursive: true })
    symlinkSync(home, `${folder}/work/.runtree`)
    const search = { runtreeHome: undefined, cwd: `${folder}/work/deep`, home: `${folder}/none` }
    const found = await findWorkspace(createNodeFileSystem(), search)
    expect(found).to.equal(`${folder}/work/.runtree`)
  })

  it('is read from a partial clone of git’s own, of a folder', async () => {
    here('config', 'uploadpack.allowFilter', 'true')
    here('config', 'uploadpack.allowAnySHA1InWant', 'true')
    await clone('part', '--filter=blob:none')
    expect(await idsOf('part/train')).to.have.members(ids)
    await workspace.runs.create({ in: 'part/train' })
    expect((await workspace.verify({ in: 'part' })).problems).to.deep.equal([])
    expect(fsck(`${home}/part.git`)).to.equal('')
  })

  it('brings all of the history to a shallow clone of git’s own, of a folder', async () => {
    await clone('shallow', '--depth', '1', '--no-single-branch')
    expect(existsSync(`${home}/shallow.git/shallow`)).to.equal(true)
    expect(await idsOf('shallow/train')).to.have.members(ids)
    expect(await collect(workspace.runs.history(`shallow/train/${ids[0]}`))).to.have.length(1)
    const commits = git(`${home}/shallow.git`, ['rev-list', '--count', TRAIN]).trim()
    expect(commits).to.equal(here('rev-list', '--count', TRAIN))
    expect(fsck(`${home}/shallow.git`)).to.equal('')
  })

  it('tells of a folder that is gone from which objects are borrowed', async () => {
    git(folder, ['clone', '-q', '--bare', '--shared', `${home}/vision.git`, `${home}/shared.git`])
    await reopen()
    await workspace.runs.create({ in: 'shared/train' })
    expect(await idsOf('shared/train')).to.have.length(3)
    expect((await workspace.verify({ in: 'shared' })).problems).to.deep.equal([])
    await workspace.close()
    renameSync(`${home}/vision.git`, `${folder}/away.git`)
    workspace = await open()
    const { problems } = await workspace.verify({ in: 'shared' })
    expect(problems.map(({ code }) => code)).to.include.members([
      'GIT_ALTERNATE_GONE',
      'GIT_OBJECT_MISSING'
    ])
    // What it had lies where the remote has moved to.
    rmSync(`${home}/shared.git/objects/info/alternates`)
    git(`${home}/shared.git`, ['remote', 'set-url', 'origin', `${folder}/away.git`])
    const repaired = await workspace.verify({ in: 'shared', repair: true })
    expect(repaired.problems.filter(({ isMended }) => !isMended)).to.deep.equal([])
    await reopen()
    expect(await idsOf('shared/train')).to.have.length(3)
  })

  it('keeps in the history what a work tree of git took out of a branch', async () => {
    here('worktree', 'add', '-q', `${folder}/tree`, 'experiments/train')
    const { id } = await workspace.runs.create({ in: 'train' })
    writeFileSync(`${folder}/tree/README.md`, 'by hand')
    git(`${folder}/tree`, ['add', 'README.md'])
    git(`${folder}/tree`, ['commit', '-q', '-m', 'by hand'])
    expect(await idsOf()).to.have.members(ids)
    await workspace.runs.restore(`train/${id}`)
    expect(await idsOf()).to.have.members([...ids, id])
    await workspace.gc({ graceMs: 0 })
    expect(await idsOf()).to.have.members([...ids, id])
    expect(fsck(`${home}/vision.git`)).to.equal('')
  })

  it('reads objects as they are, whatever is to replace them', async () => {
    const path = here('ls-tree', '-r', '--name-only', TRAIN)
      .split('\n')
      .find((each) => each.endsWith(`${ids[0]}/run.yaml`)) as string
    const blob = here('rev-parse', `${TRAIN}:${path}`)
    const other = git(`${home}/vision.git`, ['hash-object', '-w', '--stdin'], { input: 'noise' })
    here('replace', blob, other.trim())
    mkdirSync(`${home}/vision.git/info`, { recursive: true })
    writeFileSync(`${home}/vision.git/info/grafts`, `${here('rev-parse', TRAIN)}\n`)
    await reopen()
    expect((await workspace.runs.get(`train/${ids[0]}`))?.fields.notes).to.equal(ids[0])
    await workspace.runs.create({ in: 'train' })
    expect(await collect(workspace.runs.history(`train/${ids[0]}`))).to.have.length(1)
    await workspace.gc({ graceMs: 0 })
    expect((await workspace.verify()).problems).to.deep.equal([])
    rmSync(`${home}/vision.git/info/grafts`)
    here('replace', '-d', blob)
    expect(fsck(`${home}/vision.git`)).to.equal('')
    expect(await idsOf()).to.have.length(3)
  })
})
