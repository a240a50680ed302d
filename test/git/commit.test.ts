import { expect } from 'chai'
import fc from 'fast-check'

import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { type Commit, formatCommit, parseCommit, readCommit } from '../../src/git/commit.ts'
import { formatIdentity, parseIdentity } from '../../src/git/identity.ts'
import { createObject, EMPTY_TREE, type GitObject, type Oid } from '../../src/git/objects.ts'
import { fsck, git } from '../support/git.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const WHO = { name: 'Ada', email: 'ada@example.org', epochSeconds: 1_700_000_000, offset: '+0000' }
const COMMIT: Commit = {
  tree: EMPTY_TREE,
  parents: [],
  author: WHO,
  committer: WHO,
  message: 'subject\n\nbody\n'
}

describe('commits', () => {
  let subject: TestRepository
  before(async () => {
    subject = await makeRepository()
    const tree = createObject(subject.platform.hash, 'tree', new Uint8Array())
    await (await subject.repository.objects.write([tree])).release()
  })
  after(() => subject.close())

  const store = async (bytes: Uint8Array): Promise<Oid> => {
    const commit = createObject(subject.platform.hash, 'commit', bytes)
    await (await subject.repository.objects.write([commit])).release()
    return commit.oid
  }
  const commitOf = (bytes: Uint8Array): GitObject =>
    createObject(subject.platform.hash, 'commit', bytes)

  it('have the bytes of those that git commit-tree makes', async () => {
    const first = git(subject.path, ['commit-tree', EMPTY_TREE], { input: 'first\n' }).trim()
    const args = ['commit-tree', EMPTY_TREE, '-p', first]
    const second = git(subject.path, args, { input: 'zweite Ä\n' }).trim()
    const own = await store(formatCommit({ ...COMMIT, parents: [first], message: 'zweite Ä\n' }))
    expect(own).to.equal(second)
    expect(await readCommit(subject.repository.objects, first)).to.deep.equal({
      ...COMMIT,
      message: 'first\n'
    })
  })

  it('keep signatures, encodings and unknown headers', () => {
    const commit: Commit = {
      ...COMMIT,
      parents: ['1'.repeat(40), '2'.repeat(40)],
      headers: [
        { name: 'mergetag', value: `object ${'1'.repeat(40)}\ntype commit\n\nmessage` },
        {
          name: 'gpgsig',
          value: '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n'
        },
        { name: 'x-empty', value: '' },
        { name: 'change-id', value: 'zyx' }
      ]
    }
    const bytes = formatCommit(commit)
    expect(parseCommit(commitOf(bytes))).to.deep.equal(commit)
    expect(decodeUtf8(bytes)).to.contain('\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n')
  })

  it('in Latin-1 are read and written in it', () => {
    const head = `tree ${EMPTY_TREE}\nauthor Zo\xeb <z@x> 1 +0000\ncommitter Zo\xeb <z@x> 1 +0000\n`
    const bytes = Uint8Array.from(`${head}encoding ISO-8859-1\n\ncaf\xe9\n`, (c) => c.charCodeAt(0))
    const commit = parseCommit(commitOf(bytes))
    expect([commit.author.name, commit.message]).to.deep.equal(['Zoë', 'café\n'])
    expect(formatCommit(commit)).to.deep.equal(bytes)
    expect(decodeUtf8(formatCommit({ ...commit, message: '→' }))).to.match(/\?$/)
  })

  it('without a message, or with one that begins with a line break, are kept', () => {
    for (const message of ['', '\n', '\n\nlate\n', 'no line break']) {
      const commit = { ...COMMIT, message }
      expect(parseCommit(commitOf(formatCommit(commit)))).to.deep.equal(commit)
    }
  })

  it('clean names and addresses as git does', async () => {
    const names = [
      'Ada',
      ' Ada ',
      '<Ada>',
      'A<d>a',
      '"Ada".',
      'Ada, Ph.D.',
      "O'Neil",
      "'Ada'",
      'Ädä;'
    ]
    names.push('a\nb', '..x..', 'x\\', '(x)', 'A  B', '<<>', '\tTab')
    for (const name of names) {
      const env = {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: name,
        GIT_AUTHOR_DATE: '1700000000 +0130'
      }
      const own = formatIdentity({ ...WHO, name, email: name, offset: '+0130' })
      // Git refuses to commit where nothing of the name is left.
      if (own.startsWith('unknown ')) continue
      expect(own, name).to.equal(git(subject.path, ['var', 'GIT_AUTHOR_IDENT'], { env }).trim())
    }
  })

  it('pass git fsck --strict whatever the names and messages', async () => {
    const texts = fc.string({ unit: 'binary', maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(texts, texts, texts, async (name, email, message) => {
        const who = { ...WHO, name, email }
        await store(formatCommit({ ...COMMIT, author: who, committer: who, message }))
      }),
      {
        seed: 1,
        numRuns: 60,
        examples: [
          ['', '', ''],
          ['<>', '\n', '\0'],
          ['\r', '\u0085', '\r\n']
        ]
      }
    )
    expect(fsck(subject.path)).to.equal('')
  })

  it('give their identities back', () => {
    for (const offset of ['+0000', '-0730', '-0000']) {
      expect(parseIdentity(formatIdentity({ ...WHO, offset }))).to.deep.equal({ ...WHO, offset })
    }
    const broken = { name: 'x', email: '', epochSeconds: 0, offset: '+0000' }
    for (const text of ['x', 'x <>', 'x <> then', 'x <> 1e400 0']) {
      expect(parseIdentity(text), text).to.deep.equal(broken)
    }
  })

  it('refuse times that git cannot hold', () => {
    for (const wrong of [{ epochSeconds: 1.5 }, { epochSeconds: -1 }, { offset: 'Z' }]) {
      expect(() => formatIdentity({ ...WHO, ...wrong })).to.throw(TypeError)
    }
  })

  it('that are damaged are named', () => {
    const good = decodeUtf8(formatCommit(COMMIT))
    const bad = ['', 'tree x', good.replace(/^tree.*\n/, ''), good.replace(/\nauthor.*/, '')]
    bad.push(good.replace('tree 4', 'tree z'))
    for (const text of bad) {
      const parse = (): Commit => parseCommit(commitOf(encodeUtf8(text)))
      expect(parse, text).to.throw().with.property('code', 'GIT_OBJECT_DAMAGED')
    }
  })
})
