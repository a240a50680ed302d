import picocolors from 'picocolors'

/** Functions that colour text, or leave it alone. */
export type Colors = Pick<
  ReturnType<typeof picocolors.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta'
>

/** Creates the colours of an output. */
export function createColors(enabled: boolean): Colors {
  return picocolors.createColors(enabled)
}

/**
 * Tells whether an output is coloured: a terminal is, unless `NO_COLOR` is set or `TERM` is `dumb`;
 * `FORCE_COLOR` colours anything, `--no-color` nothing.
 */
export function wantsColor(options: {
  readonly isTerminal: boolean
  readonly env: { readonly [name: string]: string | undefined }
  readonly flag: boolean
}): boolean {
  const { env } = options
  if (!options.flag) return false
  if (env.NO_COLOR) return false
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  return options.isTerminal && env.TERM !== 'dumb'
}
