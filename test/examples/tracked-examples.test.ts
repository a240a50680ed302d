import { resolve } from 'node:path'
import { expect } from 'chai'
import { openWorkbench, type Workbench } from '../cli/workbench.ts'
import { fsck } from '../support/git.ts'
import { needsProgram } from '../support/programs.ts'

const examples = resolve(import.meta.dirname, '../../examples')

interface ShownRun {
  readonly status: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly metrics?: Readonly<Record<string, { readonly count: number; readonly last: number }>>
  readonly artifacts?: Readonly<Record<string, unknown>>
}

describe('the examples under runtree run', function () {
  this.timeout(60_000)
  let bench: Workbench

  beforeEach(async () => {
    bench = await openWorkbench()
  })

  afterEach(() => bench.remove())

  /** Tracks a command and returns the run that it made. */
  const track = async (
    command: readonly string[],
    options: readonly string[] = []
  ): Promise<ShownRun> => {
    const called = await bench.call(['run', '--project', 'lab', ...options, '--', ...command])
    expect(called.status, called.err).to.equal(0)
    const address = /^run (\S+) · (\S+)/m.exec(called.err)
    const shown = await bench.call(['show', `${address?.[2]}/${address?.[1]}`, '--json'])
    expect(shown.status, shown.err).to.equal(0)
    expect(fsck(`${bench.env.HOME}/.runtree/lab.git`)).to.equal('')
    return JSON.parse(shown.out)
  }

  it('tracks the Python program, which needs no package', async function () {
    needsProgram(this, 'python3')
    const run = await track(['python3', `${examples}/python/train.py`, '--steps', '20'])
    expect(run.status).to.equal('finished')
    expect(run.params).to.include({ steps: 20 })
    expect(run.metrics?.loss?.count).to.be.greaterThan(10)
    expect(Object.keys(run.artifacts ?? {})).to.deep.equal(['fitted-line.json'])
  })

  it('tracks the shell script', async function () {
    needsProgram(this, 'bash')
    const run = await track([`${examples}/shell/measure.sh`])
    expect(run.status).to.equal('finished')
    expect(Object.keys(run.metrics ?? {})).to.not.be.empty
  })

  it('tracks the JavaScript program, which attaches to the run of its command', async () => {
    const command = ['node', `${examples}/javascript/train.mjs`]
    const run = await track(command, ['--experiment', 'spirals'])
    expect(run.status).to.equal('finished')
    expect(Object.keys(run.metrics ?? {})).to.not.be.empty
  })
})
