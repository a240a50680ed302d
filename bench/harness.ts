import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, platform, release } from 'node:os'
import { fileURLToPath } from 'node:url'

/** One of those that are compared. */
export interface Contender {
  readonly name: string
  /** Makes ready for a turn; is not measured. */
  prepare?(turn: number): Promise<void>
  /** Does once what is measured. */
  run(turn: number): Promise<void>
}

/** How often contenders are run. */
export interface MeasureOptions {
  /** Turns that are measured. Default: 21. */
  readonly turns?: number
  /** Turns before those. Default: 5. */
  readonly warmUps?: number
}

/** What a contender took. */
export interface Measurement {
  readonly name: string
  readonly medianMs: number
  /** The fastest and the slowest turn. */
  readonly minMs: number
  readonly maxMs: number
}

/**
 * Measures contenders in turn, so that what else happens on the machine hits all of them; the order
 * is another one in every turn.
 */
export async function measure(
  contenders: readonly Contender[],
  { turns = 21, warmUps = 5 }: MeasureOptions = {}
): Promise<readonly Measurement[]> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let turn = 0; turn < warmUps + turns; turn++) {
    for (let place = 0; place < contenders.length; place++) {
      const contender = contenders[(turn + place) % contenders.length] as Contender
      await contender.prepare?.(turn)
      const start = performance.now()
      await contender.run(turn)
      if (turn >= warmUps) times.get(contender.name)?.push(performance.now() - start)
    }
  }
  return [...times].map(([name, measured]) => {
    const sorted = measured.sort((a, b) => a - b)
    return {
      name,
      medianMs: sorted[sorted.length >> 1] as number,
      minMs: sorted[0] as number,
      maxMs: sorted.at(-1) as number
    }
  })
}

/** A table: a row of headings, then rows of cells. */
export type Table = readonly (readonly string[])[]

/** Formats a table in Markdown, with columns that line up in a terminal too. */
export function formatTable(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length))
  )
  const lines = table.map(
    (row) => `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  )
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
  return lines.join('\n')
}

export function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`
}

/** Formats how many times as long something takes. */
export function formatRatio(ms: number, ownMs: number): string {
  const ratio = ms / ownMs
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)} ×`
}

/** Describes the machine, the programs and the day of a measurement. */
export function describeMachine(command: string): string {
  const [processor] = cpus()
  const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim()
  return [
    `${processor?.model.trim()}, ${cpus().length} cores`,
    `${platform()} ${release()}`,
    `Node ${process.versions.node}`,
    git,
    new Date().toISOString().slice(0, 10),
    `\`${command}\``
  ].join('; ')
}

const REPORT = fileURLToPath(new URL('../docs/BENCHMARKS.md', import.meta.url))

/** Replaces what docs/BENCHMARKS.md says between the markers of a benchmark. */
export function report(name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const page = readFileSync(REPORT, 'utf8')
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new TypeError(`${REPORT} has no markers for ${name}`)
  const before = page.slice(0, from + begin.length)
  writeFileSync(REPORT, `${before}\n${text.trim()}\n${page.slice(to)}`)
}
