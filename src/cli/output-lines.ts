import { createLineReader } from '../service/log-protocol.ts'

/** Cuts the output of a command into the lines of a run's log. */
export interface OutputLines {
  push(chunk: Uint8Array): void
  /** Gives the last line, if it has no end. */
  end(): void
}

/** What a progress bar draws without ever ending its line is given at least each so many bytes. */
const MAX_PENDING_BYTES = 64_000

/** Creates a reader of one output stream; it gives whole lines, joined, as they come. */
export function createOutputLines(give: (text: string) => void): OutputLines {
  const reader = createLineReader(MAX_PENDING_BYTES)
  const giveAll = (lines: readonly string[]): void => {
    if (lines.length > 0) give(lines.join('\n'))
  }
  return {
    push: (chunk) => giveAll(reader.push(chunk)),
    end: () => giveAll(reader.end())
  }
}

/** Slugs that no experiment may have. */
const RESERVED = ['datasets', 'experiments', 'views']

/** Returns the name of a command's script or program, without folder and extension. */
export function scriptName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const stem = name.replace(/(?<=.)\.[A-Za-z0-9]{1,5}$/, '') || 'command'
  return RESERVED.includes(stem.toLowerCase()) ? `${stem}-script` : stem
}
