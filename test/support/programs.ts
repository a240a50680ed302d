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
  skipMissing(context, program)
}

/** Skips a test whose Python module is not installed, as `needsProgram` does. */
export function needsPythonModule(context: Mocha.Context, module: string): void {
  if (spawnSync('python3', ['-c', `import ${module}`]).status === 0) return
  skipMissing(context, `the Python module ${module}`)
}

/** Skips a test for what is not installed; in CI its absence is a failure. */
export function skipMissing(context: Mocha.Context, what: string): never {
  const reason = `${what} is not installed`
  if (process.env.CI === 'true') throw new Error(`In CI nothing may be skipped: ${reason}.`)
  return skipBecause(context, reason)
}
