import { expect } from 'chai'

import { remoteErrors } from '../../src/remote/errors.ts'
import { parseRemoteUrl, remoteKeyOf } from '../../src/remote/url.ts'

describe('addresses of remotes', () => {
  const CASES: Readonly<Record<string, object>> = {
    'https://example.org/team/vision.git': {
      kind: 'http',
      url: 'https://example.org/team/vision.git',
      host: 'example.org'
    },
    'HTTP://ada:p%40ss@example.org:8080/a/?token=x#y': {
      kind: 'http',
      url: 'http://example.org:8080/a',
      host: 'example.org:8080',
      username: 'ada',
      password: 'p@ss'
    },
    'https://example.org': { kind: 'http', url: 'https://example.org', host: 'example.org' },
    'ssh://git@example.org:2222/team/a%20b.git': {
      kind: 'ssh',
      url: 'ssh://git@example.org:2222/team/a%20b.git',
      user: 'git',
      host: 'example.org',
      port: 2222,
      path: '/team/a b.git'
    },
    'ssh://ada:secret@[::1]/x': {
      kind: 'ssh',
      url: 'ssh://ada@[::1]/x',
      user: 'ada',
      host: '::1',
      path: '/x'
    },
    'git+ssh://h/~ada/x': { kind: 'ssh', url: 'git+ssh://h/~ada/x', host: 'h', path: '~ada/x' },
    'git@example.org:team/vision.git': {
      kind: 'ssh',
      url: 'git@example.org:team/vision.git',
      user: 'git',
      host: 'example.org',
      path: 'team/vision.git'
    },
    'cluster:/data/x': { kind: 'ssh', url: 'cluster:/data/x', host: 'cluster', path: '/data/x' },
    '[::1]:x': { kind: 'ssh', url: '[::1]:x', host: '::1', path: 'x' },
    'file:///data/a%20b.git/': {
      kind: 'path',
      url: 'file:///data/a%20b.git/',
      path: '/data/a b.git'
    },
    'file:///C:/data': { kind: 'path', url: 'file:///C:/data', path: 'C:/data' },
    '/data/x.git': { kind: 'path', url: '/data/x.git', path: '/data/x.git' },
    './a:b': { kind: 'path', url: './a:b', path: './a:b' },
    'C:\\data\\x': { kind: 'path', url: 'C:\\data\\x', path: 'C:\\data\\x' },
    'results.bundle': { kind: 'path', url: 'results.bundle', path: 'results.bundle' },
    '~/x': { kind: 'path', url: '~/x', path: '~/x' }
  }
  for (const [text, expected] of Object.entries(CASES)) {
    it(`understands ${text}`, () => {
      expect(parseRemoteUrl(text)).to.deep.equal(expected)
    })
  }

  const REFUSED = [
    '',
    ' ',
    'ext::sh -c touch% /tmp/x',
    'http::https://example.org/x',
    'fd::17',
    'ftp://example.org/x',
    'git://example.org/x',
    'ssh://-oProxyCommand=x/y',
    'ssh://-l@example.org/y',
    'ssh://example.org/',
    'ssh://example.org',
    'ssh://example.org:99999/x',
    'ssh://ex$(x)ample/y',
    'ssh://example.org/a%0ab',
    '-oProxyCommand=x:y',
    '-l@example.org:y',
    'example.org:-x',
    'example.org:',
    'ssh://%2doProxy@example.org/x',
    '-x',
    'file:///-x\n',
    'file://elsewhere/x',
    'https://exa mple.org/x',
    'https://-x/y',
    'https://example.org/a\nb',
    'a\u0000b'
  ]
  for (const text of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseRemoteUrl(text))
        .to.throw()
        .satisfies((error: unknown) => remoteErrors.is(error, 'REMOTE_ADDRESS'))
    })
  }

  it('shows no password of an address that it refuses', () => {
    expect(() => parseRemoteUrl('ftp://ada:s3cret@example.org/x')).to.throw(/^(?!.*s3cret)/)
  })

  it('has one key for all addresses of a repository', () => {
    for (const text of [
      'https://github.com/team/vision',
      'https://ada:x@GitHub.com/team/vision.git/',
      'http://github.com:8080/team/vision.git?a=b',
      'git@github.com:team/vision.git',
      'ssh://git@github.com:22/team/vision.git',
      'github.com:/team/vision'
    ]) {
      expect(remoteKeyOf(text), text).to.equal('github.com/team/vision')
    }
    expect(remoteKeyOf('h:~ada/x.git')).to.equal('h/~ada/x')
    expect(remoteKeyOf('/data/team/x.git')).to.equal('/data/team/x')
    expect(remoteKeyOf('file:///data/team/x.git')).to.equal('/data/team/x')
    expect(remoteKeyOf('../x.git/')).to.equal('../x')
  })
})
