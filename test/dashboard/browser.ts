import type { Browser } from 'playwright-core'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { skipMissing } from '../support/programs.ts'

/** Starts Chromium for the tests of a suite, or skips them where there is none. */
export async function startBrowser(test: Mocha.Context): Promise<Browser> {
  const executable = findChromium()
  return executable === undefined ? skipMissing(test, 'chromium') : launchChromium(executable)
}
