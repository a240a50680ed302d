import * as fs from 'node:fs'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import isomorphicGit from 'isomorphic-git'
import { FIRST_COMMIT_OID } from '../../src/format/constants.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  collect,
  EXECUTION,
  fillWorkspace,
  openInFolder,
  RUN,
  type TestWorkspace
} from '../support/workspaces.ts'

const IN_RUN = `vision/train/${RUN}`
const RUN_FOLDER = `experiments/train/runs/k/3/${RUN}`

async function fillAll(opened: TestWorkspace): Promise<void> {
  const { workspace } = opened
  await fillWorkspace(opened)
  await workspace.datasets.create({ in: 'vision', name: 'Iris', rows: 150 })
  await workspace.views.create({ in: 'vision', name: 'Best', state: {} })
  await workspace.environments.create({ in: IN_RUN, host: 'worker-3' })
  await workspace.splits.create({ in: IN_RUN, name: 'fold 1' })
  await workspace.computations.create({ in: IN_RUN, name: 'train' })
  await workspace.metrics.create({ in: IN_RUN, name: 'test/confusion', value: [[1]] })
  await workspace.results.create({ in: IN_RUN, name: 'cases' })
}

describe('the repository of a project', () => {
  let opened: TestWorkspace
  let folder: string
  beforeEach(async () => {
    opened = openInFolder(createFixedPlatform())
    await fillAll(opened)
    folder = opened.store.folderOf('vision')
  })
  afterEach(() => opened.close())

  it('gives the documented files to git clone', async () => {
    const clone = makeTempFolder()
    git(clone, ['clone', '--quiet', folder, '.'])
    expect(git(clone, ['ls-files']).trim().split('\n')).to.deep.equal([
      '.gitattributes',
      'README.md',
      'datasets/iris/dataset.yaml',
      'project.yaml',
      'views/best.yaml'
    ])
    expect(readFileSync(`${clone}/.gitattributes`, 'utf8')).to.equal('* -text\n')
    expect(readFileSync(`${clone}/README.md`, 'utf8')).to.match(/^# Vision\n/)
    git(clone, ['checkout', '--quiet', 'experiments/train'])
    expect(git(clone, ['ls-files']).trim().split('\n')).to.deep.equal([
      '.gitattributes',
      `experiments/train/executions/3f/${EXECUTION}/execution.yaml`,
      'experiments/train/experiment.yaml',
      `${RUN_FOLDER}/computations/train.yaml`,
      `${RUN_FOLDER}/environment.yaml`,
      `${RUN_FOLDER}/metrics/test/confusion.yaml`,
      `${RUN_FOLDER}/results/cases/result.yaml`,
      `${RUN_FOLDER}/run.yaml`,
      `${RUN_FOLDER}/splits/fold 1.yaml`
    ])
    expect(git(clone, ['status', '--porcelain'])).to.equal('')
    expect(readFileSync(`${clone}/${RUN_FOLDER}/run.yaml`, 'utf8').split('\n')[0]).to.equal(
      'schema: run/1'
    )
    removeTempFolder(clone)
  })

  it('begins with the commit with which every project begins', async () => {
    await opened.workspace.projects.create({ name: 'Speech' })
    await opened.workspace.experiments.create({ in: 'speech', name: 'words' })
    for (const slug of ['vision', 'speech']) {
      const roots = git(opened.store.folderOf(slug), ['rev-list', '--max-parents=0', '--all'])
      expect(roots.trim()).to.equal(FIRST_COMMIT_OID)
    }
    expect(FIRST_COMMIT_OID).to.equal('b459cfa3e237b5606c8e53d654fbd06f77178906')
    const commit = git(folder, ['cat-file', 'commit', FIRST_COMMIT_OID])
    expect(commit).to.equal(
      [
        'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904',
        'author Runtree <runtree@runtree.invalid> 0 +0000',
        'committer Runtree <runtree@runtree.invalid> 0 +0000',
        '',
        'runtree\n'
      ].join('\n')
    )
  })

  it('has a log that reads as a journal', async () => {
    await opened.workspace.runs.update(IN_RUN, { notes: 'seen' })
    await opened.workspace.runs.delete(IN_RUN)
    await opened.workspace.runs.restore(IN_RUN)
    await opened.workspace.transaction(async (transaction) => {
      await transaction.put('split', { in: IN_RUN, name: 'fold 2' })
      await transaction.put('split', { in: IN_RUN, name: 'fold 3' })
    })
    const log = git(folder, ['log', '--format=%s | %an <%ae> | %aI', 'experiments/train'])
    const who = 'Ada <ada@example.org> | 2026-01-01T00:00:00+00:00'
    expect(log.trim().split('\n')).to.deep.equal([
      `put 2 objects in train | ${who}`,
      `restore run ${RUN} | ${who}`,
      `delete run ${RUN} | ${who}`,
      `update run ${RUN} | ${who}`,
      `create result cases of ${RUN} | ${who}`,
      `create metric test/confusion of ${RUN} | ${who}`,
      `create computation train of ${RUN} | ${who}`,
      `create split fold 1 of ${RUN} | ${who}`,
      `create environment of ${RUN} | ${who}`,
      `create run ${RUN} | ${who}`,
      `create execution ${EXECUTION} | ${who}`,
      `create experiment train | ${who}`,
      'runtree | Runtree <runtree@runtree.invalid> | 1970-01-01T00:00:00+00:00'
    ])
    const main = git(folder, ['log', '--format=%s', 'main']).trim().split('\n')
    expect(main).to.deep.equal([
      'create view best',
      'create dataset iris',
      'create project',
      'runtree'
    ])
  })

  it('has the same commits wherever the same things happen at the same time', async () => {
    const other = openInFolder(createFixedPlatform())
    await fillAll(other)
    const heads = (at: TestWorkspace): string =>
      git(at.store.folderOf('vision'), ['for-each-ref', '--format=%(refname) %(objectname)'])
    expect(heads(other)).to.equal(heads(opened))
    await other.close()
  })

  it('is read by isomorphic-git', async () => {
    const gitdir = folder
    const branches = await isomorphicGit.listBranches({ fs, gitdir })
    expect(branches.sort()).to.deep.equal(['experiments/train', 'main'])
    const ref = 'experiments/train'
    const files = await isomorphicGit.listFiles({ fs, gitdir, ref })
    expect(files.sort()).to.deep.equal(
      git(folder, ['ls-tree', '-r', '--name-only', ref]).trim().split('\n').sort()
    )
    const log = await isomorphicGit.log({ fs, gitdir, ref })
    expect(log.map(({ oid }) => oid)).to.deep.equal(
      git(folder, ['rev-list', ref]).trim().split('\n')
    )
    const oid = log[0]?.oid as string
    const { blob } = await isomorphicGit.readBlob({
      fs,
      gitdir,
      oid,
      filepath: `${RUN_FOLDER}/run.yaml`
    })
    expect(new TextDecoder().decode(blob)).to.equal(
      git(folder, ['show', `${ref}:${RUN_FOLDER}/run.yaml`])
    )
  })

  it('is sound after every single operation', async () => {
    const { workspace } = opened
    const operations: readonly (() => Promise<unknown>)[] = [
      () => workspace.runs.update(IN_RUN, { notes: 'n' }),
      () => workspace.runs.create({ in: 'vision/train', id: 'aaaaaaaaaaaa', parent: RUN }),
      () => workspace.metrics.put({ in: IN_RUN, name: 'test/confusion', value: [[2]] }),
      () => workspace.splits.delete(`${IN_RUN}/splits/fold%201`),
      () => workspace.splits.restore(`${IN_RUN}/splits/fold%201`),
      () => workspace.runs.delete(IN_RUN),
      () => workspace.runs.restore(IN_RUN),
      () => workspace.datasets.update('vision/datasets/iris', { rows: 151 }),
      () => workspace.datasets.delete('vision/datasets/iris'),
      () => workspace.projects.update('vision', { notes: 'n' }),
      () => workspace.experiments.delete('vision/train'),
      () => workspace.experiments.restore('vision/train'),
      () => workspace.transaction((t) => t.create('view', { in: 'vision', name: 'x', state: {} }))
    ]
    for (const operation of operations) {
      await operation()
      expect(fsck(folder), String(operation)).to.equal('')
      const unreachable = git(folder, ['fsck', '--unreachable', '--no-progress'])
      expect(unreachable, String(operation)).to.equal('')
      expect(await workspace.verify(), String(operation)).to.deep.include({ problems: [] })
    }
  })

  it('goes on after git packed it, refs and all', async () => {
    git(folder, ['gc', '--quiet', '--prune=now'])
    await opened.workspace.runs.update(IN_RUN, { notes: 'after' })
    const anew = opened.reopen().workspace
    expect((await anew.runs.get(IN_RUN))?.fields.notes).to.equal('after')
    git(folder, ['repack', '-adq'])
    git(folder, ['pack-refs', '--all'])
    expect((await opened.workspace.runs.get(IN_RUN))?.fields.notes).to.equal('after')
    await opened.workspace.experiments.delete('vision/train')
    expect(await opened.workspace.experiments.exists('vision/train')).to.equal(false)
  })

  describe('with a damaged object', () => {
    const ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']
    const told: { readonly path: string; readonly error: unknown }[] = []
    const onDamaged = (damage: (typeof told)[number]): void => void told.push(damage)
    let damaged: string
    beforeEach(async () => {
      told.length = 0
      for (const id of ids) {
        await opened.workspace.runs.create({ in: 'vision/train', id })
        await opened.workspace.splits.create({ in: `vision/train/${id}`, name: id })
      }
    })
    afterEach(() => {
      git(folder, ['update-ref', '-d', 'refs/heads/experiments/train'])
      fs.rmSync(`${folder}/objects/${damaged.slice(0, 2)}/${damaged.slice(2)}`)
      git(folder, ['gc', '--quiet', '--prune=now'])
    })
    const damage = (path: string): void => {
      damaged = git(folder, ['rev-parse', `experiments/train:${path}`]).trim()
      damageObject(folder, damaged)
    }
    const RUNS = 'experiments/train/runs'

    it('that is a record, lists the other runs and tells which is bad', async () => {
      damage(`${RUNS}/a/a/aaaaaaaaaaaa/run.yaml`)
      const { runs } = opened.reopen().workspace
      const listed = await collect(runs.list({ in: 'train', onDamaged }))
      expect(listed.map(({ id }) => id)).to.deep.equal(['bbbbbbbbbbbb', RUN])
      expect(told.map(({ path }) => path)).to.deep.equal([`${RUNS}/a/a/aaaaaaaaaaaa/run.yaml`])
      expect(told[0]?.error).to.include({ code: 'GIT_OBJECT_DAMAGED' })
      const { problems } = await opened.reopen().workspace.verify()
      expect(problems.map(({ code }) => code)).to.include('GIT_OBJECT_DAMAGED')
    })

    it('that is the folder of a run, lists the other runs and what lies in them', async () => {
      damage(`${RUNS}/a/a/aaaaaaaaaaaa`)
      const { runs, splits } = opened.reopen().workspace
      const listed = await collect(runs.list({ in: 'train', onDamaged }))
      expect(listed.map(({ id }) => id)).to.deep.equal(['bbbbbbbbbbbb', RUN])
      const inRuns = await collect(splits.list({ in: 'train', onDamaged }))
      expect(inRuns.map(({ id }) => id)).to.deep.equal(['bbbbbbbbbbbb', 'fold 1'])
      const path = `${RUNS}/a/a/aaaaaaaaaaaa`
      expect(told.map((each) => each.path)).to.deep.equal([path, path])
    })

    it('that is the top of an experiment, lists the other experiments and their runs', async () => {
      await opened.workspace.experiments.create({ in: 'vision', name: 'other' })
      await opened.workspace.runs.create({ in: 'vision/other', id: 'cccccccccccc' })
      damage('experiments/train')
      const { runs, experiments } = opened.reopen().workspace
      const listed = await collect(runs.list({ onDamaged }))
      expect(listed.map(({ id }) => id)).to.deep.equal(['cccccccccccc'])
      const found = await collect(experiments.list({ onDamaged }))
      expect(found.map(({ id }) => id)).to.deep.equal(['other'])
      expect(told).to.have.length(2)
    })
  })
})

/** Puts an object by itself into a file whose content is another's. */
function damageObject(folder: string, oid: string): void {
  const packs = readdirSync(`${folder}/objects/pack`).filter((name) => name.endsWith('.pack'))
  mkdirSync(`${folder}/aside`)
  for (const name of packs) {
    const pack = `objects/pack/${name.slice(0, -5)}`
    fs.renameSync(`${folder}/${pack}.pack`, `${folder}/aside/${name}`)
    fs.rmSync(`${folder}/${pack}.idx`)
  }
  for (const name of packs) {
    git(folder, ['unpack-objects', '-q'], { input: readFileSync(`${folder}/aside/${name}`) })
  }
  fs.rmSync(`${folder}/aside`, { recursive: true })
  const path = `${folder}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`
  const bytes = readFileSync(path)
  bytes[bytes.length - 5] = (bytes.at(-5) as number) ^ 0xff
  fs.chmodSync(path, 0o644)
  fs.writeFileSync(path, bytes)
}
