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
  const script = await bundleForBrowser('test/browser/page/conformance.ts')
  const site = await serveScripts(new Map([['conformance.js', script]]))
  const browser = await launchChromium(executable)
  const page = await openPage(await browser.newContext(), `${site.url}/conformance.html`)
  const cases = await page.evaluate(() => (globalThis as unknown as CasesPage).listCases())

  describe('in Chromium', () => {
    after(async () => {
      await browser.close()
      await site.close()
    })

    for (const [number, { title }] of cases.entries()) {
      it(title, async () => {
        const failure = await page.evaluate(
          (which) => (globalThis as unknown as CasesPage).runCase(which),
          number
        )
        if (failure !== '') throw new Error(failure)
      })
    }
  })
}
