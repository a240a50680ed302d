import type { ReportData, RunContents } from '../source/report-data.ts'
import { createReportSource, type LoadContents } from '../source/report-source.ts'
import type { Source } from '../source/source.ts'
import { SourceError } from '../source/source-error.ts'
import { parseWire } from '../source/wire.ts'

/** The element that holds the data of a report. */
export const REPORT_ELEMENT = 'runtree-data'

/** Opens the report that lies in this page. */
export function openReportSource(): Source {
  return readReport(document.getElementById(REPORT_ELEMENT)?.textContent ?? '')
}

/** Opens the site that this page is part of: its data lie in files beside it. */
export async function openPublishedSource(): Promise<Source> {
  return readReport(await fetchText('data/report.json'), async (file) => {
    return parseWire(await fetchText(`data/${file}`)) as RunContents
  })
}

async function fetchText(path: string): Promise<string> {
  const response = await fetch(path).catch(() => undefined)
  if (response?.ok) return response.text()
  throw new SourceError({
    code: 'OFFLINE',
    message: `${path} of this site can’t be loaded${response === undefined ? '' : ` (status ${response.status})`}.`,
    hint: 'Check the network, and reload the page.'
  })
}

function readReport(text: string, load?: LoadContents): Source {
  let data: ReportData
  try {
    data = parseWire(text) as ReportData
  } catch {
    data = { form: undefined } as never
  }
  if (data.form === 1) return createReportSource(data, load)
  throw new SourceError({
    code: 'REPORT_DAMAGED',
    message: 'The data of this report can’t be read.',
    hint: 'The file may not have been transferred as a whole; get it again.'
  })
}
