import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect } from 'chai'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import { isOn, parseGitConfig } from '../../src/git/config.ts'
import { createObject } from '../../src/git/objects.ts'
import { initRepository, openRepository, type Repository } from '../../src/git/repository.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createFaultyFileSystem } from '../support/faulty-file-system.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { fsck, git, tryGit, withTempFolder } from '../support/git.ts'

describe('repository', () => {
  const open = (path: string): Promise<Repository> =>
    openRepository(createNodeFileSystem(), path, createFixedPlatform())
  const codeOf = (path: string): Promise<unknown> =>
    open(path).then(
      () => 'opened',
      (error) => error.code
    )

  it('is made so that git takes it for a bare one whose HEAD is main', () =>
    withTempFolder(async (folder) => {
      const path = `${folder}/new/project.git`
      await initRepository(createNodeFileSystem(), path)
      expect(git(path, ['rev-parse', '--is-bare-repository']).trim()).to.equal('true')
      expect(git(path, ['symbolic-ref', 'HEAD']).trim()).to.equal('refs/heads/main')
      expect(fsck(path)).to.equal('')
      const { config } = await open(path)
      expect(config.get('core.bare')).to.equal('true')
    }))

  it('stays as it is when it is made again', () =>
    withTempFolder(async (folder) => {
      git(folder, ['init', '-q', '--bare', '-b', 'trunk', 'r.git'])
      git(`${folder}/r.git`, ['config', 'user.name', 'Ada'])
      await initRepository(createNodeFileSystem(), `${folder}/r.git`)
      const { config, refs } = await open(`${folder}/r.git`)
      expect(config.get('user.name')).to.equal('Ada')
      await refs.update([{ ref: 'HEAD', value: 'a'.repeat(40) }])
      expect([...(await refs.list('refs/')).keys()]).to.deep.equal(['refs/heads/trunk'])
    }))

  it('is refused where there is none', () =>
    withTempFolder(async (folder) => {
      expect(await codeOf(`${folder}/none`)).to.equal('GIT_NOT_A_REPOSITORY')
      expect(await codeOf(folder)).to.equal('GIT_NOT_A_REPOSITORY')
      git(folder, ['init', '-q', 'tree'])
      expect(await codeOf(`${folder}/tree`)).to.equal('GIT_NOT_A_REPOSITORY')
      expect(await codeOf(`${folder}/tree/.git`)).to.equal('opened')
    }))

  it('is refused in a format that is not known', () =>
    withTempFolder(async (folder) => {
      git(folder, ['init', '-q', '--bare', '--object-format=sha256', 'sha256.git'])
      expect(await codeOf(`${folder}/sha256.git`)).to.equal('GIT_UNSUPPORTED_FORMAT')
      git(folder, ['init', '-q', '--bare', 'r.git'])
      const path = `${folder}/r.git`
      const cases = [
        ['1', 'noop', 'x', 'opened'],
        ['1', 'preciousObjects', 'true', 'opened'],
        ['1', 'refStorage', 'files', 'opened'],
        ['1', 'refStorage', 'reftable', 'GIT_UNSUPPORTED_FORMAT'],
        ['1', 'brandNew', 'true', 'GIT_UNSUPPORTED_FORMAT'],
        ['2', 'noop', 'x', 'GIT_UNSUPPORTED_FORMAT']
      ] as const
      for (const [version, extension, value, expected] of cases) {
        const text = `[core]\nrepositoryformatversion = ${version}\nbare = true\n`
        writeFileSync(join(path, 'config'), `${text}[extensions]\n${extension} = ${value}\n`)
        expect(await codeOf(path), `${version} ${extension}`).to.equal(expected)
      }
      writeFileSync(join(path, 'config'), '[core\n')
      expect(await codeOf(path)).to.equal('GIT_CONFIG_DAMAGED')
    }))

  it('tells once that objects could not be stored, while the ref is made ready', () =>
    withTempFolder(async (folder) => {
      const fs = createFaultyFileSystem(createNodeFileSystem())
      const platform = createFixedPlatform()
      await initRepository(fs, `${folder}/r.git`)
      const repository = await openRepository(fs, `${folder}/r.git`, platform)
      const blobs = ['a', 'b'].map((text) =>
        createObject(platform.hash, 'blob', encodeUtf8(text.repeat(100)))
      )
      fs.fault = (call, path) =>
        call === 'create' && path.includes('tmp_pack_') ? 'ENOSPC' : undefined
      const unheard: unknown[] = []
      const others = process.listeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection')
      process.on('unhandledRejection', (reason) => unheard.push(reason))
      try {
        const edit = { ref: 'refs/heads/main', expected: null, value: 'a'.repeat(40) }
        const failure = await repository.commit(blobs, [edit]).catch((error) => error)
        expect(failure).to.include({ code: 'ENOSPC' })
        await new Promise((resolve) => setImmediate(resolve))
      } finally {
        process.removeAllListeners('unhandledRejection')
        for (const other of others) process.on('unhandledRejection', other)
      }
      expect(unheard).to.deep.equal([])
      expect(await repository.refs.read('refs/heads/main')).to.equal(undefined)
      expect(readdirSync(`${folder}/r.git/runtree/locks`)).to.have.lengthOf(1)
      await repository.close()
      expect(readdirSync(`${folder}/r.git/runtree/locks`)).to.deep.equal([])
    }))

  it('lives in memory as well', async () => {
    const fs = createMemoryFileSystem()
    await initRepository(fs, '/r.git')
    const repository = await openRepository(fs, '/r.git', createFixedPlatform())
    expect(await repository.refs.read('HEAD')).to.equal(undefined)
    await repository.close()
  })

  it('has settings that are read as git reads them', () =>
    withTempFolder(async (folder) => {
      const text = [
        '# comment',
        'alone = 1',
        '[Core] bare=true ; comment',
        '\tfileMode',
        '[remote "Or\\"ig\\\\in"] url = https://example.org/x.git # comment',
        '  url = "quoted # not a comment; "  ',
        '  fetch = +refs/heads/*:refs/\\',
        'remotes/*',
        '[a.b] c = one  two\t ',
        '  d = "a\\tb\\n" x',
        '  empty =',
        ''
      ].join('\n')
      const path = join(folder, 'config')
      writeFileSync(path, text)
      const config = parseGitConfig(text, path)
      const listed = git(folder, ['config', '-f', path, '--list', '-z'])
      const expected = new Map<string, string[]>()
      for (const item of listed.split('\0').filter(Boolean)) {
        const at = item.indexOf('\n')
        const name = at < 0 ? item : item.slice(0, at)
        // Git tells a setting without `=` apart here and reads it as true.
        const value = at < 0 ? 'true' : item.slice(at + 1)
        expected.set(name, [...(expected.get(name) ?? []), value])
      }
      expect(config.names()).to.deep.equal([...expected.keys()])
      for (const [name, values] of expected) expect(config.getAll(name), name).to.deep.equal(values)
      expect(config.get('CORE.Bare')).to.equal('true')
      expect(config.get('remote.or"ig\\in.url')).to.equal(undefined)
      expect(config.get('alone')).to.equal('1')
      expect(config.get('none.such')).to.equal(undefined)
    }))

  it('has switches that are on and off where git says so', () =>
    withTempFolder(async (folder) => {
      const path = join(folder, 'config')
      for (const value of [
        'true',
        'YES',
        'on',
        '1',
        '-1',
        '007',
        'false',
        'No',
        'oFF',
        '0',
        '00',
        ''
      ]) {
        writeFileSync(path, `[x]\na = ${value}\n`)
        const told = git(folder, ['config', '-f', path, '--type=bool', 'x.a']).trim()
        const config = parseGitConfig(`[x]\na = ${value}\n`, path)
        for (const fallback of [true, false]) {
          expect(isOn(config, 'x.a', fallback), value).to.equal(told === 'true')
        }
      }
      const config = parseGitConfig('[x]\na = maybe\nb\n', path)
      expect(isOn(config, 'x.b')).to.equal(true)
      for (const fallback of [true, false]) {
        expect(isOn(config, 'x.a', fallback)).to.equal(fallback)
        expect(isOn(config, 'x.none', fallback)).to.equal(fallback)
      }
    }))

  it('has settings that cannot be read where git cannot read them', () =>
    withTempFolder(async (folder) => {
      const path = join(folder, 'config')
      for (const text of ['[x]\n1 = 2', '[x]\na = "open', '[x]\na = \\q', '[x', '[x]\na b']) {
        writeFileSync(path, text)
        expect(tryGit(folder, ['config', '-f', path, '--list']).status, text).to.not.equal(0)
        const parse = (): unknown => parseGitConfig(text, path)
        expect(parse, text).to.throw().with.property('code', 'GIT_CONFIG_DAMAGED')
      }
    }))
})
