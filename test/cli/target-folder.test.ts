import { expect } from 'chai'
import fc from 'fast-check'

import type { Files } from '../../src/cli/context.ts'
import { openTargetFolder, safeName } from '../../src/cli/target-folder.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'

function memoryFiles() {
  const memory = createMemoryFileSystem()
  const files = { ...memory, resolve: (path: string) => `/work/${path}` } as unknown as Files
  memory.volume.mkdirSync('/work', { recursive: true })
  return { files, volume: memory.volume }
}

describe('target folder', () => {
  it('writes files into folders that it makes', async () => {
    const { files, volume } = memoryFiles()
    const target = await openTargetFolder(files, 'out', { force: false })
    await target.write(['a', 'b', 'c.txt'], 'text')
    expect(volume.readFileSync('/work/out/a/b/c.txt', 'utf8')).to.equal('text')
  })

  it('refuses a folder that holds something, unless it is forced', async () => {
    const { files, volume } = memoryFiles()
    volume.mkdirSync('/work/out')
    volume.writeFileSync('/work/out/mine', 'x')
    const refused = await openTargetFolder(files, 'out', { force: false }).catch((error) => error)
    expect(refused).to.have.property('code', 'CLI_FOLDER_NOT_EMPTY')
    const target = await openTargetFolder(files, 'out', { force: true })
    await target.write(['mine'], 'new')
    expect(volume.readFileSync('/work/out/mine', 'utf8')).to.equal('new')
  })

  it('follows no link', async () => {
    const { files, volume } = memoryFiles()
    volume.mkdirSync('/elsewhere')
    volume.mkdirSync('/work/out')
    volume.symlinkSync('/elsewhere', '/work/out/folder')
    volume.symlinkSync('/elsewhere/file', '/work/out/file')
    const target = await openTargetFolder(files, 'out', { force: true })
    const refused = await target.write(['folder', 'x'], 'text').catch((error) => error)
    expect(refused).to.have.property('code', 'CLI_PATH_UNSAFE')
    await target.write(['file'], 'text')
    expect(volume.readdirSync('/elsewhere')).to.deep.equal([])
    expect(volume.readFileSync('/work/out/file', 'utf8')).to.equal('text')
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
        const target = await openTargetFolder(files, 'out', { force: false })
        await target.write(names, 'text')
        expect(volume.readdirSync('/')).to.deep.equal(['work'])
        expect(volume.readdirSync('/work')).to.deep.equal(['out'])
      })
    )
  })
})
