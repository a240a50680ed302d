import type { Page } from 'playwright-core'
import {
  bundleForBrowser,
  findChromium,
  launchChromium,
  openPage,
  serveScripts
} from '../support/chromium.ts'
import { skipMissing } from '../support/programs.ts'
import type { PageCase } from './page/cases.ts'

/** What `cases.ts` puts into the page. */
interface CasesPage {
  listCases(): readonly PageCase[]
  runCase(number: number): Promise<string>
}

const executable = findChromium()

if (executable === undefined) {
  it('the ports in a browser', function () {
    skipMissing(this, 'chromium')
  })
} else {
  const scripts = new Map([
    ['ports.js', await bundleForBrowser('test/browser/page/conformance.ts')],
    [
      'services.js',
      await bundleForBrowser('test/browser/page/services.ts', {
        instead: {
          'support/workspaces.ts': 'test/browser/page/workspaces.ts',
          'support/git.ts': 'test/browser/page/no-git.ts'
        }
      })
    ]
  ])
  const site = await serveScripts(scripts)
  const browser = await launchChromium(executable)
  const context = await browser.newContext()
  const pages: { readonly page: Page; readonly cases: readonly PageCase[] }[] = []
  for (const name of ['ports', 'services']) {
    const page = await openPage(context, `${site.url}/${name}.html`)
    const cases = await page.evaluate(() => (globalThis as unknown as CasesPage).listCases())
    pages.push({ page, cases })
  }

  describe('in Chromium', () => {
    after(async () => {
      await browser.close()
      await site.close()
    })

    for (const { page, cases } of pages) {
      for (const [number, { title }] of cases.entries()) {
        it(title, async () => {
          const failure = await page.evaluate(
            (which) => (globalThis as unknown as CasesPage).runCase(which),
            number
          )
          if (failure !== '') throw new Error(failure)
        })
      }
    }
  })
}
