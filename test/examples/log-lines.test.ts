import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import type { LogEntry } from '../../src/service/log-protocol.ts'
import { parseLogLine } from '../../src/service/log-protocol.ts'
import { needsProgram } from '../support/programs.ts'

const examples = resolve(import.meta.dirname, '../../examples')

describe('the examples that log by lines', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runtree-examples-'))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const run = (command: string, args: readonly string[], log?: string): string => {
    const { RUNTREE_LOG: _, ...env } = process.env
    return execFileSync(command, args, {
      cwd: folder,
      env: log === undefined ? env : { ...env, RUNTREE_LOG: log },
      encoding: 'utf8'
    })
  }

  const entriesOf = async (log: string): Promise<LogEntry[]> => {
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n')
    return lines.map((line) => {
      const { entry, warnings } = parseLogLine(line)
      expect(warnings, line).to.deep.equal([])
      return entry as LogEntry
    })
  }

  const python = [join(examples, 'python/train.py'), '--steps', '50', '--rate', '0.2']
  const shell = [join(examples, 'shell/measure.sh'), '200', '400']

  it('train in Python, with a loss that falls, rows and an artifact', async function () {
    needsProgram(this, 'python3')
    run('python3', python, join(folder, 'log.jsonl'))
    const entries = await entriesOf(join(folder, 'log.jsonl'))
    expect(entries[0]?.params).to.deep.equal({ rate: 0.2, steps: 50, seed: 1 })
    const losses = entries
      .filter(({ split }) => split === 'train')
      .map(({ metrics }) => metrics.loss as number)
    expect(losses).to.have.length(50)
    expect(losses).to.deep.equal([...losses].sort((a, b) => b - a))
    expect(entries.filter(({ row }) => row !== undefined)).to.have.length(20)
    const artifact = entries.find((entry) => entry.artifact !== undefined)?.artifact as string
    const line = JSON.parse(await readFile(join(folder, artifact), 'utf8'))
    expect(line.slope).to.be.closeTo(2, 0.1)
    expect(line.intercept).to.be.closeTo(-1, 0.1)
  })

  it('measure in a shell, with a step and a row for each size', async () => {
    run('bash', shell, join(folder, 'log.jsonl'))
    const entries = await entriesOf(join(folder, 'log.jsonl'))
    expect(entries[0]?.params).to.deep.equal({ program: 'sort', sizes: [200, 400] })
    const steps = entries.filter(({ step }) => step !== undefined)
    expect(steps.map(({ step }) => step)).to.deep.equal([200, 400])
    for (const { metrics } of steps) expect(metrics.seconds).to.be.at.least(0)
    const rows = entries.filter(({ result }) => result === 'sizes')
    expect(rows.map(({ row }) => row?.lines)).to.deep.equal([200, 400])
  })

  it('do their work and nothing else when nobody tracks them', async function () {
    needsProgram(this, 'python3')
    expect(run('python3', python)).to.match(/^y = 2\.\d+ x -\d/)
    expect(run('bash', shell)).to.match(/^200 lines: [\d.]+ s\n400 lines: [\d.]+ s\n$/)
    expect(await readdir(folder)).to.deep.equal(['fitted-line.json'])
  })
})
