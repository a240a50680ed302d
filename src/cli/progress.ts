import { Presets, SingleBar } from 'cli-progress'

import type { Context } from './context.ts'

/** Shows how far something is. */
export interface Progress {
  /** Shows how many of how many are done; a total of 0 is one that nobody knows. */
  update(done: number, total: number, detail?: string): void
  stop(): void
}

/** What takes less time than this shows no bar. */
const DELAY_MS = 1000

/** Opens a progress bar, shown on a terminal once the work has taken a second. */
export function openProgress(
  context: Pick<Context, 'err' | 'quiet' | 'json' | 'now'>,
  label: string
): Progress {
  if (!context.err.isTerminal || context.quiet) {
    return { update: () => undefined, stop: () => undefined }
  }
  const begun = context.now()
  let bar: SingleBar | undefined
  return {
    update(done, total, detail = '') {
      if (context.now() - begun < DELAY_MS) return
      if (!bar) {
        bar = createBar(context, label, total > 0)
        bar.start(total, done, { detail })
      }
      bar.setTotal(total)
      bar.update(done, { detail })
    },
    stop() {
      bar?.stop()
      bar = undefined
    }
  }
}

function createBar(context: Pick<Context, 'err'>, label: string, hasTotal: boolean): SingleBar {
  const { err } = context
  const stream = {
    isTTY: true,
    columns: err.columns,
    write: (text: string) => {
      void err.write(text)
      return true
    }
  }
  return new SingleBar(
    {
      stream: stream as unknown as NodeJS.WritableStream,
      format: hasTotal
        ? `${label} {bar} {percentage}% · {value}/{total}{detail} · {eta_formatted} left`
        : `${label} {value}{detail} · {duration_formatted}`,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      forceRedraw: false,
      barsize: Math.max(10, Math.min(40, err.columns - label.length - 40))
    },
    Presets.shades_classic
  )
}
