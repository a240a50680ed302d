import { openWorkbench } from '../../cli/workbench.ts'

/** A `runtree ui` that runs. */
export interface Ui {
  /** The address that it printed. */
  readonly url: string
  close(): Promise<void>
}

/** Starts the real program over a workspace. */
export async function startUi(workspace: string): Promise<Ui> {
  const bench = await openWorkbench()
  let stop: (() => void) | undefined
  let ended: Promise<unknown> = Promise.resolve()
  const url = await new Promise<string>((resolve, reject) => {
    ended = bench
      .call(['ui', '--no-open'], {
        env: { RUNTREE_HOME: workspace },
        onOutput(text, kill) {
          stop = () => kill('SIGINT')
          const found = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(text)?.[0]
          if (found !== undefined) resolve(found)
        }
      })
      .then(({ err }) => reject(new TypeError(`runtree ui ended: ${err}`)))
  })
  return {
    url,
    async close() {
      stop?.()
      await ended.catch(() => undefined)
      await bench.remove()
    }
  }
}
