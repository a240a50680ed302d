import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createDesk, type Desk } from '../cli/desk.ts'
import { findChromium, launchChromium, openPage } from '../support/chromium.ts'
import { git, gitBytes } from '../support/git.ts'
import { bundleFolder, serveFiles } from './site.ts'
import { makeStudy, type Study } from './study.ts'

describe('runtree publish', function () {
  this.timeout(120_000)
  let study: Study
  let origin: string
  let desk: Desk

  before(async () => {
    study = await makeStudy()
    origin = join(study.folder, 'origin.git')
    git(study.folder, ['init', '--quiet', '--bare', '--initial-branch=main', origin])
    await study.workspace.remotes.add('origin', origin, { in: 'lab' })
    await study.workspace.push({ in: 'lab' })
    desk = createDesk(study.folder, join(study.folder, 'home'), { dashboardFolder: bundleFolder() })
  })

  after(() => study.close())

  const publish = (...more: readonly string[]) =>
    desk.json('publish', 'lab', '--branch', 'site', ...more)
  const pathsOf = (): readonly string[] =>
    git(origin, ['ls-tree', '-r', '--name-only', 'site']).trim().split('\n')

  it('puts the dashboard and its data on a branch of their own', async () => {
    const { changed, removed, commitOid, runs } = await publish()
    expect([removed, runs]).to.deep.equal([0, 3])
    expect(git(origin, ['rev-parse', 'site']).trim()).to.equal(commitOid)
    const paths = pathsOf()
    expect(paths).to.have.length(changed)
    expect(paths).to.include.members(['index.html', 'main.js', 'data/report.json', '.nojekyll'])
    expect(paths.filter((path) => path.startsWith('data/runs/lab/'))).to.have.length(3)
    expect(paths).not.to.include('worker.js').and.not.to.include('report.js')
    expect(git(origin, ['log', '--format=%s', 'site'])).to.equal('publish lab\n')
    expect(git(origin, ['branch', '--contains', 'main', '--format=%(refname)'])).not.to.contain(
      'site'
    )
  })

  it('opens as a site', async function () {
    const executable = findChromium()
    if (executable === undefined) {
      if (process.env.CI === 'true') throw new TypeError('there is no Chromium')
      return this.skip()
    }
    const files = new Map(
      pathsOf().map((path) => [path, gitBytes(origin, ['show', `site:${path}`])] as const)
    )
    const site = await serveFiles(async (path) => files.get(path))
    const browser = await launchChromium(executable)
    try {
      const page = await openPage(await browser.newContext(), `${site.url}/#/runs/lab/train`)
      await page.getByText('first').first().waitFor()
      expect(await page.evaluate('globalThis.hacked')).to.equal(undefined)
    } finally {
      await browser.close()
      await site.close()
    }
  })

  it('sends nothing if nothing has changed, and else only that', async () => {
    const tip = git(origin, ['rev-parse', 'site'])
    expect(await publish()).to.include({ changed: 0, removed: 0 })
    expect(git(origin, ['rev-parse', 'site'])).to.equal(tip)
    await study.workspace.runs.update(study.first, { notes: 'new' })
    expect(await publish()).to.include({ changed: 1, removed: 0 })
    expect(await publish('--filter', 'params.lr = 0.01')).to.include({ changed: 1, removed: 2 })
    expect(git(origin, ['rev-list', '--count', 'site']).trim()).to.equal('3')
  })

  it('goes on from what somebody else put there, and leaves files alone that are not its own', async () => {
    const clone = join(study.folder, 'clone')
    git(study.folder, ['clone', '--quiet', '--branch', 'site', origin, clone])
    writeFileSync(join(clone, 'CNAME'), 'runs.example.org\n')
    writeFileSync(join(clone, 'data', 'old.json'), '{}')
    git(clone, ['add', '.'])
    git(clone, ['commit', '--quiet', '--message=by hand'])
    git(clone, ['push', '--quiet', 'origin', 'site'])
    expect(await publish()).to.include({ removed: 1 })
    expect(pathsOf()).to.include('CNAME').and.not.to.include('data/old.json')
    expect(git(origin, ['log', '--format=%s', '-2', 'site'])).to.equal('publish lab\nby hand\n')
  })

  it("takes no branch of the project's own", async () => {
    for (const branch of [
      'main',
      'experiments/train',
      'runtree/x',
      '../x',
      'a..b',
      '-x',
      'x.lock'
    ]) {
      const { status } = await desk.ask(['publish', 'lab', `--branch=${branch}`])
      expect(status, branch).to.equal(2)
    }
    const error = await study.workspace
      .publish({ in: 'lab', branch: 'main', files: new Map(), folders: [], subject: 'x' })
      .catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(TypeError)
  })
})
