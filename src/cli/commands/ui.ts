import { encodeUtf8 } from '../../base/bytes.ts'
import { createDashboardServer } from '../../dashboard/server/dashboard-server.ts'
import { createWorkspaceSource } from '../../dashboard/source/workspace-source.ts'
import { defineCommand, flag, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { openDashboardFiles } from '../dashboard-files.ts'
import { usageError } from '../errors.ts'
import { FAILURES } from '../failures.ts'
import { recoverRuns } from '../find.ts'
import { note, print, printJson } from '../print.ts'

const TOKEN_BYTES = 24

/** `runtree ui`. */
export const ui = defineCommand({
  description:
    'Serves the dashboard with the projects of this workspace on this machine alone, and opens it in ' +
    'the browser; Ctrl-C ends it. Only who has the address that is printed may look: it ends in a ' +
    'token, which is another one each time. From a machine far away: runtree ui --no-open --port ' +
    '8080 there, ssh -L 8080:localhost:8080 here, and open the address here.',
  arguments: {},
  options: {
    port: whole('--port <number>', 'the port; without it, one that is free'),
    open: flag('--no-open', "don't open the browser"),
    readOnly: flag('--read-only', 'let nobody change anything')
  },
  examples: [
    ['ui', 'look at the experiments of this machine'],
    ['ui --read-only --no-open --port 8080', 'on a login node']
  ],
  async run(context, { options }) {
    const readFile = await openDashboardFiles(context)
    const workspace = await context.open()
    if (!options.readOnly) await recoverRuns(context, workspace)
    const hintOf = (code: string): string | undefined =>
      Object.hasOwn(FAILURES, code) ? FAILURES[code]?.hint : undefined
    const token = makeToken()
    const source = createWorkspaceSource(workspace, {
      version: context.version,
      hintOf,
      ...(options.readOnly ? { readOnlyReason: 'it was started with --read-only.' } : {})
    })
    const handler = createDashboardServer({ source, token, readFile, hintOf })
    const stopped = whenStopped(context)
    const server = await context.startWebServer(handler, portOf(options.port))
    try {
      const url = `http://127.0.0.1:${server.port}/#token=${token}`
      if (context.json) await printJson(context, { url, port: server.port })
      else await print(context, url)
      const close = options.open === false ? undefined : await openPage(context, url)
      note(context, 'Ctrl-C ends it.')
      await stopped
      await close?.()
    } finally {
      await server.close()
    }
    return undefined
  }
})

function portOf(port: number | undefined): { readonly port?: number } {
  if (port === undefined) return {}
  if (port <= 65_535) return { port }
  throw usageError(`${port} is no port: the greatest is 65535.`)
}

/** Resolves when the user wants the command to end; then it ends well. */
function whenStopped(context: Context): Promise<void> {
  return new Promise((resolve) => {
    const end = context.onStop(() => {
      end()
      resolve()
    })
  })
}

function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

/**
 * Opens the page in the browser, by a file that only this user can read: the list of processes shows
 * everybody the address that a program is started with. Returns what removes the file.
 */
async function openPage(context: Context, url: string): Promise<(() => Promise<void>) | undefined> {
  const folder = await context.files.makeTemporaryFolder()
  const remove = (): Promise<void> => context.files.removeFolder(folder)
  const path = `${folder}/runtree.html`
  const page = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${url}"><title>Runtree</title><a href="${url}">Open the dashboard</a>\n`
  await context.files.write(path, encodeUtf8(page), { mode: 0o600 })
  if (await context.openBrowser(path)) return remove
  await remove()
  note(context, 'No browser can be opened here: open that address in one.')
  return undefined
}
