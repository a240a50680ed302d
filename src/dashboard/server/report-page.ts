import { encodeUtf8 } from '../../base/bytes.ts'
import type { ReportData } from '../source/report-data.ts'
import { formatWire } from '../source/wire.ts'

/** The parts of a report besides its data. */
export interface ReportParts {
  readonly title: string
  /** The dashboard as a classic script. */
  readonly script: string
  readonly style: string
}

/**
 * Makes a report: one page with the dashboard and its data inside, which loads nothing and runs nothing but
 * the one script whose digest its policy names.
 */
export async function createReportPage(
  data: ReportData,
  { title, script, style }: ReportParts
): Promise<string> {
  const own = inScript(script)
  const policy = [
    "default-src 'none'",
    `script-src '${await digestOf(own)}'`,
    `style-src '${await digestOf(style)}'`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'"
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="runtree" content="report">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${inText(title)} – Runtree</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page shows experiments with JavaScript, which is turned off.</noscript>
<script type="application/json" id="runtree-data">${inJson(formatWire(data))}</script>
<script>${own}</script>
</body>
</html>
`
}

/** Escapes what HTML would take for its own in a text between tags. */
function inText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Escapes JSON so that nothing in it can end the element that it lies in: `<` stands in strings alone. */
function inJson(json: string): string {
  return json.replaceAll('<', '\\u003c')
}

/** Escapes what would end a script, or begin a comment in it; in our own it stands in strings and patterns. */
function inScript(script: string): string {
  return script.replace(/<(?=!--|\/?script)/gi, '\\x3c')
}

async function digestOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encodeUtf8(text) as never))
  return `sha256-${btoa(String.fromCharCode(...digest))}`
}
