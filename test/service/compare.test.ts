import { join } from 'node:path'
import { expect } from 'chai'
import { nodeCapture } from '../../src/host/node/capture/node-capture.ts'
import type { CompareOptions, RunComparison } from '../../src/service/compare.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import { CodeFolder } from '../host/capture/code-folder.ts'
import { git } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'
import { failure, type TestWorkspace, WORKSPACE_HOSTS } from '../support/workspaces.ts'

const A = 'a'.repeat(12)
const B = 'b'.repeat(12)
const metric = (last: number): object => ({ last, min: 0, max: last, count: 1 })

function namesIn({ sections }: RunComparison, section: string): readonly string[] {
  const found = sections.find(({ name }) => name === section)
  return (found?.fields ?? []).map(({ name }) => name)
}

for (const host of WORKSPACE_HOSTS) {
  describe(`compare ${host.name}`, () => {
    let opened: TestWorkspace
    before(async () => {
      opened = host.open()
      const { workspace } = opened
      await workspace.projects.create({ name: 'Vision' })
      await workspace.projects.create({ name: 'Other' })
      const metrics = { acc: { goal: 'maximize' } } as const
      await workspace.experiments.create({ name: 'Train', metrics })
      await workspace.experiments.create({ name: 'Train', in: 'other' })
      const run = { seed: 1, notes: 'one', tags: ['x'], datasets: { iris: { digest: 'sha256:1' } } }
      const first = { ...run, params: { lr: 1 }, metrics: { acc: metric(0.5) } }
      const second = { ...run, params: { lr: 2 }, metrics: { acc: metric(0.6) } }
      await workspace.runs.create({ in: 'train', id: A, ...first } as never)
      await workspace.runs.create({ in: 'other/train', id: B, ...second } as never)
      await workspace.environments.put({ in: `train/${A}`, host: 'n1', packages: { numpy: '1' } })
    })
    after(() => opened.close())

    it('runs of two projects', async () => {
      const comparison = await opened.workspace.runs.compare([`train/${A}`, `other/train/${B}`])
      expect(comparison.runs.map(({ address }) => address)).to.deep.equal([
        `vision/train/${A}`,
        `other/train/${B}`
      ])
      expect(namesIn(comparison, 'run')).to.deep.equal(['project'])
      expect(namesIn(comparison, 'params')).to.deep.equal(['lr'])
      const metrics = comparison.sections.find(({ name }) => name === 'metrics')
      expect(metrics?.fields[0]).to.deep.include({ goal: 'maximize', changes: ['same', 'better'] })
      expect(namesIn(comparison, 'datasets')).to.deep.equal([])
      expect(namesIn(comparison, 'packages')).to.deep.equal([])
      expect(comparison.code).to.deep.equal([undefined, undefined])
      expect(JSON.parse(JSON.stringify(comparison)).sections).to.have.length(8)
    })

    it('a run with what it was at a commit', async () => {
      const { workspace } = opened
      const before = await workspace.runs.get(`train/${A}`)
      await workspace.runs.update(`train/${A}`, { notes: 'two' })
      const at = before?.commitOid.slice(0, 10) as string
      const comparison = await workspace.runs.compare([`train/${A}@${at}`, `train/${A}`])
      expect(comparison.runs.map((run) => run.at)).to.deep.equal([at, undefined])
      const notes = comparison.sections[0]?.fields.find(({ name }) => name === 'notes')
      expect(notes?.values).to.deep.equal(['one', 'two'])
    })

    it('refuses what is no run, and one run alone', async () => {
      const { runs } = opened.workspace
      expect(await failure(runs.compare([A]))).to.be.instanceOf(TypeError)
      expect(await failure(runs.compare([A, 'c'.repeat(12)]))).to.include({
        code: 'STORE_NOT_FOUND'
      })
      expect(await failure(runs.compare([A, 'train']))).to.include({ code: 'STORE_WRONG_KIND' })
      const signal = AbortSignal.abort(new TypeError('stop'))
      expect(await failure(runs.compare([A, A], { signal }))).to.include({ message: 'stop' })
    })
  })
}

describe('compare the code of runs', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  /** Opens tracking as a process of its own has it, so that the code is captured anew. */
  const open = (): TestTracking =>
    createTestTracking(join(code.home, 'workspace'), {
      capture: true,
      cwd: code.path,
      script: join(code.path, 'train.py'),
      env: code.env
    })

  const track = async (): Promise<string> => {
    const tracking = open()
    const run = await tracking.startRun({ project: 'lab', experiment: 'e' })
    await run.finish()
    await tracking.store.close()
    return run.address
  }

  const compare = async (
    addresses: readonly string[],
    options: CompareOptions & { readonly here?: boolean } = {}
  ): Promise<RunComparison> => {
    const access = { code: { capture: nodeCapture, folder: code.path } }
    const workspace = createWorkspace(open().store, {
      project: 'lab',
      ...(options.here === false ? {} : access)
    })
    try {
      return await workspace.runs.compare(addresses, options)
    } finally {
      await workspace.close()
    }
  }

  it('in its repository, uncommitted changes included', async () => {
    code.init()
    const first = await track()
    code.write('train.py', 'print("other")\n')
    const second = await track()
    code.write('new.py', 'x = 1\n').commit()
    const third = await track()
    const { code: differences } = await compare([first, second, third])
    expect(differences.map((each) => each?.by)).to.deep.equal([
      undefined,
      'repository',
      'repository'
    ])
    const names = differences.map((each) => each?.files.map(({ path }) => path))
    expect(names).to.deep.equal([undefined, ['train.py'], ['new.py', 'train.py']])
    expect(differences[1]).to.deep.include({ isWhole: true })
    expect((await compare([first, third], { code: false })).code).to.deep.equal([
      undefined,
      undefined
    ])
  })

  it('by the stored patches elsewhere', async () => {
    code.init()
    const first = await track()
    code.write('train.py', 'print("other")\n')
    const second = await track()
    code.commit()
    code.write('lib/model.py', 'class Model: x\n')
    const third = await track()
    const near = (await compare([first, second], { here: false })).code[1]
    expect(near).to.deep.include({ by: 'patches', isWhole: true })
    expect(near?.files.map(({ path }) => path)).to.deep.equal(['train.py'])
    const far = (await compare([second, third], { folder: code.home })).code[1]
    expect(far).to.deep.include({ by: 'patches', isWhole: false })
    code.write('more.py', 'x\n').commit()
    const fourth = await track()
    const unknown = (await compare([first, fourth], { here: false })).code[1]
    expect(unknown).to.deep.equal({ by: 'nothing', files: [], isWhole: false })
  })

  it('of files that lie in no repository', async () => {
    code.write('train.py', 'print(1)\n')
    const first = await track()
    code.write('train.py', 'print(2)\n')
    const difference = (await compare([first, await track()])).code[1]
    expect(difference).to.deep.include({ by: 'patches', isWhole: true })
    expect(difference?.files[0]?.hunks[0]?.lines.map(({ text }) => text)).to.deep.equal([
      'print(1)',
      'print(2)'
    ])
  })

  it('with an environment that can’t be read left away and told of', async () => {
    code.init()
    const [first, second] = [await track(), await track()]
    const folder = join(code.home, 'workspace', 'lab.git')
    const [, , run = ''] = first.split('/')
    const path = `experiments/e/runs/${run[0]}/${run[1]}/${run}/environment.yaml`
    const clone = join(code.home, 'clone')
    git(code.home, ['clone', '-q', '-b', 'experiments/e', folder, clone])
    code.at(clone).write(path, 'schema: environment/1\nhost: [\n').commit()
    git(clone, ['push', '-q'])
    const { unreadable, sections } = await compare([first, second])
    expect(unreadable.map(({ run: index, what }) => [index, what])).to.deep.equal([
      [0, 'environment']
    ])
    expect(sections.find(({ name }) => name === 'packages')?.present).to.deep.equal([false, true])
  })
})
