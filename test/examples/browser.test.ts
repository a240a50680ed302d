import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { findChromium, launchChromium, serveScripts } from '../support/chromium.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { skipMissing } from '../support/programs.ts'
import { fillWorkspace, openInFolder } from '../support/workspaces.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the example for browsers', () => {
  it('is built by Vite as it is, and shows the runs of a remote under its policy', async function () {
    const executable = findChromium()
    if (executable === undefined) return skipMissing(this, 'chromium')
    const folder = makeTempFolder()
    cpSync(join(root, 'examples/browser'), join(folder, 'app'), { recursive: true })
    mkdirSync(join(folder, 'app/node_modules'))
    symlinkSync(root, join(folder, 'app/node_modules/runtree'))
    execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
      cwd: join(folder, 'app'),
      stdio: 'pipe',
      env: { PATH: process.env.PATH }
    })
    const built = readdirSync(join(folder, 'app/dist'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|html)$/.test(name))
      .map((name) => [name, readFileSync(join(folder, 'app/dist', name), 'utf8')] as const)
    const made = openInFolder()
    await fillWorkspace(made)
    git(folder, ['clone', '--quiet', '--mirror', made.store.folderOf('vision'), 'vision.git'])
    await made.close()
    const site = await serveScripts(new Map(built))
    const server = await serveGitHttp(folder, { cors: site.url })
    const browser = await launchChromium(executable)
    try {
      const page = await browser.newPage()
      await page.goto(`${site.url}/index.html`)
      await page.fill('[name=url]', `${server.url}/vision.git`)
      await page.click('button')
      await page.waitForSelector('tbody tr')
      expect(await page.textContent('#state')).to.equal('1 runs')
      await page.reload()
      await page.waitForSelector('tbody tr')
      expect(await page.textContent('tbody td:nth-child(2)')).to.be.a('string')
    } finally {
      await browser.close()
      await server.close()
      await site.close()
      removeTempFolder(folder)
    }
  })
})
