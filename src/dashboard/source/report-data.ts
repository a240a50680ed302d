import type { ActivityEntry, ProjectAnswer, ProjectSummary } from './answers.ts'
import { Families } from './report-family.ts'
import type {
  ArtifactAnswer,
  CodeAnswer,
  HistoryAnswer,
  LogAnswer,
  RowsAnswer,
  RunAnswer,
  SeriesData,
  ValueAnswer,
  ViewEntry
} from './run-answers.ts'
import type { CallOptions, Source } from './source.ts'
import { formatWire } from './wire.ts'

/** What a report holds at most. */
export const REPORT_LIMITS = {
  runs: 10_000,
  /** Of each series. */
  points: 500,
  /** Of each result. */
  rows: 1000,
  /** Of each run; the end of a longer log is kept. */
  logChars: 50_000,
  patchChars: 200_000,
  /** Artifacts of more bytes are named only. */
  artifactBytes: 100_000,
  historyEntries: 20,
  /** When runs come to so many characters, the others are kept without their contents. */
  totalChars: 40_000_000
} as const

/** All that a report shows. */
export interface ReportData {
  readonly form: 1
  readonly version: string
  /** RFC 3339. */
  readonly made: string
  readonly place: string
  /** What was left out, in sentences. */
  readonly omitted: readonly string[]
  readonly projects: readonly ProjectSummary[]
  readonly pages: readonly ProjectAnswer[]
  /** What was done lately, by project. */
  readonly activity: { readonly [project: string]: readonly ActivityEntry[] }
  readonly views: { readonly [project: string]: readonly ViewEntry[] }
  readonly runs: readonly ReportRun[]
}

/** A run of a report. */
export interface ReportRun {
  readonly answer: RunAnswer
  readonly history: HistoryAnswer
  /** Absent if the report had become too large, or if they lie in a file of their own. */
  readonly contents?: RunContents
  /** That file, in a published site. */
  readonly file?: string
}

/** What lies in a run beside its record. */
export interface RunContents {
  readonly series: readonly SeriesData[]
  readonly values: readonly ValueAnswer[]
  readonly rows: { readonly [result: string]: RowsAnswer }
  readonly log: LogAnswer
  readonly artifacts: readonly ArtifactAnswer[]
  readonly code: CodeAnswer
}

/** What a report is of. */
export interface ReportRequest {
  /** The project, told of even if none of its runs are meant. */
  readonly project: string
  /** Addresses of runs, in order. */
  readonly runs: readonly string[]
  /** When it is made; RFC 3339. */
  readonly made: string
}

/** Collects a report from a source. */
export async function collectReport(
  source: Source,
  request: ReportRequest,
  options: CallOptions = {}
): Promise<ReportData> {
  const { project, made } = request
  const call = options.signal === undefined ? {} : { signal: options.signal }
  const { version, place } = await source.about({}, call)
  const omissions = new Omissions()
  const addresses = request.runs.slice(0, REPORT_LIMITS.runs)
  omissions.note('runs', request.runs.length - addresses.length)
  const runs: ReportRun[] = []
  let chars = 0
  const known = new Map<string, Promise<Families>>()
  const familiesOf = (address: string): Promise<Families> => {
    const experiment = address.slice(0, address.lastIndexOf('/'))
    const families = known.get(experiment) ?? Families.read(source, experiment, call)
    known.set(experiment, families)
    return families
  }
  for (const [index, address] of addresses.entries()) {
    options.signal?.throwIfAborted()
    options.onProgress?.({ text: 'collecting runs', done: index, total: addresses.length })
    const isWhole = chars < REPORT_LIMITS.totalChars
    const families = await familiesOf(address)
    const run = await collectRun(source, { address, families, isWhole }, omissions, call)
    chars += formatWire(run).length
    runs.push(run)
  }
  const slugs = [...new Set([project, ...runs.map(({ answer }) => answer.project)])]
  const all = await source.projects({}, call)
  const pages: ProjectAnswer[] = []
  const activity: { [project: string]: readonly ActivityEntry[] } = {}
  const views: { [project: string]: readonly ViewEntry[] } = {}
  for (const slug of slugs.filter((each) => all.some((project) => project.slug === each))) {
    pages.push(withoutPlaces(await source.project({ address: slug }, call)))
    activity[slug] = (await source.activity({ address: slug }, call)).entries
    views[slug] = await source.views({ address: slug }, call)
  }
  return {
    form: 1,
    version,
    made,
    place,
    omitted: omissions.sentences(),
    projects: all
      .filter(({ slug }) => slugs.includes(slug))
      .map((project) => ({ ...project, remotes: [] })),
    pages,
    activity,
    views,
    runs
  }
}

/** How a project stands to its remotes is of no use to who reads a report. */
function withoutPlaces(page: ProjectAnswer): ProjectAnswer {
  return { ...page, remotes: [] }
}

async function collectRun(
  source: Source,
  wish: { readonly address: string; readonly families: Families; readonly isWhole: boolean },
  omissions: Omissions,
  call: CallOptions
): Promise<ReportRun> {
  const { address, families, isWhole } = wish
  const own = await source.run({ address, family: false }, call)
  const answer = { ...own, ...families.of(own) }
  const history = await source.history({ address, limit: REPORT_LIMITS.historyEntries }, call)
  omissions.note('histories', history.isCut ? 1 : 0)
  if (!isWhole) {
    omissions.note('contents', 1)
    return { answer, history }
  }
  const { series } = await source.series({ runs: [address], maxPoints: REPORT_LIMITS.points }, call)
  omissions.note('series', series.filter(({ isThinned }) => isThinned).length)
  const values: ValueAnswer[] = []
  for (const metric of new Set(answer.structured.map(({ name }) => name))) {
    values.push(await source.value({ address, metric }, call))
  }
  const rows: { [result: string]: RowsAnswer } = {}
  for (const { name } of answer.results) {
    const read = await source.rows({ address, result: name, limit: REPORT_LIMITS.rows }, call)
    omissions.note('results', read.total > read.rows.length ? 1 : 0)
    rows[name] = { ...read, total: read.rows.length }
  }
  const log = await source.log({ address }, call)
  omissions.note('logs', log.isCut || log.text.length > REPORT_LIMITS.logChars ? 1 : 0)
  const code = await source.code({ address }, call)
  const isLong = (code.patch?.length ?? 0) > REPORT_LIMITS.patchChars
  omissions.note('patches', isLong ? 1 : 0)
  const { patch: _, ...withoutPatch } = code
  return {
    answer,
    history,
    contents: {
      series,
      values,
      rows,
      log: endOf(log),
      artifacts: await collectArtifacts(source, answer, omissions, call),
      code: isLong ? withoutPatch : code
    }
  }
}

function endOf(log: LogAnswer): LogAnswer {
  const isCut = log.text.length > REPORT_LIMITS.logChars
  const text = isCut ? log.text.slice(-REPORT_LIMITS.logChars) : log.text
  return { ...log, text, isCut: isCut || log.isCut, isRunning: false }
}

async function collectArtifacts(
  source: Source,
  { address, artifacts }: RunAnswer,
  omissions: Omissions,
  call: CallOptions
): Promise<readonly ArtifactAnswer[]> {
  const found: ArtifactAnswer[] = []
  for (const { path, present, sizeBytes = 0 } of artifacts) {
    if (!present || sizeBytes > REPORT_LIMITS.artifactBytes) omissions.note('artifacts', 1)
    else found.push(await source.artifact({ address, path, maxBytes: sizeBytes }, call))
  }
  return found
}

type Omitted =
  | 'runs'
  | 'contents'
  | 'histories'
  | 'series'
  | 'results'
  | 'logs'
  | 'patches'
  | 'artifacts'

/** Counts what is left out. */
class Omissions {
  readonly #counts = new Map<Omitted, number>()

  note(what: Omitted, count: number): void {
    if (count > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + count)
  }

  sentences(): readonly string[] {
    const { points, rows, logChars, artifactBytes, patchChars, historyEntries } = REPORT_LIMITS
    const texts: { readonly [O in Omitted]: (count: number) => string } = {
      runs: (count) => `${count} more runs are not in this report.`,
      contents: (count) =>
        `Of ${count} runs only the record is here: the report had become too large.`,
      histories: (count) =>
        `Of the history of ${count} runs only the last ${historyEntries} entries are here.`,
      series: (count) => `${count} series are thinned to ${points} points, peaks kept.`,
      results: (count) => `Of ${count} results only the first ${rows} rows are here.`,
      logs: (count) => `Of ${count} logs only the last ${logChars} characters are here.`,
      patches: (count) => `${count} patches of more than ${patchChars} characters are not here.`,
      artifacts: (count) =>
        `The contents of ${count} artifacts are not here: larger than ${artifactBytes} bytes, or elsewhere.`
    }
    return [...this.#counts].map(([what, count]) => texts[what](count))
  }
}
