import { expect } from 'chai'

import { readSettings, writeSetting } from '../../src/service/config.ts'

function memory(): {
  readonly texts: Map<string, string>
  readonly files: Parameters<typeof writeSetting>[0]
} {
  const texts = new Map<string, string>()
  return {
    texts,
    files: {
      read: async (path) => {
        const text = texts.get(path)
        return text === undefined ? undefined : new TextEncoder().encode(text)
      },
      write: async (path, bytes) => void texts.set(path, new TextDecoder().decode(bytes)),
      rename: async (from, to) => {
        texts.set(to, texts.get(from) ?? '')
        return texts.delete(from)
      },
      makeFolder: async () => undefined
    }
  }
}

describe('settings', () => {
  it('keeps what is set, beside what it does not know', async () => {
    const { files, texts } = memory()
    texts.set('w/config.yaml', 'author:\n  org: x\nother: 1\n')
    await writeSetting(files, 'w', 'author.name', 'Ada')
    await writeSetting(files, 'w', 'project', 'vision')
    expect(await readSettings(files, 'w')).to.deep.equal({
      project: 'vision',
      'author.name': 'Ada'
    })
    await writeSetting(files, 'w', 'author.name', undefined)
    expect(await readSettings(files, 'w')).to.deep.equal({ project: 'vision' })
    expect(texts.get('w/config.yaml')).to.equal('author:\n  org: x\nother: 1\nproject: vision\n')
    expect([...texts.keys()]).to.deep.equal(['w/config.yaml'])
  })

  it('has none where there is no file', async () => {
    expect(await readSettings(memory().files, 'w')).to.deep.equal({})
  })

  it('refuses a value that no commit can bear', async () => {
    const { files, texts } = memory()
    for (const value of ['', ' ', 'a\nb', 'a <b>']) {
      const error = await writeSetting(files, 'w', 'author.name', value).catch((e) => e)
      expect(error.code).to.equal('SERVICE_SETTING')
    }
    expect(texts.size).to.equal(0)
  })

  it('refuses a file whose setting is no text', async () => {
    const { files, texts } = memory()
    texts.set('w/config.yaml', 'project: [1]\n')
    const error = await readSettings(files, 'w').catch((e) => e)
    expect(error.code).to.equal('SERVICE_SETTING')
  })
})
