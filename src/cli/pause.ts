import type { Context } from './context.ts'

/** How long a command works before signals may arrive. */
const WORK_MS = 100

/**
 * Creates what a command awaits in long loops: reading and writing files never gives way to signals
 * by itself. It throws once the command was asked to stop.
 */
export function createPause(
  context: Pick<Context, 'signal' | 'now' | 'sleep'>
): () => void | Promise<void> {
  let last = context.now()
  return () => {
    context.signal.throwIfAborted()
    if (context.now() - last < WORK_MS) return
    return context.sleep(0).then(() => {
      context.signal.throwIfAborted()
      last = context.now()
    })
  }
}
