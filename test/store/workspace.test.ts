import { expect } from 'chai'
import { initRepository } from '../../src/git/repository.ts'
import { findCurrentProject } from '../../src/service/current-project.ts'
import { findWorkspace } from '../../src/store/workspace-folder.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { git } from '../support/git.ts'
import {
  collect,
  failure,
  fillWorkspace,
  openInFolder,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'

for (const host of WORKSPACE_HOSTS) {
  describe(`a workspace ${host.name}`, () => {
    let opened: TestWorkspace
    beforeEach(() => {
      opened = host.open()
    })
    afterEach(() => opened.close())

    it('is empty until something is put into it', async () => {
      expect(await opened.store.projects()).to.deep.equal([])
      expect(await collect(opened.workspace.projects.list())).to.deep.equal([])
      expect(await opened.workspace.runs.get('train')).to.equal(undefined)
      expect(await opened.files.stat(opened.folder)).to.equal(undefined)
    })

    it('keeps itself out of the repository around it', async () => {
      await opened.store.ensure('vision')
      const ignore = await opened.files.read(`${opened.folder}/.gitignore`)
      expect(new TextDecoder().decode(ignore)).to.equal('*\n')
    })

    it('gives code folders of one name a project each', async () => {
      const first = await opened.store.ensure('vision', { codeFolder: '/home/ada/a/vision' })
      const second = await opened.store.ensure('Vision', { codeFolder: '/home/ada/b/vision' })
      const again = await opened.store.ensure('vision', { codeFolder: '/home/ada/a/vision' })
      const other = await opened
        .reopen()
        .store.ensure('vision', { codeFolder: '/home/ada/b/vision' })
      expect(first.slug).to.equal('vision')
      expect(second.slug).to.match(/^vision-[0-9a-f]{4}$/)
      expect(again.slug).to.equal('vision')
      expect(other.slug).to.equal(second.slug)
      expect(await opened.store.projects()).to.deep.equal(['vision', second.slug])
    })

    it('leaves a project to the code folder for which it was made in between', async () => {
      const repository = opened.store.folderOf('vision')
      const { files } = opened
      let isMade = false
      const stat: typeof files.stat = async (path) => {
        const found = await files.stat(path)
        if (path !== repository || found !== undefined || isMade) return found
        isMade = true
        await opened.store.ensure('vision', { codeFolder: '/home/ada/b/vision' })
        return found
      }
      const host = { ...opened.store.host, files: { ...files, stat } }
      const late = new WorkspaceStore(host, opened.folder)
      const own = await late.ensure('vision', { codeFolder: '/home/ada/a/vision' })
      expect(own.slug).to.match(/^vision-[0-9a-f]{4}$/)
      expect(await opened.store.ofCodeFolder(['/home/ada/b/vision'])).to.equal('vision')
      expect(await opened.store.ofCodeFolder(['/home/ada/a/vision'])).to.equal(own.slug)
      await late.close()
    })

    it('keeps a suffixed slug within the length of slugs', async () => {
      const name = 'v'.repeat(63)
      await opened.store.ensure(name, { codeFolder: '/a' })
      const { slug } = await opened.store.ensure(name, { codeFolder: '/b' })
      expect(slug).to.match(/^v{58}-[0-9a-f]{4}$/)
      expect(await opened.store.projects()).to.include(slug)
    })

    it('lets a code folder take a project of its name that was made by hand', async () => {
      await opened.workspace.projects.create({ name: 'Vision' })
      const taken = await opened.store.ensure('vision', { codeFolder: '/home/ada/a/vision' })
      expect(taken.slug).to.equal('vision')
      const other = await opened.store.ensure('vision', { codeFolder: '/home/ada/b/vision' })
      expect(other.slug).to.match(/^vision-/)
    })

    it('knows the current project by name, code folder, or because it is the only one', async () => {
      const { store } = opened
      const cwd = '/home/ada/code/vision/scripts'
      expect(await findCurrentProject(store, { cwd })).to.equal(undefined)
      await store.ensure('speech')
      expect(await findCurrentProject(store, { cwd })).to.equal('speech')
      await store.ensure('zoo')
      expect(await findCurrentProject(store, { cwd })).to.equal(undefined)
      await store.ensure('vision', { codeFolder: '/home/ada/code/vision' })
      await store.ensure('code', { codeFolder: '/home/ada/code' })
      expect(await findCurrentProject(store, { cwd })).to.equal('vision')
      expect(await findCurrentProject(store, { cwd: '/home/ada/code/x' })).to.equal('code')
      expect(await findCurrentProject(store, { cwd, setting: 'zoo' })).to.equal('zoo')
      const hints = { cwd, setting: 'zoo', runtreeProject: 'speech' }
      expect(await findCurrentProject(store, hints)).to.equal('speech')
      expect(await findCurrentProject(store, { ...hints, project: 'Vision' })).to.equal('vision')
    })

    it('is where the variable says, else the nearest folder upwards, else at home', async () => {
      const { files, folder } = opened
      const search = { cwd: `${folder}/a/b`, home: `${folder}/home` }
      expect(await findWorkspace(files, { ...search, runtreeHome: '/x' })).to.equal('/x')
      expect(await findWorkspace(files, search)).to.equal(`${folder}/home/.runtree`)
      await files.makeFolder(`${folder}/.runtree`)
      expect(await findWorkspace(files, search)).to.equal(`${folder}/.runtree`)
      await files.makeFolder(`${folder}/a/.runtree`)
      expect(await findWorkspace(files, search)).to.equal(`${folder}/a/.runtree`)
    })

    it('refuses a repository that is no project, and lists the others', async () => {
      await opened.workspace.projects.create({ name: 'Vision' })
      await opened.files.makeFolder(`${opened.folder}/empty.git`)
      await initRepository(opened.files, `${opened.folder}/other.git`)
      const told: { readonly path: string; readonly error: unknown }[] = []
      const listed = await collect(
        opened.workspace.projects.list({ onDamaged: (damage) => told.push(damage) })
      )
      expect(listed.map(({ id }) => id)).to.deep.equal(['vision'])
      expect(told.map(({ path }) => path)).to.deep.equal([
        `${opened.folder}/empty.git`,
        `${opened.folder}/other.git`
      ])
      expect(told[0]?.error).to.include({ code: 'GIT_NOT_A_REPOSITORY' })
      expect(told[1]?.error).to.include({ code: 'STORE_NOT_A_PROJECT' })
      const error = await failure(opened.workspace.experiments.create({ in: 'other', name: 'x' }))
      expect(error).to.include({ code: 'STORE_NOT_A_PROJECT' })
      expect(error.data).to.deep.equal({ folder: `${opened.folder}/other.git` })
      const { workspace } = opened.reopen({ project: undefined })
      await workspace.experiments.create({ in: 'vision', name: 'train' })
      const damaged: string[] = []
      const experiments = await collect(
        workspace.experiments.list({ onDamaged: ({ path }) => damaged.push(path) })
      )
      expect(experiments.map(({ id }) => id)).to.deep.equal(['train'])
      expect(damaged).to.have.length(2)
      await opened.files.removeFolder(`${opened.folder}/empty.git`, { recursive: true })
      await opened.files.removeFolder(`${opened.folder}/other.git`, { recursive: true })
    })

    it('forgets deleted projects after 30 days', async () => {
      let nowMs = Date.UTC(2026, 0, 1)
      const clock = { now: () => nowMs }
      const platform = { ...opened.platform, clock }
      const { store } = opened.reopen({ platform })
      await store.ensure('vision')
      await store.ensure('speech')
      expect(await store.delete('vision')).to.equal(true)
      nowMs += 29 * 24 * 3600 * 1000
      expect(await store.delete('none')).to.equal(false)
      expect(await store.restore('vision')).to.equal(true)
      await store.delete('vision')
      nowMs += 31 * 24 * 3600 * 1000
      await store.delete('speech')
      expect(await store.restore('vision')).to.equal(false)
      expect(await store.restore('speech')).to.equal(true)
    })

    it('forgets deleted experiments after 30 days', async () => {
      let nowMs = Date.UTC(2026, 0, 1)
      const platform = { ...opened.platform, clock: { now: () => nowMs } }
      const timed = opened.reopen({ platform })
      await fillWorkspace(timed)
      const { experiments } = timed.workspace
      await experiments.create({ in: 'vision', name: 'other' })
      await experiments.delete('vision/train')
      nowMs += 31 * 24 * 3600 * 1000
      await experiments.delete('vision/other')
      expect(await failure(experiments.restore('vision/train'))).to.include({
        code: 'STORE_NOT_FOUND'
      })
      await experiments.restore('vision/other')
      if (opened.onDisk) {
        git(opened.store.folderOf('vision'), ['gc', '--quiet', '--prune=now'])
      }
    })
  })
}

describe('a workspace that is closed', () => {
  it('can be opened again where it was', async () => {
    const opened = openInFolder()
    await fillWorkspace(opened)
    await opened.workspace.close()
    expect(await opened.reopen().workspace.experiments.exists('vision/train')).to.equal(true)
    await opened.close()
  })
})
