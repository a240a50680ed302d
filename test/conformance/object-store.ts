import { expect } from 'chai'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import type { Hash } from '../../src/base/platform.ts'
import type { ObjectStore } from '../../src/git/object-store.ts'
import { createObject, type NewObject } from '../../src/git/objects.ts'

/** An empty store to be tested. */
export interface OpenObjectStore {
  readonly store: ObjectStore
  readonly hash: Hash
  /** Opens the same store anew, as another process would. */
  reopen(): Promise<ObjectStore>
  close(): Promise<void>
}

/** Tests what every ObjectStore promises. */
export function testObjectStore(name: string, open: () => Promise<OpenObjectStore>): void {
  describe(`object store: ${name}`, () => {
    let subject: OpenObjectStore
    let store: ObjectStore

    beforeEach(async () => {
      subject = await open()
      store = subject.store
    })
    afterEach(() => subject.close())

    const blob = (text: string): NewObject => createObject(subject.hash, 'blob', encodeUtf8(text))
    const write = async (to: ObjectStore, objects: readonly NewObject[]): Promise<void> =>
      (await to.write(objects)).release()

    for (const count of [1, 2, 10, 300]) {
      it(`gives back ${count} objects, also to another process`, async () => {
        const objects = Array.from({ length: count }, (_, index) => blob(`object ${index}`))
        await write(store, objects)
        for (const reader of [store, await subject.reopen()]) {
          for (const object of objects) expect(await reader.read(object.oid)).to.deep.equal(object)
          expect(await reader.has((objects[0] as NewObject).oid)).to.equal(true)
        }
      })
    }

    it('keeps the type and the bytes, none and many', async () => {
      const objects = [
        blob(''),
        createObject(subject.hash, 'tree', new Uint8Array()),
        createObject(
          subject.hash,
          'blob',
          new Uint8Array(2 << 20).map((_, i) => (i * i) % 253)
        )
      ]
      await write(store, objects)
      for (const object of objects) expect(await store.read(object.oid)).to.deep.equal(object)
    })

    it('answers undefined for an object that is not there', async () => {
      const { oid } = blob('absent')
      expect(await store.read(oid)).to.equal(undefined)
      expect(await store.has(oid)).to.equal(false)
      await write(store, [blob('a'), blob('b')])
      expect(await store.read(oid)).to.equal(undefined)
      expect(await store.has(oid)).to.equal(false)
    })

    it('sees what another process wrote since', async () => {
      await write(store, [blob('a'), blob('b')])
      await store.read(blob('a').oid)
      const other = await subject.reopen()
      await write(other, [blob('c'), blob('d')])
      await write(other, [blob('e')])
      for (const text of ['c', 'd', 'e']) {
        expect(await store.read(blob(text).oid)).to.deep.equal(blob(text))
        expect(await store.has(blob(text).oid)).to.equal(true)
      }
    })

    it('reads many, each once, and leaves out what is absent', async () => {
      const objects = Array.from({ length: 40 }, (_, index) => blob(`many ${index}`))
      await write(store, objects.slice(0, 20))
      await write(store, objects.slice(20, 39))
      await write(store, objects.slice(39))
      const wanted = [...objects, ...objects.slice(5, 9), blob('absent')].map(
        (object) => object.oid
      )
      const found: string[] = []
      for await (const object of store.readMany(wanted.reverse())) found.push(object.oid)
      expect(found.sort()).to.deep.equal(objects.map((object) => object.oid).sort())
    })

    it('takes an object that is there already, and one that is given twice', async () => {
      await write(store, [blob('a'), blob('b')])
      await write(store, [blob('c')])
      await write(store, [blob('a'), blob('c'), blob('d'), blob('d'), blob('e')])
      await write(store, [blob('a'), blob('c')])
      for (const text of ['a', 'b', 'c', 'd', 'e']) {
        expect(await store.read(blob(text).oid)).to.deep.equal(blob(text))
      }
    })

    it('writes nothing at all', async () => {
      await write(store, [])
    })

    it('writes at once from many sides', async () => {
      const other = await subject.reopen()
      const batches = Array.from({ length: 12 }, (_, batch) =>
        [0, 1, 2].map((index) => blob(`batch ${batch % 6} ${index}`))
      )
      await Promise.all(batches.map((batch, index) => write(index % 2 ? store : other, batch)))
      const last = await subject.reopen()
      for (const object of batches.flat()) {
        expect(await last.read(object.oid)).to.deep.equal(object)
      }
    })

    it('lists which of many it has, alone or with others', async () => {
      await write(store, [blob('a'), blob('b')])
      await write(store, [blob('c')])
      const names = ['a', 'b', 'c', 'd'].map((text) => blob(text).oid)
      expect(await store.listHeld(names)).to.deep.equal(names.slice(0, 3))
      expect(await (await subject.reopen()).listHeld(names)).to.deep.equal(names.slice(0, 3))
      expect(await store.listHeld([])).to.deep.equal([])
    })

    it('lists the same of so many that all it has are looked through', async () => {
      await write(store, [blob('a'), blob('b')])
      await write(store, [blob('c')])
      const absent = Array.from({ length: 400 }, (_, index) => blob(`absent ${index}`).oid)
      const held = ['a', 'b', 'c'].map((text) => blob(text).oid)
      expect(await store.listHeld([...absent, ...held])).to.deep.equal(held)
    })

    it('finds by prefix, in order, up to a limit', async () => {
      const objects = Array.from({ length: 300 }, (_, index) => blob(`prefix ${index}`))
      await write(store, objects.slice(0, 298))
      for (const object of objects.slice(298)) await write(store, [object])
      const oids = objects.map((object) => object.oid).sort()
      for (const prefix of ['', '0', '7a', 'f', oids[3]?.slice(0, 5) ?? '', oids[150] ?? '']) {
        const expected = prefix === '' ? [] : oids.filter((oid) => oid.startsWith(prefix))
        expect(await store.findByPrefix(prefix, 1000), prefix).to.deep.equal(expected)
        expect(await store.findByPrefix(prefix, 2), prefix).to.deep.equal(expected.slice(0, 2))
      }
      expect(await store.findByPrefix('zz', 10)).to.deep.equal([])
    })

    it('may release what it held twice', async () => {
      const held = await store.write([blob('a'), blob('b')])
      await held.release()
      await held.release()
      expect(await store.has(blob('a').oid)).to.equal(true)
    })
  })
}
