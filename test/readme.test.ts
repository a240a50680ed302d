import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { gitEnvironment, makeTempFolder, removeTempFolder } from './support/git.ts'
import { needsProgram } from './support/programs.ts'
import { type Snippet, snippetsOf } from './support/snippets.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What the pages show instead of an id, which is another one each time: all of it, or its beginning. */
const SHOWN_ID = /\bk3f9(q2xab7mt)?\b/g

/** A person who reads the pages and does what they say, in a folder `vision` with a clone beside it. */
class Reader {
  readonly #home = makeTempFolder()
  readonly #folder = join(this.#home, 'vision')
  readonly #env: NodeJS.ProcessEnv

  constructor() {
    mkdirSync(this.#folder)
    symlinkSync(root, join(this.#folder, 'runtree'))
    const own = Object.entries(gitEnvironment()).filter(
      ([name]) => !/^(RUNTREE_|npm_(?!config_(cache|userconfig|registry)))/i.test(name)
    )
    const prefix = join(this.#home, 'global')
    this.#env = {
      ...Object.fromEntries(own),
      HOME: this.#home,
      USERPROFILE: this.#home,
      npm_config_prefix: prefix,
      npm_config_update_notifier: 'false',
      PATH: `${join(prefix, 'bin')}${delimiter}${process.env.PATH}`
    }
  }

  /** Does what a snippet says; returns what was printed. */
  follow(snippet: Snippet): string {
    const file = snippet.note?.match(/^file: (.+)$/)?.[1]
    if (file !== undefined) {
      writeFileSync(join(this.#folder, file), snippet.code)
      return ''
    }
    if (snippet.language === 'sh')
      return this.run('bash', ['-euo', 'pipefail', '-c', this.#withId(snippet.code)])
    writeFileSync(join(this.#folder, 'snippet.mjs'), snippet.code)
    return this.run('node', ['snippet.mjs'])
  }

  run(program: string, args: readonly string[]): string {
    return execFileSync(program, args, {
      cwd: this.#folder,
      env: this.#env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe']
    })
  }

  leave(): void {
    removeTempFolder(this.#home)
  }

  #withId(code: string): string {
    if (code.search(SHOWN_ID) < 0) return code
    const [run] = JSON.parse(this.run('runtree', ['ls', 'iris', '--json']))
    const id: string = run.address.split('/').at(-1)
    return code.replace(SHOWN_ID, (_, rest) => (rest === undefined ? id.slice(0, 6) : id))
  }
}

describe('README.md', () => {
  const readme = snippetsOf(readFileSync(join(root, 'README.md'), 'utf8'))
  const errors = snippetsOf(readFileSync(join(root, 'docs/ERRORS.md'), 'utf8'))
  const queries = snippetsOf(readFileSync(join(root, 'docs/QUERY.md'), 'utf8')).filter(
    ({ language }) => language !== ''
  )

  it('says how each of its snippets is run', () => {
    const run = readme.filter(({ language, note }) => {
      const isFile = note?.startsWith('file: ') ?? false
      return isFile || ['js', 'sh'].includes(language)
    })
    expect(run).to.deep.equal(readme)
    expect(readme.length).to.be.greaterThan(5)
  })

  it('tells those who have a clone the commands that .ci/run runs', () => {
    const commands = readme
      .filter(({ note }) => note === 'clone')
      .flatMap(({ code }) => code.trim().split('\n'))
      .map((line) => line.replace(/\s+#.*$/, ''))
    expect(commands).to.deep.equal(['npm start', 'npm test'])
    const script = readFileSync(join(root, '.ci/run'), 'utf8')
    for (const command of commands) expect(script).to.include(command)
  })

  it('shows snippets that work one after another, in a folder of a new user', function () {
    needsProgram(this, 'bash')
    needsProgram(this, 'python3')
    expect(existsSync(join(root, 'dist/cli/main.js')), 'npm run build was not run').to.equal(true)
    const reader = new Reader()
    const printed: string[] = []
    try {
      for (const snippet of [
        ...readme.filter(({ note }) => note !== 'clone'),
        ...errors,
        ...queries
      ]) {
        printed.push(reader.follow(snippet))
      }
      expect(reader.run('runtree', ['verify'])).to.include('All is well')
    } finally {
      reader.leave()
    }
    const all = printed.join('\n')
    expect(all).to.match(/^vision\/iris\/\w{12} \{ k: 5 \} 0\.1$/m)
    expect(all).to.match(/^run +status +started/m)
    expect(all).to.match(/^ +finish run \w{12}$/m)
    expect(all).to.match(/^schema: run\/1$/m)
    expect(all).to.include('The experiment vision/iris exists already.')
  })
})
