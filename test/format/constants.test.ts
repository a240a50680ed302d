import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { formatMessage, parseMessage } from '../../src/format/commit-message.ts'
import {
  ATTRIBUTES_PATH,
  ATTRIBUTES_TEXT,
  EMPTY_TREE_OID,
  FIRST_COMMIT_OID,
  FIRST_COMMIT_TEXT
} from '../../src/format/constants.ts'

const RUN = { kind: 'run', experiment: 'iris', run: 'k3f9q2xab7mt' } as const

describe('constants and commit messages, judged by git', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runtree-constants-'))
    git(['init', '-q', '-b', 'main', 'origin'])
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function git(args: readonly string[], input = '', cwd = folder): string {
    const env = {
      ...process.env,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b.c', GIT_COMMITTER_NAME: 'a' },
      GIT_COMMITTER_EMAIL: 'a@b.c'
    }
    return execFileSync('git', args, { cwd, env, input, encoding: 'utf8' }).trim()
  }

  const origin = (args: readonly string[], input = ''): string =>
    git(args, input, join(folder, 'origin'))

  it('the first commit has the id and tree that the document says', () => {
    expect(origin(['hash-object', '-t', 'tree', '-w', '--stdin'])).to.equal(EMPTY_TREE_OID)
    expect(origin(['hash-object', '-t', 'commit', '-w', '--stdin'], FIRST_COMMIT_TEXT)).to.equal(
      FIRST_COMMIT_OID
    )
    origin(['update-ref', 'refs/heads/main', FIRST_COMMIT_OID])
    expect(origin(['fsck', '--strict'])).to.equal('')
  })

  it('a clone is clean, with every byte as it was stored', () => {
    const files: { readonly [path: string]: string } = {
      [ATTRIBUTES_PATH]: ATTRIBUTES_TEXT,
      'experiments/iris/runs/k/3/k3f9q2xab7mt/artifacts/crlf.txt': 'a\r\nb\n',
      'experiments/iris/runs/k/3/k3f9q2xab7mt/artifacts/weights.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`
    }
    for (const [path, content] of Object.entries(files)) {
      const full = join(folder, 'origin', path)
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, content)
    }
    origin(['-c', 'core.autocrlf=false', 'add', '.'])
    origin(['commit', '-q', '-F', '-'], formatMessage({ operation: 'put', keys: [RUN] }))
    git(['-c', 'core.autocrlf=true', 'clone', '-q', 'origin', 'copy'])
    const copy = join(folder, 'copy')
    expect(git(['status', '--porcelain'], '', copy)).to.equal('')
    for (const [path, content] of Object.entries(files)) {
      const raw = execFileSync('cat', [join(copy, path)], { encoding: 'utf8' })
      expect(raw).to.equal(content)
    }
  })

  it('a message reads as one line, and git finds its trailers', () => {
    const keys = Array.from({ length: 22 }, (_, i) => ({ ...RUN, run: `k3f9q2xab7${10 + i}` }))
    const message = formatMessage({ operation: 'put', keys, note: 'Why:\r\n\n\n\nA: b\u0000\n' })
    origin(['commit', '-q', '--allow-empty', '-F', '-'], message)
    expect(origin(['log', '--format=%s'])).to.equal('put 22 objects in iris')
    const trailers = origin(['log', '--format=%(trailers)']).split('\n').filter(Boolean)
    expect(trailers[0]).to.equal('Runtree-Operation: put')
    expect(trailers[1]).to.equal('Runtree-Object: experiments/iris/runs/k/3/k3f9q2xab710')
    expect(trailers).to.have.length(22)
    expect(trailers.at(-1)).to.equal('Runtree-Objects: 22')
    const parsed = parseMessage(origin(['log', '--format=%B']))
    expect(parsed).to.include({ operation: 'put', count: 22 })
    expect(parsed?.paths).to.have.length(20)
  })
})
