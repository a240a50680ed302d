import { expect } from 'chai'
import fc from 'fast-check'

import type { Files } from '../../src/cli/context.ts'
import { safeName, type TargetFolder, writeInto } from '../../src/cli/target-folder.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'

function memoryFiles() {
  const memory = createMemoryFileSystem()
  const files = {
    ...memory,
    resolve: (path: string) => `/work/${path}`,
    removeFolder: (path: string) => memory.removeFolder(path, { recursive: true })
  } as unknown as Files
  memory.volume.mkdirSync('/work', { recursive: true })
  return { files, volume: memory.volume }
}

const nobody = (): void => undefined

describe('target folder', () => {
  it('writes files into folders that it makes', async () => {
    const { files, volume } = memoryFiles()
    const options = { force: false, onLeft: nobody }
    await writeInto(files, 'out', options, async (target) => {
      await target.write(['a', 'b', 'c.txt'], 'text')
    })
    expect(volume.readFileSync('/work/out/a/b/c.txt', 'utf8')).to.equal('text')
  })

  it('refuses a folder that holds something, unless it is forced', async () => {
    const { files, volume } = memoryFiles()
    volume.mkdirSync('/work/out')
    volume.writeFileSync('/work/out/mine', 'x')
    const write = (target: TargetFolder): Promise<void> => target.write(['mine'], 'new')
    const options = { force: false, onLeft: nobody }
    const refused = await writeInto(files, 'out', options, write).catch((error) => error)
    expect(refused).to.have.property('code', 'CLI_FOLDER_NOT_EMPTY')
    await writeInto(files, 'out', { ...options, force: true }, write)
    expect(volume.readFileSync('/work/out/mine', 'utf8')).to.equal('new')
  })

  it('follows no link', async () => {
    const { files, volume } = memoryFiles()
    volume.mkdirSync('/elsewhere')
    volume.mkdirSync('/work/out')
    volume.symlinkSync('/elsewhere', '/work/out/folder')
    volume.symlinkSync('/elsewhere/file', '/work/out/file')
    await writeInto(files, 'out', { force: true, onLeft: nobody }, async (target) => {
      const refused = await target.write(['folder', 'x'], 'text').catch((error) => error)
      expect(refused).to.have.property('code', 'CLI_PATH_UNSAFE')
      await target.write(['file'], 'text')
    })
    expect(volume.readdirSync('/elsewhere')).to.deep.equal([])
    expect(volume.readFileSync('/work/out/file', 'utf8')).to.equal('text')
  })

  it('is as it was when something fails, or tells what came', async () => {
    const { files, volume } = memoryFiles()
    const left: number[] = []
    const stop = async (force = false): Promise<unknown> => {
      const options = { force, onLeft: (written: number) => left.push(written) }
      return writeInto(files, 'out', options, async (target) => {
        await target.write(['a', 'b'], 'text')
        throw new Error('stopped')
      }).catch((error) => error)
    }
    expect(await stop()).to.have.property('message', 'stopped')
    expect(volume.readdirSync('/work')).to.deep.equal([])
    volume.mkdirSync('/work/out')
    expect(await stop()).to.have.property('message', 'stopped')
    expect(volume.readdirSync('/work/out')).to.deep.equal([])
    volume.writeFileSync('/work/out/mine', 'x')
    expect(await stop(true)).to.have.property('message', 'stopped')
    expect(volume.readdirSync('/work/out')).to.have.members(['a', 'mine'])
    expect(left).to.deep.equal([1])
  })

  it('is beside its place until all is in it', async () => {
    const { files, volume } = memoryFiles()
    await writeInto(files, 'out', { force: false, onLeft: nobody }, async (target) => {
      await target.write(['a'], 'text')
      expect(String(volume.readdirSync('/work'))).to.match(/^out\.[0-9a-f]{8}\.part$/)
    })
    expect(volume.readdirSync('/work')).to.deep.equal(['out'])
  })

  it('makes every name one harmless file name', () => {
    const names = [
      '..',
      '.',
      '',
      'a/b',
      'c:\\x',
      'nul',
      'CON.txt',
      'x.',
      'a b',
      'é',
      '%2F',
      '\u0000'
    ]
    expect(names.map(safeName)).to.deep.equal([
      '%2E%2E',
      '%2E',
      '_',
      'a%2Fb',
      'c%3A%5Cx',
      '%6Eul',
      '%43ON.txt',
      'x%2E',
      'a b',
      'é',
      '%252F',
      '%00'
    ])
  })

  it('never leaves the folder, whatever the names', async () => {
    const name = fc.oneof(
      fc.constantFrom('..', '.', '', '/', '../..', '..\\..', '/etc', 'C:', '~', '...'),
      fc.string()
    )
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), async (names) => {
        const { files, volume } = memoryFiles()
        const options = { force: false, onLeft: nobody }
        await writeInto(files, 'out', options, (target) => target.write(names, 'text'))
        expect(volume.readdirSync('/')).to.deep.equal(['work'])
        expect(volume.readdirSync('/work')).to.deep.equal(['out'])
      })
    )
  })
})
