import { spawn } from 'node:child_process'
import type { Variables } from '../../base/capture.ts'
import type { Credential, CredentialProvider, CredentialRequest } from '../../remote/credentials.ts'

/** How git's credential helpers are asked. */
export interface GitCredentialOptions {
  readonly env: Variables
  /** The folder in which git is run. Default: the process's own. */
  readonly cwd?: string
  /** Whether helpers may ask the user, on the terminal or in a window. Default: false. */
  readonly interactive?: boolean
  /** How long git may take where it does not ask the user. Default: 10000. */
  readonly timeoutMs?: number
}

/**
 * Gives what `git credential` gives: what the user's helpers have stored. Without the git program,
 * nothing.
 */
export function gitCredentials(options: GitCredentialOptions): CredentialProvider {
  // All that a helper said goes back to it: some know their entries again only by further fields.
  let filled: readonly string[] = []
  return {
    async fill(request) {
      const lines = describe(request)
      const answer = lines === undefined ? undefined : await runCredential('fill', lines, options)
      filled = answer?.split('\n').filter((line) => line.includes('=')) ?? []
      const username = fieldOf(filled, 'username')
      const password = fieldOf(filled, 'password')
      return username === undefined || !password ? undefined : { username, password }
    },
    async approve() {
      if (filled.length > 0) await runCredential('approve', filled, options)
    },
    async reject(request, credential) {
      const lines = filled.length > 0 ? filled : describe(request, credential)
      filled = []
      if (lines !== undefined) await runCredential('reject', lines, options)
    }
  }
}

/** Formats what is asked for (git-credential(1)); `undefined` if a field would become two. */
function describe(
  { url, username }: CredentialRequest,
  credential?: Credential
): readonly string[] | undefined {
  const { protocol, host, pathname } = new URL(url)
  const path = safeDecode(pathname.slice(1))
  const user = credential?.username ?? username
  const lines = [`protocol=${protocol.slice(0, -1)}`, `host=${host}`, `path=${path}`]
  if (user !== undefined) lines.push(`username=${user}`)
  if (credential !== undefined) lines.push(`password=${credential.password}`)
  return lines.some((line) => /[\n\r\0]/.test(line)) ? undefined : lines
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function fieldOf(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Runs `git credential`; `undefined` if it has nothing to give. */
function runCredential(
  action: 'fill' | 'approve' | 'reject',
  lines: readonly string[],
  options: GitCredentialOptions
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('git', [...settings(options), 'credential', action], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: environment(options),
      windowsHide: true,
      stdio: ['pipe', 'pipe', options.interactive ? 'inherit' : 'ignore'],
      ...(options.interactive ? {} : { timeout: options.timeoutMs ?? 10_000 })
    })
    let output = ''
    child.stdout?.setEncoding('utf8')
    child.stdout?.on('data', (text: string) => {
      output += text
    })
    child.stdin?.on('error', () => undefined)
    child.on('error', () => resolve(undefined))
    child.on('close', (code) => resolve(code === 0 ? output : undefined))
    child.stdin?.end(`${lines.join('\n')}\n\n`)
  })
}

/** `core.askPass` would open a window, `true` answers it with nothing. */
function settings({ interactive }: GitCredentialOptions): readonly string[] {
  return interactive ? [] : ['-c', 'core.askPass=true']
}

function environment({ env, interactive }: GitCredentialOptions): Variables {
  const local =
    /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE|COMMON_DIR|PREFIX|NAMESPACE)/
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !local.test(name)))
  if (interactive) return kept
  return {
    ...kept,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GCM_INTERACTIVE: 'never'
  }
}
