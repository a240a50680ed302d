import { spawn } from 'node:child_process'

/**
 * Opens a file or an address in the user's browser; `false` if there is none to be opened, as on a machine
 * without a screen.
 */
export async function openBrowser(
  target: string,
  env: { readonly [name: string]: string | undefined } = process.env
): Promise<boolean> {
  const command = commandOf(process.platform, env)
  if (command === undefined) return false
  const [program, ...words] = command
  return new Promise((resolve) => {
    const child = spawn(program as string, [...words, target], {
      stdio: 'ignore',
      detached: true,
      windowsHide: true
    })
    child.once('error', () => resolve(false))
    child.once('spawn', () => resolve(true))
    child.unref()
  })
}

/** Returns the command that opens something; `undefined` where nothing can be shown. */
export function commandOf(
  platform: NodeJS.Platform,
  env: { readonly [name: string]: string | undefined }
): readonly string[] | undefined {
  if (env.BROWSER === 'none' || env.CI === 'true') return undefined
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['explorer.exe']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}
