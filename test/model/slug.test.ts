import { expect } from 'chai'
import fc from 'fast-check'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { modelErrors } from '../../src/model/errors.ts'
import { isSlug, slugOf } from '../../src/model/slug.ts'

const { hash } = createNodePlatform()

describe('slugs', () => {
  const examples: { readonly [name: string]: string } = {
    'Iris SVC': 'iris-svc',
    'Übung № 3!': 'ubung-no-3',
    'Straße/øre': 'strasse-ore',
    'a - b': 'a-b',
    'a--b': 'a--b',
    'foo-': 'foo-',
    _private: 'private',
    'v1.2..3.': 'v1.2.3',
    'foo.lock': 'foo-lock',
    CON: 'x-con',
    'com1.txt': 'x-com1.txt',
    '２０２６': '2026',
    日本語: 'x-exrgnve79v'
  }
  for (const [name, slug] of Object.entries(examples)) {
    it(`of ${name} is ${slug}`, () => {
      expect(slugOf(name, hash)).to.equal(slug)
    })
  }

  it('are slugs for every name, and their own', () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }),
      fc.string({ unit: fc.constantFrom(...'aZ.-_ /9lock'), maxLength: 90 }),
      fc.constantFrom('con.lock', 'a.lock.lock', '.lock', 'x..lock', 'LPT1')
    )
    fc.assert(
      fc.property(name, (text) => {
        fc.pre(text.trim() !== '' && !/\p{Cc}/u.test(text))
        const slug = slugOf(text, hash)
        expect(isSlug(slug), slug).to.equal(true)
        expect(slugOf(slug, hash)).to.equal(slug)
      }),
      { numRuns: 2000 }
    )
  })

  it('of long names stay apart', () => {
    const long = 'x'.repeat(62)
    expect(slugOf(`${long} a`, hash)).to.have.length(63)
    expect(slugOf(`${long} a`, hash)).to.not.equal(slugOf(`${long} b`, hash))
    expect(slugOf('x'.repeat(63), hash)).to.equal('x'.repeat(63))
  })

  it('of a name do not depend on how its letters are composed', () => {
    expect(slugOf('e\u0301\u3042\u3099', hash)).to.equal(slugOf('\u00e9\u3042\u3099', hash))
    expect(slugOf('\u304b\u3099', hash)).to.equal(slugOf('\u304c', hash))
  })

  for (const name of [
    '',
    '  ',
    'a\nb',
    '\ud800',
    'x'.repeat(1001),
    'Experiments',
    'datasets',
    'views'
  ]) {
    it(`are refused for ${JSON.stringify(name.slice(0, 20))}`, () => {
      expect(() => slugOf(name, hash))
        .to.throw()
        .that.satisfies((error: unknown) => modelErrors.is(error, 'MODEL_NAME'))
    })
  }

  it('are told from other text', () => {
    for (const slug of ['a', '0', 'a.b-c_d', 'x'.repeat(63), 'datasets']) {
      expect(isSlug(slug), slug).to.equal(true)
    }
    for (const text of [
      '',
      'A',
      '-a',
      '_a',
      '.a',
      'a.',
      'a..b',
      'a.lock',
      'con',
      'nul.x',
      'x'.repeat(64),
      'a/b',
      'é',
      'a\n'
    ]) {
      expect(isSlug(text), text).to.equal(false)
    }
  })
})
