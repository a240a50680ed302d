import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { openRepository } from '../../src/git/repository.ts'
import { git } from '../support/git.ts'
import { makeRepository } from '../support/repositories.ts'

/** Deflates as nobody does: with blocks that hold nothing before the one with the content. */
function deflateLong(text: string, emptyBlocks: number): Buffer {
  const content = Buffer.from(text)
  let [a, b] = [1, 0]
  for (const byte of content) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  const last = Buffer.from([1, content.length, 0, 255 - content.length, 255])
  const sum = Buffer.from([b >> 8, b & 255, a >> 8, a & 255])
  const empty = Buffer.from([0, 0, 0, 255, 255])
  return Buffer.concat([
    Buffer.from([0x78, 1]),
    ...Array.from({ length: emptyBlocks }, () => empty),
    ...[last, content, sum]
  ])
}

describe('an entry of a pack', () => {
  it('is read however much its deflating added', async () => {
    const { repository, path, close } = await makeRepository()
    try {
      const texts = ['one', 'two', 'three']
      const head = Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, texts.length])
      const entries = texts.flatMap((text, at) => [
        Buffer.from([0x30 | text.length]),
        deflateLong(text, at === 1 ? 1000 : 0)
      ])
      const body = Buffer.concat([head, ...entries])
      const pack = Buffer.concat([body, createHash('sha1').update(body).digest()])
      git(path, ['index-pack', '--stdin'], { input: pack })
      for (const text of texts) {
        const blob = `blob ${text.length}\0${text}`
        const oid = createHash('sha1').update(blob).digest('hex')
        const object = await repository.objects.read(oid)
        expect(new TextDecoder().decode(object?.bytes)).to.equal(text)
      }
    } finally {
      await close()
    }
  })

  it('is read with many others at once, and the pack once for all of them', async () => {
    const { fs, platform, path, close } = await makeRepository()
    try {
      const blobs = Array.from({ length: 300 }, (_, at) => `blob\ndata <<.\ntext ${at}\n.\n`)
      const commit = 'commit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 0\n'
      const settings = ['-c', 'fastimport.unpackLimit=1']
      git(path, [...settings, 'fast-import', '--quiet'], { input: `${blobs.join('')}${commit}\n` })
      let sizeBytes = 0
      const counting: typeof fs = {
        ...fs,
        async readRange(file, offset, length) {
          const bytes = await fs.readRange(file, offset, length)
          if (file.endsWith('.pack')) sizeBytes += bytes?.length ?? 0
          return bytes
        }
      }
      const repository = await openRepository(counting, path, platform)
      const objects = await Promise.all(
        blobs.map((_, at) => {
          const text = `text ${at}\n`
          const name = createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex')
          return repository.objects.read(name)
        })
      )
      expect(objects.map((object) => new TextDecoder().decode(object?.bytes))).to.deep.equal(
        blobs.map((_, at) => `text ${at}\n`)
      )
      const [pack] =
        (await fs.list(`${path}/objects/pack`))?.filter(({ name }) => name.endsWith('.pack')) ?? []
      const stat = await fs.stat(`${path}/objects/pack/${pack?.name}`)
      expect(sizeBytes)
        .to.be.greaterThan(0)
        .and.at.most(stat?.sizeBytes as number)
    } finally {
      await close()
    }
  })
})
