/** Runtree's command, as it was built. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const COMMAND = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

/** Runs the command in a workspace. */
export function runCommand(home: string, args: readonly string[]): void {
  execFileSync(process.execPath, [COMMAND, ...args], {
    stdio: 'pipe',
    env: { ...process.env, RUNTREE_HOME: home }
  })
}

/** Exports the runs of `bench/train` as a table; returns its file. */
export function exportRuns(home: string, file: string): string {
  runCommand(home, ['export', 'bench/train', file])
  return file
}
