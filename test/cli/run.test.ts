import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'

import { createDesk, type Printed } from './desk.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

describe('runtree run', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await openWorkbench()
  })
  afterEach(() => bench.remove())

  const json = (...args: string[]): Promise<Printed> =>
    createDesk(bench.folder, join(bench.folder, '../home/.runtree')).json(
      '--project',
      'study',
      ...args
    )
  const onlyRun = async (experiment: string) => {
    const runs = await json('ls', experiment)
    expect(runs).to.have.lengthOf(1)
    return json('show', runs[0].address)
  }

  it('tracks a command that logs lines, and shows its output unchanged', async () => {
    await writeFile(
      join(bench.folder, 'train.sh'),
      `echo 'first line'
printf 'no end'
echo 'on stderr' >&2
printf '{"step":1,"loss":0.5}\\n{"step":2,"lo' >> "$RUNTREE_LOG"
printf 'ss":NaN}\\n{"params":{"lr":0.1}}\\n' >> "$RUNTREE_LOG"
echo '{"row":{"y":1,"p":0.5},"result":"cases"}' >> "$RUNTREE_LOG"
echo '{"metrics":{"step":7},"tag":"slow","text":"said by the log"}' >> "$RUNTREE_LOG"
printf 'weights' > model.bin
echo '{"artifact":"model.bin"}' >> "$RUNTREE_LOG"
echo 'broken {' >> "$RUNTREE_LOG"
printf '{"last":1}' >> "$RUNTREE_LOG"
`
    )
    const called = await bench.call([
      'run',
      '--name',
      'the first',
      '-p',
      'k=5',
      '-t',
      'quick',
      '--seed',
      '7',
      '--',
      'sh',
      'train.sh'
    ])
    expect(called.status).to.equal(0)
    expect(called.out).to.equal('first line\nno end')
    expect(called.err).to.contain('on stderr\n')
    expect(called.err).to.contain('runtree: line 7 of RUNTREE_LOG: it is not JSON: broken {')
    const run = await onlyRun('train')
    expect(run).to.include({
      kind: 'run',
      status: 'finished',
      name: 'the first',
      seed: 7,
      exitCode: 0
    })
    expect(run.params).to.deep.equal({ k: 5, lr: 0.1 })
    expect(run.tags).to.have.members(['quick', 'slow'])
    expect(run.metrics).to.have.all.keys('loss', 'step', 'last')
    expect(run.metrics.loss).to.include({ last: 'NaN', count: 2, step: 2 })
    expect(run.entry).to.deep.include({ command: ['sh', 'train.sh'] })
    expect(run.below.artifacts[0]).to.include({ path: 'model.bin', sizeBytes: 7 })
    expect(run.below.results[0]).to.include({ name: 'cases', rows: 1 })
    const { text } = await json('logs', run.address)
    for (const line of ['first line', 'no end', 'on stderr', 'said by the log', 'broken {']) {
      expect(text).to.contain(line)
    }
    const fetched = await bench.call(['artifacts', 'get', run.address, 'model.bin', '-o', '-'])
    expect(fetched.out).to.equal('weights')
  })

  it('ends as the command ended', async () => {
    const cases: [string[], number, string][] = [
      [['sh', '-c', 'exit 3'], 3, 'failed'],
      [['sh', '-c', 'kill -TERM $$'], 143, 'interrupted']
    ]
    for (const [index, [command, status, ended]] of cases.entries()) {
      const called = await bench.call([
        'run',
        '-q',
        '-e',
        `case-${index}`,
        '--json',
        '--',
        ...command
      ])
      expect(called.status, command.join(' ')).to.equal(status)
      expect(JSON.parse(called.out)).to.include({ exitStatus: status, status: ended })
      expect(called.err).to.not.contain('    at ')
    }
  })

  it('makes nothing of a command that is not there or no program', async () => {
    await writeFile(join(bench.folder, 'plain.txt'), 'no program', { mode: 0o644 })
    for (const [command, status, reason] of [
      ['no-such-program', 127, 'no-such-program was not found'],
      ['./no-such-program', 127, 'was not found'],
      ['./plain.txt', 126, 'is not executable']
    ] as const) {
      const called = await bench.call(['run', '-e', 'typo', '--', command])
      expect(called).to.include({ status, out: '' })
      expect(called.err).to.contain(reason).and.not.contain('    at ')
    }
    const { out } = await bench.call(['ls', '--json'])
    expect(out).to.not.contain('typo')
  })

  it('passes a signal on and records it', async () => {
    const script = 'trap "echo caught; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
    let sent = false
    const called = await bench.call(['run', '-e', 'trap', '--', 'sh', '-c', script], {
      onOutput(text, kill) {
        if (sent || !text.includes('ready')) return
        sent = true
        kill('SIGTERM')
      }
    })
    expect(called).to.include({ status: 9, out: 'ready\ncaught\n' })
    expect(await onlyRun('trap')).to.include({ status: 'failed', exitCode: 9 })
  })

  it('continues the run of a key', async () => {
    const command = ['run', '-q', '-e', 'resumed', '--key', 'night', '--', 'sh', '-c']
    await bench.call([...command, 'echo \'{"step":1,"loss":3}\' >> $RUNTREE_LOG; exit 1'])
    await bench.call([...command, 'echo \'{"step":2,"loss":2}\' >> $RUNTREE_LOG'])
    const run = await onlyRun('resumed')
    expect(run).to.include({ status: 'finished', key: 'night' })
    expect(run.metrics.loss).to.include({ count: 2, last: 2 })
  })

  it('makes a run inside a run its child', async () => {
    const inner = `"$NODE" --import "$LOADER" "$MAIN" run -q --name inner -- true`
    const called = await bench.call(
      ['run', '-q', '-e', 'outer', '--name', 'outer', '--', 'sh', '-c', inner],
      {
        env: {
          NODE: process.execPath,
          LOADER: import.meta.resolve('tsx'),
          MAIN: new URL('../../src/cli/main.ts', import.meta.url).pathname
        }
      }
    )
    expect(called.status, called.err).to.equal(0)
    const runs = await json('ls', 'outer')
    const parent = runs.find((run: Printed) => run.name === 'outer')
    const child = runs.find((run: Printed) => run.name === 'inner')
    expect(child.parent).to.equal(parent.address.split('/').at(-1))
    expect(await json('ls', parent.address)).to.have.lengthOf(1)
  })

  it('goes on without a reader of its output', async () => {
    const { status, out } = await bench.program('sh', [
      '-c',
      `"$0" --import "$1" "$2" run -q -e piped -- sh -c 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; sleep 0.3; echo end; echo end; exit 0' | head -n 1`,
      process.execPath,
      import.meta.resolve('tsx'),
      new URL('../../src/cli/main.ts', import.meta.url).pathname
    ])
    expect({ status, out }).to.deep.equal({ status: 0, out: 'line 0\n' })
    const run = await onlyRun('piped')
    expect(run.status).to.equal('finished')
    expect((await json('logs', run.address)).text).to.contain('line 2999\nend\nend\n')
  })

  it('leaves nothing behind in the folder for temporary files', async () => {
    await bench.call(['run', '-q', '-e', 'tidy', '--', 'true'])
    const left = await readdir(join(bench.folder, '..'))
    expect(left.filter((name) => name.startsWith('runtree-'))).to.deep.equal([])
  })

  it('keeps secrets of the command line out of the record', async () => {
    await bench.call(['run', '-q', '-e', 'secret', '--', 'true', '--token', 'abc123xyz'])
    const run = await onlyRun('secret')
    expect(JSON.stringify(run)).to.not.contain('abc123xyz')
  })
})
