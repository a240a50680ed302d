import { expect } from 'chai'
import { formatLfsPointer } from '../../src/artifacts/lfs-pointer.ts'
import { lfsObjectPath } from '../../src/artifacts/local-content.ts'
import { encodeUtf8, formatHex } from '../../src/base/bytes.ts'
import { artifactPath, pathOf } from '../../src/format/paths.ts'
import { formatRecord } from '../../src/format/record.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import {
  collect,
  failure,
  fillWorkspace,
  RUN,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'
import { runKey } from './kinds.ts'

const IN_RUN = `vision/train/${RUN}`
const LARGE = encodeUtf8('large '.repeat(1000))
const URI = 's3://bucket/model.bin'

for (const host of WORKSPACE_HOSTS) {
  describe(`artifacts ${host.name}`, () => {
    let opened: TestWorkspace
    let sha256: string
    beforeEach(async () => {
      opened = host.open()
      await fillWorkspace(opened)
      sha256 = formatHex(opened.platform.hash.sha256(LARGE))
      const store = await opened.project()
      const key = runKey(RUN)
      await store.transact(['refs/heads/experiments/train'], 'put', async (transaction) => {
        const put = (path: string, bytes: Uint8Array): void =>
          transaction.writeFile(key, artifactPath(key, path), bytes)
        put('plots/loss.svg', encodeUtf8('<svg/>'))
        put('model.bin', formatLfsPointer({ sha256, sizeBytes: LARGE.length }))
        const away: KeyOf<'artifact'> = { ...key, kind: 'artifact', name: 'away.bin' }
        const record = {
          schema: 'artifact/1',
          created: '2026-01-01T00:00:00.000Z',
          uri: URI
        } as const
        transaction.writeFile(key, pathOf(away), formatRecord('artifact', record))
      })
      await opened.workspace.runs.update(IN_RUN, {
        artifacts: {
          'plots/loss.svg': { sizeBytes: 6, mediaType: 'image/svg+xml' },
          'model.bin': { sizeBytes: LARGE.length, digest: `sha256:${sha256}` },
          'away.bin': { uri: URI }
        }
      })
    })
    afterEach(() => opened.close())

    const storeContent = async (bytes: Uint8Array): Promise<void> => {
      const path = lfsObjectPath(opened.store.folderOf('vision'), sha256)
      await opened.files.makeFolder(path.slice(0, path.lastIndexOf('/')))
      await opened.files.write(path, bytes)
    }
    const present = async (): Promise<readonly string[]> =>
      (await collect(opened.workspace.artifacts.list(IN_RUN))).flatMap((entry) =>
        entry.present ? [entry.path] : []
      )

    it('are listed with what is known of them and whether their content is here', async () => {
      const listed = await collect(opened.workspace.artifacts.list(IN_RUN))
      expect(listed.map(({ path }) => path)).to.deep.equal([
        'away.bin',
        'model.bin',
        'plots/loss.svg'
      ])
      expect(listed[2]).to.deep.equal({
        path: 'plots/loss.svg',
        address: `${IN_RUN}/artifacts/plots/loss.svg`,
        sizeBytes: 6,
        mediaType: 'image/svg+xml',
        present: true
      })
      expect(await present()).to.deep.equal(['plots/loss.svg'])
      await storeContent(LARGE)
      expect(await present()).to.deep.equal(['model.bin', 'plots/loss.svg'])
    })

    it('are read from the history or from beside it', async () => {
      const { artifacts } = opened.workspace
      const bytes = await artifacts.read(`${IN_RUN}/artifacts/plots/loss.svg`)
      expect(new TextDecoder().decode(bytes)).to.equal('<svg/>')
      await storeContent(LARGE)
      expect(await artifacts.read(`${IN_RUN}/artifacts/model.bin`)).to.deep.equal(LARGE)
      expect(await artifacts.read(`${IN_RUN}/artifacts/none`)).to.equal(undefined)
    })

    it('whose content is elsewhere tell where', async () => {
      const { artifacts } = opened.workspace
      const away = await failure(artifacts.read(`${IN_RUN}/artifacts/away.bin`))
      expect(away).to.include({ code: 'STORE_CONTENT_ELSEWHERE' })
      expect(away.data).to.include({ place: URI, address: `${IN_RUN}/artifacts/away.bin` })
      const missing = await failure(artifacts.read(`${IN_RUN}/artifacts/model.bin`))
      expect(missing).to.include({ code: 'STORE_CONTENT_ELSEWHERE' })
      expect(missing.data).to.include({ sizeBytes: LARGE.length })
    })

    it('whose content was changed beside the history are refused', async () => {
      const changed = Uint8Array.from(LARGE)
      changed[0] = 0
      await storeContent(changed)
      const error = await failure(opened.workspace.artifacts.read(`${IN_RUN}/artifacts/model.bin`))
      expect(error).to.include({ code: 'STORE_CONTENT_DAMAGED' })
    })

    it('are deleted with their place in the list of their run', async () => {
      const { artifacts, runs } = opened.workspace
      for (const name of ['plots/loss.svg', 'away.bin']) {
        expect(await artifacts.delete(`${IN_RUN}/artifacts/${name}`)).to.equal(true)
        expect(await artifacts.delete(`${IN_RUN}/artifacts/${name}`)).to.equal(false)
        expect(await artifacts.read(`${IN_RUN}/artifacts/${name}`)).to.equal(undefined)
      }
      expect(Object.keys((await runs.get(IN_RUN))?.fields.artifacts ?? {})).to.deep.equal([
        'model.bin'
      ])
    })

    it('are read as they were at a commit', async () => {
      const { artifacts, runs } = opened.workspace
      const at = (await runs.get(IN_RUN))?.commitOid as string
      await artifacts.delete(`${IN_RUN}/artifacts/plots/loss.svg`)
      const bytes = await artifacts.read(`${IN_RUN}/artifacts/plots/loss.svg`, { at })
      expect(bytes).to.have.length(6)
      expect(await collect(artifacts.list(IN_RUN, { at }))).to.have.length(3)
    })

    it('of a run that is gone are gone', async () => {
      await opened.workspace.runs.delete(IN_RUN)
      const error = await failure(collect(opened.workspace.artifacts.list(IN_RUN)))
      expect(error).to.include({ code: 'STORE_NOT_FOUND' })
      expect(await opened.workspace.artifacts.read(`${IN_RUN}/artifacts/model.bin`)).to.equal(
        undefined
      )
    })
  })
}
