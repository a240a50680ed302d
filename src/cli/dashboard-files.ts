import type { Context } from './context.ts'
import { cliErrors } from './errors.ts'

/**
 * Returns what reads the files of the dashboard's bundle.
 *
 * @throws CLI_NO_DASHBOARD if it isn't there, as in sources that were not built.
 */
export async function openDashboardFiles({
  files,
  dashboardFolder
}: Pick<Context, 'files' | 'dashboardFolder'>): Promise<
  (name: string) => Promise<Uint8Array | undefined>
> {
  const names = new Set(await listFiles(files, dashboardFolder, ''))
  if (!names.has('index.html')) {
    throw cliErrors.create('CLI_NO_DASHBOARD', { folder: dashboardFolder })
  }
  return async (name) => (names.has(name) ? files.read(`${dashboardFolder}/${name}`) : undefined)
}

/** Reads the whole bundle of the dashboard. @throws CLI_NO_DASHBOARD */
export async function openBundle(
  context: Pick<Context, 'files' | 'dashboardFolder'>
): Promise<{ readonly files: ReadonlyMap<string, Uint8Array> }> {
  const readFile = await openDashboardFiles(context)
  const files = new Map<string, Uint8Array>()
  for (const name of await listFiles(context.files, context.dashboardFolder, '')) {
    files.set(name, (await readFile(name)) as Uint8Array)
  }
  return { files }
}

/** Lists the files of a folder, at any depth. */
async function listFiles(
  files: Context['files'],
  folder: string,
  below: string
): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name, kind } of (await files.list(`${folder}/${below}`)) ?? []) {
    if (kind === 'folder') found.push(...(await listFiles(files, folder, `${below}${name}/`)))
    else if (kind === 'file') found.push(`${below}${name}`)
  }
  return found
}
