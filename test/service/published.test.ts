import { expect } from 'chai'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  collect,
  failure,
  fillWorkspace,
  openInFolder,
  RUN,
  type TestWorkspace
} from '../support/workspaces.ts'

const IN_RUN = `vision/train/${RUN}`
const BRANCH = 'refs/heads/experiments/train'

describe('an experiment that was published in main', () => {
  let opened: TestWorkspace
  let clone: string
  beforeEach(async () => {
    opened = openInFolder()
    await fillWorkspace(opened)
    clone = makeTempFolder()
    git(clone, ['clone', '--quiet', opened.store.folderOf('vision'), '.'])
    publish()
  })
  afterEach(async () => {
    removeTempFolder(clone)
    await opened.close()
  })

  /** Merges the branch into `main` as a forge does, and deletes it. Throws if there is a conflict. */
  function publish(...options: readonly string[]): void {
    git(clone, ['fetch', '--quiet', '--prune'])
    git(clone, ['merge', '--quiet', ...options, '-m', 'Merge', 'origin/experiments/train'])
    if (options.includes('--squash')) git(clone, ['commit', '--quiet', '-m', 'Squashed'])
    git(clone, ['push', '--quiet', 'origin', 'main', ':experiments/train'])
  }

  const branch = async (): Promise<string | undefined> =>
    (await opened.project()).repository.refs.read(BRANCH)

  it('is read and listed as before, without a branch', async () => {
    expect(await branch()).to.equal(undefined)
    const { experiments, runs, executions } = opened.workspace
    expect((await experiments.get('vision/train'))?.fields.name).to.equal('Train')
    expect((await runs.get('k3f9'))?.fields.params).to.deep.equal({ k: 5 })
    expect((await collect(runs.list())).map(({ address }) => address)).to.deep.equal([IN_RUN])
    expect(await collect(experiments.list())).to.have.length(1)
    expect(await collect(executions.list({ in: 'train' }))).to.have.length(1)
    const history = await collect(runs.history(IN_RUN))
    expect(history.map(({ operation }) => operation)).to.deep.equal(['create'])
    expect(await branch()).to.equal(undefined)
  })

  it('gets its branch again with the first write, which goes on where it was merged', async () => {
    const { runs } = opened.workspace
    const before = await collect(opened.workspace.experiments.history('vision/train'))
    await runs.update(IN_RUN, { notes: 'later' })
    expect(await branch()).to.be.a('string')
    const history = await collect(opened.workspace.experiments.history('vision/train'))
    expect(history.slice(1)).to.deep.equal(before)
    const folder = opened.store.folderOf('vision')
    const files = git(folder, ['ls-tree', '-r', '--name-only', BRANCH]).trim().split('\n')
    expect(files.filter((path) => !path.startsWith('experiments/train/'))).to.deep.equal([
      '.gitattributes'
    ])
    expect((await runs.get(IN_RUN))?.fields).to.deep.include({ notes: 'later', params: { k: 5 } })
  })

  it('can be published again and again, changed as it may be', async () => {
    const { experiments, runs, datasets } = opened.workspace
    for (const [turn, id] of ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'].entries()) {
      await runs.update(IN_RUN, { notes: `turn ${turn}`, params: { k: turn } })
      await experiments.update('vision/train', { notes: `turn ${turn}` })
      await runs.create({ in: 'vision/train', id })
      git(clone, ['pull', '--quiet', '--no-rebase', '--no-edit'])
      publish()
      expect(await branch()).to.equal(undefined)
      expect((await runs.get(IN_RUN))?.fields.notes).to.equal(`turn ${turn}`)
      // The project's own files live on beside it.
      git(clone, ['pull', '--quiet', '--no-rebase'])
      await datasets.put({ in: 'vision', name: 'iris', rows: turn })
      git(clone, ['pull', '--quiet', '--no-rebase'])
    }
    expect(await collect(runs.list({ in: 'train' }))).to.have.length(4)
    await runs.delete(IN_RUN)
    publish()
    expect(await collect(runs.list({ in: 'train' }))).to.have.length(3)
    expect((await datasets.get('vision/datasets/iris'))?.fields.rows).to.equal(2)
    expect(await opened.workspace.verify()).to.deep.include({ problems: [] })
  })

  it('is hidden by a delete, and shown again by a restore', async () => {
    const { experiments, runs } = opened.workspace
    expect(await experiments.delete('vision/train')).to.equal(true)
    expect(await experiments.exists('vision/train')).to.equal(false)
    expect(await runs.get(IN_RUN)).to.equal(undefined)
    expect(await collect(experiments.list())).to.deep.equal([])
    expect(await collect(runs.list())).to.deep.equal([])
    expect(await experiments.delete('vision/train')).to.equal(false)
    const anew = opened.reopen().workspace
    expect(await anew.experiments.exists('vision/train')).to.equal(false)
    await experiments.restore('vision/train')
    expect((await runs.get(IN_RUN))?.id).to.equal(RUN)
    expect(await failure(experiments.restore('vision/train'))).to.include({ code: 'STORE_EXISTS' })
  })

  it('is hidden by a delete after it got its branch again, too', async () => {
    const { experiments, runs } = opened.workspace
    await runs.update(IN_RUN, { notes: 'later' })
    await experiments.delete('vision/train')
    expect(await experiments.exists('vision/train')).to.equal(false)
    await experiments.restore('vision/train')
    expect((await runs.get(IN_RUN))?.fields.notes).to.equal('later')
  })

  it('makes room for a new one of its name when it is deleted', async () => {
    const { experiments, runs } = opened.workspace
    await experiments.delete('vision/train')
    await experiments.create({ in: 'vision', name: 'train', notes: 'anew' })
    expect((await experiments.get('vision/train'))?.fields.notes).to.equal('anew')
    expect(await collect(runs.list({ in: 'vision/train' }))).to.deep.equal([])
  })
})

describe('an experiment that was published in one squashed commit', () => {
  it('is read, goes on and is published again with new runs', async () => {
    // What was squashed is in no history any more.
    const opened = openInFolder(undefined, { dangling: false })
    await fillWorkspace(opened)
    const clone = makeTempFolder()
    git(clone, ['clone', '--quiet', opened.store.folderOf('vision'), '.'])
    for (const id of ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']) {
      git(clone, ['fetch', '--quiet', '--prune'])
      git(clone, ['merge', '--quiet', '--squash', 'origin/experiments/train'])
      git(clone, ['commit', '--quiet', '-m', 'Squashed'])
      git(clone, ['push', '--quiet', 'origin', 'main', ':experiments/train'])
      await opened.workspace.runs.create({ in: 'vision/train', id })
    }
    const runs = await collect(opened.workspace.runs.list())
    expect(runs.map(({ id }) => id)).to.deep.equal(['aaaaaaaaaaaa', 'bbbbbbbbbbbb', RUN])
    removeTempFolder(clone)
    await opened.close()
  })
})
