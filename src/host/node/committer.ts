import { execFile } from 'node:child_process'
import { hostname, userInfo } from 'node:os'

/** Variables as a process has them. */
type Variables = { readonly [name: string]: string | undefined }

/**
 * Returns the user's git identity: `GIT_AUTHOR_NAME` and `GIT_AUTHOR_EMAIL`, else what git is configured
 * with, else the user at this host. The git program is not needed.
 */
export async function readCommitter(
  env: Variables,
  folder: string
): Promise<{ readonly name: string; readonly email: string }> {
  const configured = await readGitConfig(env, folder)
  const user = readUser()
  return {
    name: env.GIT_AUTHOR_NAME || configured['user.name'] || user,
    email: env.GIT_AUTHOR_EMAIL || configured['user.email'] || `${user}@${hostname()}`
  }
}

function readUser(): string {
  try {
    return userInfo().username
  } catch {
    // A user id without a name, as in many containers.
    return 'unknown'
  }
}

/** Asks git for the user's settings; empty if it has none, or is not there. */
function readGitConfig(
  env: Variables,
  folder: string
): Promise<{ readonly [name: string]: string }> {
  return new Promise((resolve) => {
    const args = ['config', '--null', '--get-regexp', '^user\\.(name|email)$']
    execFile('git', args, { cwd: folder, env, timeout: 5000 }, (_error, stdout) => {
      const entries = stdout
        .split('\0')
        .map((entry) => entry.split('\n', 2))
        .filter((pair) => pair.length === 2)
      resolve(Object.fromEntries(entries))
    })
  })
}
