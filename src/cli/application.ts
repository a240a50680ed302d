import type { Workspace } from '../service/workspace.ts'
import { type GlobalOptions, parseCommandLine } from './arguments.ts'
import { createColors, wantsColor } from './colors.ts'
import type { Context, Host } from './context.ts'
import { cliErrors } from './errors.ts'
import { EXIT, reportFailure } from './failures.ts'
import { COMMANDS } from './registry.ts'

/** Does what a command line asks for; returns the exit status. It never throws. */
export async function runCommandLine(host: Host, argv: readonly string[]): Promise<number> {
  let failing: Parameters<typeof reportFailure>[0] = host
  try {
    const parsed = await parseCommandLine(host, argv, COMMANDS, async () => {
      return (await import('./overview.ts')).overview
    })
    if ('status' in parsed) return parsed.status
    if (parsed.globals.offline) host.goOffline()
    await enterFolder(host, parsed.globals)
    const { context, close } = createContext(host, parsed.globals)
    failing = { ...context, command: parsed.name }
    try {
      const status = await parsed.command.run(context, parsed.input)
      return host.signal.aborted ? (status ?? EXIT.interrupted) : (status ?? EXIT.done)
    } finally {
      await close()
    }
  } catch (error) {
    return reportFailure(failing, error)
  }
}

async function enterFolder(host: Host, globals: GlobalOptions): Promise<void> {
  if (globals.folder === undefined) return
  const path = host.files.resolve(globals.folder)
  if ((await host.files.list(path).catch(() => undefined)) === undefined) {
    throw cliErrors.create('CLI_FOLDER_MISSING', { path: globals.folder })
  }
  host.changeFolder(path)
}

/** Creates what a command works with; `close` closes the workspaces that it opened. */
export function createContext(
  host: Host,
  globals: GlobalOptions
): { readonly context: Context; close(): Promise<void> } {
  const opened = new Map<string | undefined, Promise<Workspace>>()
  const color = wantsColor({
    isTerminal: host.out.isTerminal,
    env: host.env,
    flag: globals.color && !globals.json
  })
  const context: Context = {
    ...host,
    json: globals.json,
    quiet: globals.quiet,
    project: globals.project,
    colors: createColors(color),
    commands: COMMANDS,
    open({ folder } = {}) {
      const workspace =
        opened.get(folder) ??
        host.openWorkspace({
          cwd: host.cwd(),
          ...(folder === undefined ? {} : { folder }),
          ...(globals.project === undefined ? {} : { project: globals.project }),
          ...(globals.offline ? { offline: true } : {})
        })
      opened.set(folder, workspace)
      return workspace
    }
  }
  return {
    context,
    async close() {
      for (const workspace of await Promise.allSettled(opened.values())) {
        if (workspace.status === 'fulfilled') await workspace.value.close()
      }
    }
  }
}
