import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'

import { openWorkbench, type Workbench } from './workbench.ts'

describe('the program', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await openWorkbench()
  })
  afterEach(() => bench.remove())

  it('prints its version and an overview of nothing', async () => {
    expect((await bench.call(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/)
    const { status, out, err } = await bench.call([])
    expect({ status, err }).to.deep.equal({ status: 0, err: '' })
    expect(out).to.contain('none yet').and.contain('runtree run --')
  })

  it('works in another folder with -C, and keeps its workspace there', async () => {
    await mkdir(join(bench.folder, 'other'))
    await bench.call(['-C', 'other', 'init'])
    const { out } = await bench.call(['-C', 'other', '--json'])
    expect(JSON.parse(out)).to.include({
      project: 'other',
      workspace: join(bench.folder, 'other/.runtree')
    })
    const wrong = await bench.call(['-C', 'nowhere'])
    expect(wrong).to.include({ status: 2, out: '' })
    expect(wrong.err).to.contain('There is no folder nowhere.')
  })

  it('reads objects from standard input', async () => {
    await bench.call(['init', 'p'])
    const stdin = '[{"kind":"experiment","name":"größe"}]'
    expect(await bench.call(['put', '-'], { stdin })).to.include({ status: 0, out: 'p/grosse\n' })
  })

  it('ends quietly when nobody reads its output any more', async () => {
    await bench.call(['init', 'p'])
    // More than a pipe holds.
    const name = 'a'.repeat(50)
    const objects = Array.from({ length: 3000 }, (_, i) => `{kind: dataset, name: ${name}-${i}}`)
    await writeFile(join(bench.folder, 'all.yaml'), objects.map((line) => `- ${line}\n`).join(''))
    const called = await bench.program('bash', [
      '-c',
      '{ "$0" --import "$1" "$2" put all.yaml; echo "status $?" >&2; } | head -n 1',
      process.execPath,
      import.meta.resolve('tsx'),
      new URL('../../src/cli/main.ts', import.meta.url).pathname
    ])
    expect(called).to.include({ out: `p/datasets/${name}-0\n`, err: 'status 0\n' })
  })

  it('follows the log of a run until it ends', async () => {
    const script = 'echo one; while [ ! -e go ]; do sleep 0.05; done; echo two'
    const running = bench.call(['run', '-q', '-e', 'e', '--', 'sh', '-c', script], {
      onOutput: () => started()
    })
    let started = (): void => undefined
    await new Promise<void>((done) => {
      started = done
    })
    const live = JSON.parse((await bench.call(['watch', '--once', '--json'])).out)
    expect(live).to.have.lengthOf(1)
    expect(live[0]).to.include({ kind: 'run', status: 'running' })
    let went = false
    const followed = await bench.call(['logs', '-f', live[0].address], {
      onOutput() {
        if (!went) void writeFile(join(bench.folder, 'go'), '')
        went = true
      }
    })
    expect(followed).to.include({ status: 0, out: 'one\ntwo\n' })
    expect((await running).status).to.equal(0)
    expect((await bench.call(['watch', '--once'])).out).to.equal('No runs in progress.\n')
  })

  it('ends with 130 when it is stopped', async () => {
    await bench.call(['run', '-q', '-e', 'e', '--', 'echo', 'done'])
    const script = 'echo one; while :; do sleep 0.05; done'
    let stop = (): void => undefined
    const running = bench.call(
      ['run', '-q', '-e', 'e', '--name', 'endless', '--', 'sh', '-c', script],
      {
        onOutput(_, kill) {
          stop = () => kill('SIGTERM')
          started()
        }
      }
    )
    let started = (): void => undefined
    await new Promise<void>((done) => {
      started = done
    })
    const runs = JSON.parse(
      (await bench.call(['ls', 'e', '--filter', 'name=endless', '--json'])).out
    )
    const followed = await bench.call(['logs', '-f', runs[0].address], {
      onOutput: (_, kill) => kill('SIGINT')
    })
    expect(followed).to.include({ status: 130, out: 'one\n' })
    stop()
    expect((await running).status).to.equal(143)
  })

  it('shares a project with who has its address, and ends with a status for each trouble', async () => {
    const call = async (status: number, ...args: string[]) => {
      const called = await bench.call(args)
      expect(called, `${args.join(' ')}: ${called.err}`).to.include({ status })
      return called
    }
    const env = { RUNTREE_HOME: join(bench.folder, '../colleague') }
    await bench.program('git', [
      'init',
      '--bare',
      '--quiet',
      '--initial-branch=main',
      '../team.git'
    ])
    await call(0, 'init', 'vision')
    await call(0, 'run', '-q', '-e', 'train', '--', 'echo', 'one')
    await call(0, 'remote', 'add', 'origin', '../team.git')
    expect((await call(0, 'push')).out).to.match(/^train +new /m)
    expect((await bench.call(['clone', '../team.git'], { env })).status).to.equal(0)
    await bench.call(['run', '-q', '-e', 'train', '--', 'echo', 'two'], { env })
    expect((await bench.call(['push'], { env })).out).to.match(/^train +updated /m)
    await call(0, 'pull')
    expect(JSON.parse((await call(0, 'ls', 'train', '--json')).out)).to.have.lengthOf(2)
    await call(0, 'remote', 'add', 'web', 'http://127.0.0.1:9/vision.git')
    await call(4, '--offline', 'push', 'web')
    const offline = await bench.call(['pull', 'web'], { env: { RUNTREE_OFFLINE: '1' } })
    expect(offline.status).to.equal(4)
    expect(offline.err).to.contain('hint: Leave --offline and RUNTREE_OFFLINE away.')
    await call(2, 'push', 'nowhere')
    const fsck = await bench.program('git', ['-C', '../team.git', 'fsck', '--strict'])
    expect(fsck.status).to.equal(0)
  })

  it('prints completion scripts that shells accept', async () => {
    const { out } = await bench.call(['completion', 'bash'])
    const script = `${out}
COMP_WORDS=(runtree -C x sh); COMP_CWORD=3; _runtree; echo "\${COMPREPLY[@]}"
COMP_WORDS=(runtree ls --s); COMP_CWORD=2; _runtree; echo "\${COMPREPLY[@]}"`
    const called = await bench.program('bash', ['-c', script])
    expect(called.err).to.equal('')
    expect(called.out.split('\n')[1]).to.equal('--sort')
    for (const shell of ['zsh', 'fish']) {
      expect((await bench.call(['completion', shell])).out).to.contain('history')
    }
  })
})
