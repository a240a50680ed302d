import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createWorkspaceSource } from '../../src/dashboard/source/workspace-source.ts'
import { openWorkspace } from '../../src/node.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'

describe('a source over a damaged project', () => {
  let folder: string
  let project: string

  beforeEach(async () => {
    folder = makeTempFolder()
    project = join(folder, 'lab.git')
    const workspace = await openWorkspace({ folder, project: 'lab', background: false })
    await workspace.projects.create({ name: 'lab' })
    for (const experiment of ['first', 'second']) {
      await workspace.experiments.create({ in: 'lab', name: experiment })
      await workspace.runs.create({ in: `lab/${experiment}`, name: 'good', params: { lr: 1 } })
      await workspace.runs.create({ in: `lab/${experiment}`, name: 'bad', params: { lr: 2 } })
    }
    await workspace.close()
    loosen(project)
  })

  afterEach(() => removeTempFolder(folder))

  it('says of a run whose record is gone what is missing, and of the others all', async () => {
    const { id, oid } = recordOf(project, 'first', 'bad')
    removeObject(project, oid)
    await ask(folder, async (source) => {
      const failure = await source.run({ address: `lab/first/${id}` }).then(
        () => undefined,
        (error: unknown) => error
      )
      expect(failure).to.include({ code: 'GIT_OBJECT_MISSING' })
      const { total, damaged } = await source.find({ address: 'lab/first' })
      expect(total).to.equal(1)
      const [{ problem } = { problem: undefined }] = damaged
      expect(problem?.message).to.contain(id).and.to.contain(oid)
      expect(problem?.hint).to.contain('verify --repair')
    })
  })

  it('names the experiment that can’t be read, and shows the others', async () => {
    removeObject(project, git(project, ['rev-parse', 'experiments/second^{tree}']).trim())
    await ask(folder, async (source) => {
      const { experiments, problems } = await source.project({ address: 'lab' })
      expect(experiments.map(({ slug }) => slug)).to.deep.equal(['first'])
      expect(problems[0]?.message).to.match(/^experiments\/second.* can’t be read: /)
      expect(problems[0]?.hint).to.contain('verify --repair')
    })
  })
})

async function ask(
  folder: string,
  body: (source: ReturnType<typeof createWorkspaceSource>) => Promise<void>
): Promise<void> {
  const workspace = await openWorkspace({ folder, project: 'lab', background: false })
  try {
    await body(createWorkspaceSource(workspace, { version: '1.2.3', place: 'here' }))
  } finally {
    await workspace.close()
  }
}

/** Puts every object of a project into a file of its own, and takes away what could stand in for one. */
function loosen(project: string): void {
  const packs = join(project, 'objects', 'pack')
  const names = readdirSync(packs).filter((name) => name.endsWith('.pack'))
  const contents = names.map((name) => readFileSync(join(packs, name)))
  rmSync(packs, { recursive: true })
  mkdirSync(packs)
  for (const content of contents) git(project, ['unpack-objects', '-q'], { input: content })
  rmSync(join(project, 'runtree', 'cache'), { recursive: true, force: true })
}

function removeObject(project: string, oid: string): void {
  unlinkSync(join(project, 'objects', oid.slice(0, 2), oid.slice(2)))
}

/** Finds the record of a run by the name in it. */
function recordOf(
  project: string,
  experiment: string,
  name: string
): { readonly id: string; readonly oid: string } {
  const lines = git(project, ['ls-tree', '-r', `experiments/${experiment}`]).split('\n')
  for (const line of lines) {
    const [, oid = '', id = ''] = / ([0-9a-f]{40})\t.*\/([^/]+)\/run\.yaml$/.exec(line) ?? []
    if (oid !== '' && git(project, ['cat-file', 'blob', oid]).includes(`name: ${name}\n`)) {
      return { id, oid }
    }
  }
  throw new TypeError(`there is no run ${name}`)
}
