import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openWorkspace, type Run, startRun } from '../../src/node.ts'
import { type Answer, type Desk, openDesk, type Printed } from './desk.ts'

const IDS = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd'] as const
const [A, B, C, D] = IDS

/** Fills the experiments `iris/e` and `iris/other`: the run `c` is part of `b`. */
async function fill(desk: Desk): Promise<void> {
  await desk.ask(['init', 'Iris'])
  const workspace = await openWorkspace({ folder: join(desk.folder, '.runtree'), project: 'iris' })
  await workspace.transaction(async (transaction) => {
    await transaction.create('experiment', { name: 'e' })
    await transaction.create('experiment', { name: 'other' })
    for (const [index, id] of IDS.entries()) {
      await transaction.create('run', {
        in: id === D ? 'other' : 'e',
        id,
        ...(id === C ? { parent: B } : {}),
        status: index % 2 === 0 ? 'finished' : 'failed',
        params: { k: index },
        tags: ['seen']
      })
    }
  })
  await workspace.close()
}

describe('a filter in the place of an address', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    await fill(desk)
  })
  afterEach(() => desk.remove())

  const done = async (...args: string[]): Promise<Answer> => {
    const answer = await desk.ask(args)
    expect(answer, answer.err).to.include({ status: 0 })
    return answer
  }
  const refused = async (status: number, text: string, ...args: string[]): Promise<void> => {
    const answer = await desk.ask(args)
    expect(answer).to.include({ status, out: '' })
    expect(answer.err).to.contain(text)
  }
  const idsOf = async (...args: string[]): Promise<readonly string[]> =>
    (await desk.json(...args)).map(({ address }: Printed) => address.split('/')[2])

  it('names the one run that passes', async () => {
    for (const command of ['show', 'get']) {
      const run = await desk.json(command, '-f', 'k = 1')
      expect(run.address, command).to.equal(`iris/e/${B}`)
    }
    const { address } = await desk.json('logs', 'e', '--filter', 'k >= 0', '--filter', 'k < 1')
    expect(address).to.equal(`iris/e/${A}`)
    expect(await desk.json('history', '-f', 'k = 3')).to.have.length(1)
    expect(await desk.json('artifacts', 'ls', 'e', '-f', 'k = 0')).to.deep.equal([])
    await desk.ask(['edit', `e/${A}`, '-s', 'params.k=9'])
    const [last] = await desk.json('history', 'e')
    const [, before] = await desk.json('history', `e/${A}`)
    const at = (commit: string): Promise<Printed> =>
      desk.json('get', `e@${commit}`, '-f', 'k in [0, 9]')
    expect((await at(last.commitOid)).params.k).to.equal(9)
    expect((await at(before.commitOid)).params.k).to.equal(0)
  })

  it('names several runs that pass, and takes the first if an order is given', async () => {
    await refused(2, '4 runs pass', 'show', '-f', 'k >= 0')
    await refused(2, `iris/e/${A}`, 'logs', 'e', '--filter', 'k <= 1')
    await refused(1, 'No run passes k = 7', 'history', '-f', 'k = 7')
    const greatest = await desk.json('show', '-f', 'k >= 0', '-s', '-k')
    expect(greatest.address).to.equal(`iris/other/${D}`)
    const least = await desk.json('get', 'e', '-f', 'k > 0', '-s', 'k')
    expect(least.address).to.equal(`iris/e/${B}`)
    expect((await desk.json('get', B, '-f', 'k >= 0')).address).to.equal(`iris/e/${C}`)
  })

  it('refuses an order without a filter, an empty filter, and neither address nor filter', async () => {
    await refused(2, '--sort is for', 'show', 'e', '-s', 'k')
    await refused(2, 'A filter is empty', 'rm', 'e', '--filter', ' ', '--yes')
    await refused(2, 'Name a run', 'logs')
    await refused(2, 'Name what to delete', 'rm')
    await refused(2, 'Name an object', 'edit', '-t', 'x')
    await refused(2, '--filter', 'rm', `e/${A}`, '-n', '1')
    await desk.ask(['create', 'dataset', 'd'])
    await refused(2, 'is of the kind dataset', 'rm', 'datasets/d', '--filter', 'k = 1')
    expect(await idsOf('find')).to.have.length(4)
  })

  it('changes all runs that pass in one commit an experiment', async () => {
    const before = (await desk.json('history', 'e')).length
    const args = ['-f', 'k >= 1', '-t', 'new', '--untag', 'seen', '-s', 'params.x=1']
    const changed = await desk.json('edit', ...args)
    expect(changed).to.have.length(3)
    for (const run of changed) expect(run).to.deep.include({ tags: ['new'] })
    expect(await idsOf('find', 'x = 1', '-s', 'k')).to.deep.equal([B, C, D])
    expect(await desk.json('history', 'e')).to.have.length(before + 1)
    await done('edit', 'e', '-f', 'k >= 0', '--unset', 'params.x')
    expect(await idsOf('find', 'exists(params.x)')).to.deep.equal([D])
    const { err } = await done('edit', 'e', '-f', 'k >= 0', '--sort', '-k', '-n', '1', '-t', 'last')
    expect(err).to.contain('of 1 run.')
    expect(await idsOf('find', 'tags has last')).to.deep.equal([C])
    await refused(2, 'Nothing to change', 'edit', '-f', 'k = 99')
  })

  it('deletes all runs that pass, with their child runs, once somebody agrees', async () => {
    await refused(2, '2 runs of iris/e', 'rm', 'e', '--filter', 'k in [1, 2]')
    const questions: string[] = []
    const ask = async (question: string): Promise<string> => {
      questions.push(question)
      return 'n'
    }
    const stdin = { isTerminal: true, ask }
    expect(await desk.ask(['rm', '--filter', 'k >= 0'], { stdin })).to.include({ status: 1 })
    expect(questions[0]).to.contain('Delete 4 runs of 2 experiments and everything below')
    const before = (await desk.json('history', 'e')).length
    // The child passes, too, and goes with the run that it is part of.
    const gone = await desk.json('rm', 'e', '--filter', 'k in [1, 2]', '--yes')
    expect(gone.map(({ address }: Printed) => address)).to.have.members([
      `iris/e/${B}`,
      `iris/e/${C}`
    ])
    expect(await idsOf('find', '-s', 'k')).to.deep.equal([A, D])
    expect(await desk.json('history', 'e')).to.have.length(before + 1)
    expect((await done('rm', 'e', '--filter', 'k = 1', '--yes')).err).to.contain('No such runs')
    expect((await done('restore', `e/${C}`)).status).to.equal(0)
    await refused(2, '--mode local or all', 'rm', '--filter', 'k = 0', '--mode', 'remote', '-y')
    expect(await idsOf('find', '-s', 'k')).to.deep.equal([A, C, D])
  })

  it('deletes them at remotes with one push', async () => {
    const other = await openDesk()
    try {
      const origin = join(desk.folder, '.runtree/iris.git')
      expect(await other.ask(['clone', origin])).to.include({ status: 0 })
      const rm = ['rm', '--filter', 'k <= 1', '--yes', '--mode', 'all']
      const deleted = await other.json(...rm)
      const ref = 'refs/heads/experiments/e'
      expect(deleted.map(({ remote }: Printed) => remote)).to.deep.equal([
        [{ remote: 'origin', ref, status: 'deleted' }],
        [{ remote: 'origin', ref, status: 'deleted' }]
      ])
      expect(await idsOf('find', '-s', 'k')).to.deep.equal([D])
      await other.ask(['remote', 'add', 'lost', join(desk.folder, 'nowhere')])
      const args = ['rm', 'other', '--filter', 'k = 3', '--yes', '--mode', 'all']
      const failed = await other.ask([...args, '--remote', 'lost'])
      expect(failed).to.include({ status: 1 })
      expect(failed.err).to.contain('refs/heads/experiments/other at lost has them still')
    } finally {
      await other.remove()
    }
  })

  it('exports the runs that pass', async () => {
    await done('export', 'e', 'some', '-f', 'k < 2', '-s', '-k', '-n', '1')
    const folder = join(desk.folder, 'some/runs')
    expect(existsSync(join(folder, B, 'run.yaml'))).to.equal(true)
    expect(existsSync(join(folder, A))).to.equal(false)
    expect(readFileSync(join(desk.folder, 'some/experiment.yaml'), 'utf8')).to.contain('name: e')
    const { below } = await desk.json('export', 'iris', '-f', 'k in [0, 3]')
    expect(below.experiments.map((each: Printed) => each.below.runs.length)).to.deep.equal([1, 1])
    await refused(2, 'the runs of an experiment', 'export', `e/${A}`, 'run', '-f', 'k = 0')
  })

  it('lists objects of all kinds as tables', async () => {
    const csv = (await done('ls', 'e', '-s', 'k', '-f', 'k < 2', '--csv')).out.split('\n')
    expect(csv[0]).to.equal('run,name,status,started,finished,tags,params.k')
    expect(csv.slice(1)).to.deep.equal([
      `iris/e/${A},,finished,,,seen,0`,
      `iris/e/${B},,failed,,,seen,1`,
      ''
    ])
    expect((await done('ls', '--csv')).out).to.match(/^address,.*\niris\/e,.*\niris\/other,.*\n$/)
    const rows = (await done('ls', 'other', '--markdown')).out.trim().split('\n')
    expect(rows[1]).to.match(/^\| --- \|/)
    expect(rows).to.have.length(3)
    await refused(2, 'three forms', 'ls', '--csv', '--json')
  })
})

describe('runtree watch with a filter', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'Iris'])
  })
  after(() => desk.remove())

  it('shows the runs in progress that pass', async () => {
    const place = { workspace: join(desk.folder, '.runtree'), project: 'iris', experiment: 'e' }
    const start = (k: number): Promise<Run> =>
      startRun({ ...place, params: { k }, code: false, environment: false, quiet: true })
    const [one, two] = [await start(1), await start(2)]
    try {
      one.log({ loss: 0.5 })
      two.log({ loss: 0.25 })
      const shown = async (...args: string[]): Promise<readonly number[]> =>
        (await desk.json('watch', '--once', ...args)).map(({ params }: Printed) => params.k)
      expect(await shown()).to.have.members([1, 2])
      expect(await shown('-f', 'k = 2')).to.deep.equal([2])
      expect(await shown('-s', 'loss')).to.deep.equal([2, 1])
      expect(await shown('e', '-s', '-loss', '-n', '1')).to.deep.equal([1])
      expect(await shown('-f', 'status = finished')).to.deep.equal([])
    } finally {
      await one.finish()
      await two.finish()
    }
  })
})
