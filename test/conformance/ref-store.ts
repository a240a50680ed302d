import { expect } from 'chai'

import type { RefStore } from '../../src/git/ref-store.ts'

/** An empty store to be tested, whose `HEAD` points at `refs/heads/main`. */
export interface OpenRefStore {
  readonly store: RefStore
  /** Opens the same store anew, as another process would. */
  reopen(): Promise<RefStore>
  close(): Promise<void>
}

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)

/** Tests what every RefStore promises. */
export function testRefStore(name: string, open: () => Promise<OpenRefStore>): void {
  describe(`ref store: ${name}`, () => {
    let subject: OpenRefStore
    let store: RefStore

    beforeEach(async () => {
      subject = await open()
      store = subject.store
    })
    afterEach(() => subject.close())

    const set = async (...names: readonly string[]): Promise<void> => {
      for (const ref of names) await store.update([{ ref, value: A }])
    }
    const codeOf = (outcome: Promise<unknown>): Promise<unknown> =>
      outcome.then(
        (value) => value,
        (error: { code?: unknown }) => error.code
      )

    it('creates, changes and deletes a ref by compare-and-swap', async () => {
      const ref = 'refs/heads/main'
      const updated = { status: 'updated' }
      expect(await store.read(ref)).to.equal(undefined)
      expect(await store.update([{ ref, expected: null, value: A }])).to.deep.equal(updated)
      expect(await store.read(ref)).to.equal(A)
      expect(await store.update([{ ref, expected: A, value: B }])).to.deep.equal(updated)
      expect(await (await subject.reopen()).read(ref)).to.equal(B)
      expect(await store.update([{ ref, expected: B, value: null }])).to.deep.equal(updated)
      expect(await store.read(ref)).to.equal(undefined)
      expect(await store.update([{ ref, value: null }])).to.deep.equal(updated)
    })

    it('changes nothing when a ref holds something else, and says what', async () => {
      await set('refs/heads/a', 'refs/heads/b')
      const outcome = await store.update([
        { ref: 'refs/heads/a', expected: A, value: B },
        { ref: 'refs/heads/b', expected: B, value: null },
        { ref: 'refs/heads/c', expected: B, value: A },
        { ref: 'refs/heads/d', expected: null, value: A }
      ])
      expect(outcome).to.deep.equal({
        status: 'changed',
        found: new Map([
          ['refs/heads/b', A],
          ['refs/heads/c', undefined]
        ])
      })
      expect([...(await store.list('refs/'))]).to.deep.equal([
        ['refs/heads/a', A],
        ['refs/heads/b', A]
      ])
    })

    it('makes all edits of an update', async () => {
      await set('refs/heads/a', 'refs/heads/b')
      const edits = [
        { ref: 'refs/heads/b', expected: A, value: null },
        { ref: 'refs/heads/a', value: B },
        { ref: 'refs/tags/new/deep', expected: null, value: A }
      ]
      expect(await store.update(edits)).to.deep.equal({ status: 'updated' })
      expect([...(await store.list('refs/'))]).to.deep.equal([
        ['refs/heads/a', B],
        ['refs/tags/new/deep', A]
      ])
    })

    it('lists by prefix in order of code points', async () => {
      await set('refs/heads/x/b', 'refs/heads/x-y', 'refs/heads/a', 'refs/tags/a', 'refs/heads/é')
      expect([...(await store.list('refs/heads/')).keys()]).to.deep.equal([
        'refs/heads/a',
        'refs/heads/x-y',
        'refs/heads/x/b',
        'refs/heads/é'
      ])
      expect([...(await store.list('refs/heads/x')).keys()]).to.deep.equal([
        'refs/heads/x-y',
        'refs/heads/x/b'
      ])
      expect([...(await store.list('refs/heads/x/')).keys()]).to.deep.equal(['refs/heads/x/b'])
      expect((await store.list('refs/none/')).size).to.equal(0)
      expect((await store.list('refs/')).size).to.equal(5)
    })

    it('refuses names that git refuses', async () => {
      const names = [
        'main',
        'refs',
        'refs/',
        'refs/heads/a..b',
        'refs/heads/.a',
        'refs/heads/a.lock'
      ]
      names.push('refs/heads/a b', 'refs/heads/a~', 'refs/heads//a', 'refs/heads/a@{b', '../x', '')
      for (const ref of names) {
        expect(await codeOf(store.update([{ ref, value: A }])), ref).to.equal('GIT_REF_NAME')
        expect(await codeOf(store.read(ref)), ref).to.equal('GIT_REF_NAME')
      }
    })

    it('refuses a ref beside one that would be its folder', async () => {
      await set('refs/heads/a/b')
      for (const ref of ['refs/heads/a', 'refs/heads/a/b/c', 'refs/heads/a/b/c/d']) {
        expect(await codeOf(store.update([{ ref, value: A }])), ref).to.equal('GIT_REF_NAME')
      }
      const both = ['refs/heads/x', 'refs/heads/x/y'].map((ref) => ({ ref, value: A }))
      expect(await codeOf(store.update(both))).to.equal('GIT_REF_NAME')
      expect([...(await store.list('refs/')).keys()]).to.deep.equal(['refs/heads/a/b'])
    })

    it('takes a name again, as folder or file, when the other was deleted', async () => {
      await set('refs/heads/a/b/c')
      await store.update([{ ref: 'refs/heads/a/b/c', value: null }])
      await set('refs/heads/a')
      await store.update([{ ref: 'refs/heads/a', value: null }])
      await set('refs/heads/a/b')
      expect([...(await store.list('refs/')).keys()]).to.deep.equal(['refs/heads/a/b'])
    })

    it('refuses a ref that is edited twice, and what is no oid', async () => {
      const ref = 'refs/heads/a'
      const twice = store.update([
        { ref, value: A },
        { ref, value: B }
      ])
      for (const outcome of [twice, store.update([{ ref, value: 'abc' }])]) {
        expect(await outcome.catch((error: unknown) => error)).to.be.instanceOf(TypeError)
      }
      expect(await store.read(ref)).to.equal(undefined)
    })

    it('follows symbolic refs, when reading and when updating', async () => {
      await store.update([{ ref: 'HEAD', expected: null, value: A }])
      expect(await store.read('refs/heads/main')).to.equal(A)
      expect(await store.read('HEAD')).to.equal(A)
      await store.setSymbolic('HEAD', 'refs/heads/other')
      expect(await store.read('HEAD')).to.equal(undefined)
      await set('refs/heads/other')
      expect(await (await subject.reopen()).read('HEAD')).to.equal(A)
    })

    it('loses no increment of many that swap at once', async () => {
      const ref = 'refs/heads/counter'
      const increment = async (refs: RefStore): Promise<void> => {
        for (;;) {
          const found = await refs.read(ref)
          const next = (Number.parseInt(found ?? '0', 16) + 1).toString(16).padStart(40, '0')
          const outcome = await refs.update([{ ref, expected: found ?? null, value: next }])
          if (outcome.status === 'updated') return
        }
      }
      const other = await subject.reopen()
      await Promise.all(Array.from({ length: 20 }, (_, i) => increment(i % 2 ? store : other)))
      expect(Number.parseInt((await store.read(ref)) ?? '', 16)).to.equal(20)
    })

    it('lets the bodies of one queue run one after another, those of two at once', async () => {
      const other = await subject.reopen()
      let running = 0
      let most = 0
      const body = async (): Promise<void> => {
        most = Math.max(most, ++running)
        await store.read('refs/heads/a')
        running--
      }
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 ? store : other).queue('refs/heads/a', body))
      )
      expect(most).to.equal(1)
      const inner = await store.queue('refs/heads/a', () =>
        store.queue('refs/heads/b', async () => 7)
      )
      expect(inner).to.equal(7)
    })

    it('passes on what a queued body throws, and goes on', async () => {
      const failing = store.queue('q', () => Promise.reject(new RangeError('mine')))
      expect(await failing.catch((error: unknown) => error)).to.be.instanceOf(RangeError)
      expect(await store.queue('q', async () => 1)).to.equal(1)
    })
  })
}
