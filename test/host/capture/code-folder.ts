import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CaptureCodeOptions, CodeCapture } from '../../../src/base/capture.ts'
import { captureCode } from '../../../src/host/node/capture/capture-code.ts'

/** An environment in which git sees nothing of this machine's user. */
export function hermeticEnv(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z'
  }
}

/** A folder with somebody's code, and what a test does to it. */
export class CodeFolder {
  readonly home: string
  readonly path: string
  readonly env: Record<string, string>

  private constructor(home: string, path: string) {
    this.home = home
    this.path = path
    this.env = hermeticEnv(home)
  }

  static open(): CodeFolder {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'runtree-code-')))
    mkdirSync(join(home, 'vision'))
    writeFileSync(
      join(home, '.gitconfig'),
      '[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n[gc]\n\tauto = 0\n'
    )
    return new CodeFolder(home, join(home, 'vision'))
  }

  /** The same home with another folder as the code. */
  at(path: string): CodeFolder {
    return new CodeFolder(this.home, path)
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.path, env: this.env, stdio: 'pipe' })
      .toString()
      .trim()
  }

  /** Makes a repository with three tracked files in one commit. */
  init(): this {
    this.git('init', '-q')
    this.write('train.py', 'print("train")\n')
    this.write('lib/model.py', 'class Model: pass\n')
    this.write('data/köln 1.csv', 'a,b\n1,2\n')
    return this.commit()
  }

  commit(...args: string[]): this {
    this.git('add', '-A')
    this.git('commit', '-q', '-m', 'a state', ...args)
    return this
  }

  write(path: string, content: string | Uint8Array, mode?: number): this {
    mkdirSync(dirname(join(this.path, path)), { recursive: true })
    writeFileSync(join(this.path, path), content)
    if (mode !== undefined) chmodSync(join(this.path, path), mode)
    return this
  }

  remove(path: string): this {
    rmSync(join(this.path, path), { recursive: true })
    return this
  }

  capture(options: Partial<CaptureCodeOptions> = {}): Promise<CodeCapture | undefined> {
    return captureCode({ folder: this.path, env: this.env, ...options })
  }

  /** Captures, and fails if that changed anything in the git folder, be it the time of a file. */
  async captureUnchanged(
    options: Partial<CaptureCodeOptions> = {},
    describeFolder = fingerprint
  ): Promise<CodeCapture> {
    const gitFolder = this.git('rev-parse', '--path-format=absolute', '--git-common-dir')
    const before = describeFolder(gitFolder)
    const capture = await this.capture(options)
    const after = describeFolder(gitFolder)
    const changed = after.filter((line) => !before.includes(line))
    if (before.join() !== after.join()) throw new Error(`The git folder changed: ${changed}`)
    if (!capture) throw new Error('Nothing was captured.')
    return capture
  }

  /** Returns the tree that `git add -A` and a commit would make, and leaves it as a commit. */
  committedTree(): string {
    this.commit('--allow-empty')
    return this.git('rev-parse', 'HEAD^{tree}')
  }

  /** Applies a capture's patch to its base commit in a new repository; returns the tree it makes. */
  applied(capture: CodeCapture): string {
    const repository = this.at(mkdtempSync(join(this.home, 'applied-')))
    repository.git('init', '-q')
    if (capture.baseCommitOid) {
      repository.git('fetch', '-q', '--depth=1', `file://${this.path}`, capture.baseCommitOid)
      repository.git('checkout', '-q', 'FETCH_HEAD')
    }
    if (capture.patch) {
      const patch = join(this.home, `${capture.treeOid}.diff`)
      writeFileSync(patch, capture.patch)
      repository.git('apply', '--index', '--whitespace=nowarn', patch)
    }
    return repository.git('write-tree')
  }

  close(): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** Describes everything under a folder but the times of git's objects. */
export function fingerprintWithoutObjectTimes(folder: string): readonly string[] {
  return fingerprint(folder).map((line) =>
    /\/objects\//.test(line) ? line.replace(/ \d{19} \d{19} /, ' ') : line
  )
}

/** Describes everything under a folder: names, modes, times, contents. */
export function fingerprint(folder: string): readonly string[] {
  const lines: string[] = []
  const visit = (path: string): void => {
    const stat = lstatSync(path, { bigint: true })
    const content = stat.isFile()
      ? createHash('sha256').update(readFileSync(path)).digest('hex')
      : stat.isSymbolicLink()
        ? readlinkSync(path)
        : ''
    lines.push(`${path} ${stat.mode} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.size} ${content}`)
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
  }
  visit(folder)
  return lines
}
