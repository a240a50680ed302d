import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import type { ReportData } from '../source/report-data.ts'
import { formatWire } from '../source/wire.ts'

/** The folders of a published site that hold nothing else. */
export const SITE_FOLDERS = ['data', 'parts'] as const

/** Files of the bundle that a published site doesn't need: the ways to open something else. */
const LEFT_OUT = /^(report\.js|worker\.js|parts\/worker-)/

/**
 * Makes the files of a site that shows a report: the dashboard, and its data in files of their own, so that
 * what has not changed need not be sent again.
 */
export function createPublishedSite(
  report: ReportData,
  bundle: ReadonlyMap<string, Uint8Array>
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const [path, bytes] of bundle) {
    if (!LEFT_OUT.test(path)) files.set(path, path === 'index.html' ? publishedPage(bytes) : bytes)
  }
  const runs = report.runs.map(({ contents, ...run }) => {
    if (contents === undefined) return run
    const file = `runs/${run.answer.project}/${run.answer.id}.json`
    files.set(`data/${file}`, encodeUtf8(`${formatWire(contents)}\n`))
    return { ...run, file }
  })
  files.set('data/report.json', encodeUtf8(`${formatWire({ ...report, runs })}\n`))
  // Without it, GitHub's pages leave out what begins with an underscore and take their time.
  files.set('.nojekyll', new Uint8Array())
  return files
}

/** Says in the page that its data lie beside it, where alone it may ask. */
function publishedPage(bytes: Uint8Array): Uint8Array {
  const page = decodeUtf8(bytes)
    .replace('<meta name="runtree" content="hosted"', '<meta name="runtree" content="published"')
    .replace('connect-src *', "connect-src 'self'")
  return encodeUtf8(page)
}
