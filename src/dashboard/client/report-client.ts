import type { ReportData } from '../source/report-data.ts'
import { createReportSource } from '../source/report-source.ts'
import type { Source } from '../source/source.ts'
import { SourceError } from '../source/source-error.ts'
import { parseWire } from '../source/wire.ts'

/** The element that holds the data of a report. */
export const REPORT_ELEMENT = 'runtree-data'

/** Opens the report that lies in this page. */
export function openReportSource(): Source {
  return readReport(document.getElementById(REPORT_ELEMENT)?.textContent ?? '')
}

function readReport(text: string): Source {
  let data: ReportData
  try {
    data = parseWire(text) as ReportData
  } catch {
    data = { form: undefined } as never
  }
  if (data.form === 1) return createReportSource(data)
  throw new SourceError({
    code: 'REPORT_DAMAGED',
    message: 'The data of this report can’t be read.',
    hint: 'The file may not have been transferred as a whole; get it again.'
  })
}
