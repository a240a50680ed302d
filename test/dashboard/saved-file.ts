import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'

/** Presses what gives a file, and returns what the file is called and holds. */
export async function savedFile(
  page: Page,
  button: Locator
): Promise<{ readonly name: string; readonly text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
}
