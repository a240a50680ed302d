import { spawnSync } from 'node:child_process'

/** Skips a test with a reason that its title then bears. */
export function skipBecause(context: Mocha.Context, reason: string): never {
  if (context.test) context.test.title += ` (skipped: ${reason})`
  return context.skip()
}

/**
 * Skips a test whose program is not installed; in CI its absence is a failure.
 *
 * To be called as `needsProgram(this, 'git-lfs')` in a `function` body.
 */
export function needsProgram(context: Mocha.Context, program: string): void {
  if (spawnSync(program, ['--version']).error === undefined) return
  const reason = `${program} is not installed`
  if (process.env.CI === 'true') throw new Error(`In CI nothing may be skipped: ${reason}.`)
  skipBecause(context, reason)
}
