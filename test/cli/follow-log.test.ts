import { expect } from 'chai'
import type { Files } from '../../src/cli/context.ts'
import { artifactPath, followLog } from '../../src/cli/follow-log.ts'
import { createOutputLines, scriptName } from '../../src/cli/output-lines.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import type { Run } from '../../src/service/run.ts'
import { fakeContext } from './fake-host.ts'

const LOG = '/log.jsonl'

/** A run that notes what it is told, and a file that changes when the case says so. */
function bench() {
  const memory = createMemoryFileSystem()
  const told: unknown[][] = []
  const note =
    (name: string) =>
    (...args: unknown[]): void =>
      void told.push([name, ...args])
  const run = {
    log: note('log'),
    text: note('text'),
    set: note('set'),
    row: note('row'),
    async artifact(path: string, content: { file: string }) {
      if (content.file.endsWith('missing')) throw new TypeError('there is no file')
      note('artifact')(path, content)
    }
  } as unknown as Run
  const files = {
    ...memory,
    watch: () => () => undefined,
    resolve: (path: string) => (path.startsWith('/') ? path : `/work/${path}`)
  } as unknown as Files
  const context = fakeContext({ files, cwd: () => '/work' })
  memory.volume.writeFileSync(LOG, '')
  const append = (text: string): void => memory.volume.appendFileSync(LOG, text)
  return { told, run, context, append, volume: memory.volume }
}

describe('following a log file', () => {
  it('uses whole lines as they come, and the last one at the end', async () => {
    const { told, run, context, append } = bench()
    const follower = followLog(context, run, LOG)
    append(
      '{"step":1,"loss":2,"split":"a","time":1700000000000}\n{"tag":"x"}\n\n{"row":{"y":1},"result":"r"}\n{"lo'
    )
    append('ss":3}')
    await follower.finish()
    expect(told).to.deep.equal([
      ['log', { loss: 2 }, { step: 1, split: 'a', time: 1700000000000 }],
      ['set', { tags: ['x'] }],
      ['row', 'r', { y: 1 }],
      ['log', { loss: 3 }, {}]
    ])
  })

  it('keeps what is wrong in the log, with a warning, and goes on', async () => {
    const { told, run, context, append } = bench()
    const follower = followLog(context, run, LOG)
    append('no json \u001b[2J\n{"artifact":"missing"}\n{"loss":1}\n')
    await follower.finish()
    expect(told).to.deep.equal([
      ['text', 'runtree: line 1 of RUNTREE_LOG: it is not JSON: no json \u001b[2J'],
      ['text', 'runtree: line 2 of RUNTREE_LOG: there is no file: {"artifact":"missing"}'],
      ['log', { loss: 1 }, {}]
    ])
    expect(context.err.text).to.equal(
      'runtree: line 1 of RUNTREE_LOG: it is not JSON: no json \\x1b[2J\n' +
        'runtree: line 2 of RUNTREE_LOG: there is no file: {"artifact":"missing"}\n'
    )
  })

  it('stops warning after twenty lines, but keeps them all', async () => {
    const { told, run, context, append } = bench()
    const follower = followLog(context, run, LOG)
    append('x\n'.repeat(100))
    await follower.finish()
    expect(told).to.have.lengthOf(100)
    expect(context.err.text.split('\n')).to.have.lengthOf(22)
  })

  it('begins anew with a file that a program began anew', async () => {
    const { told, run, context, append, volume } = bench()
    const changes: (() => void)[] = []
    const files = {
      ...context.files,
      watch: (_: string, onChange: () => void) => {
        changes.push(onChange)
        return () => undefined
      }
    }
    const follower = followLog({ ...context, files }, run, LOG)
    append('{"loss":1}\n{"loss":2}\n')
    changes[0]?.()
    while (told.length < 2) await new Promise((done) => setImmediate(done))
    volume.writeFileSync(LOG, '{"loss":3}\n')
    await follower.finish()
    expect(told.map(([, values]) => values)).to.deep.equal([{ loss: 1 }, { loss: 2 }, { loss: 3 }])
  })

  it('stores an artifact under its path in the folder, or its name if it lies elsewhere', async () => {
    expect(artifactPath('/work/out/m.bin', '/work')).to.equal('out/m.bin')
    expect(artifactPath('/work2/m.bin', '/work')).to.equal('m.bin')
    expect(artifactPath('C:\\work\\out\\m.bin', 'C:\\work')).to.equal('out/m.bin')
    const { told, run, context, append } = bench()
    const follower = followLog(context, run, LOG)
    append('{"artifact":"out/m.bin"}\n')
    await follower.finish()
    expect(told).to.deep.equal([['artifact', 'out/m.bin', { file: '/work/out/m.bin' }]])
  })
})

describe('the output of a command', () => {
  it('goes to the log in whole lines, the last one too', () => {
    const given: string[] = []
    const lines = createOutputLines((text) => given.push(text))
    const utf8 = new TextEncoder()
    for (const text of ['a\nb', 'c\nd\n', '50%\r', '100%']) lines.push(utf8.encode(text))
    lines.end()
    lines.end()
    expect(given).to.deep.equal(['a', 'bc\nd', '50%\r100%'])
  })

  it('names the experiment after the script', () => {
    const names = [
      'train.py',
      './a/b.train.sh',
      'C:\\x\\y.exe',
      'make',
      '.hidden',
      'datasets.py',
      'views'
    ]
    expect(names.map(scriptName)).to.deep.equal([
      'train',
      'b.train',
      'y',
      'make',
      '.hidden',
      'datasets-script',
      'views-script'
    ])
  })
})
