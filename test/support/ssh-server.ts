import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'

export const SSHD = '/usr/sbin/sshd'

/** An openssh server of this test's own, which knows two keys. */
export interface GitSshServer {
  readonly port: number
  readonly user: string
  /** The ssh program with what makes it known to the server; `forge` may run git's services alone. */
  command(key: 'user' | 'forge' | 'stranger'): readonly string[]
  /** The same, for a server whose host key is another. */
  readonly doubting: readonly string[]
  /** Kills the processes that serve the connections of this moment; the server goes on. */
  killSessions(): void
  close(): Promise<void>
}

/** Starts an openssh server on a port of the loopback, as the current user. */
export async function serveGitSsh(folder: string): Promise<GitSshServer> {
  const run = (program: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
  }
  for (const name of ['host', 'user', 'forge', 'stranger']) {
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${name}`])
  }
  const port = await freePort()
  const publicKey = (name: string): string => readFileSync(`${folder}/${name}.pub`, 'utf8').trim()
  writeFileSync(
    `${folder}/forge.sh`,
    [
      '#!/bin/sh',
      'case "$SSH_ORIGINAL_COMMAND" in',
      `  "git-upload-pack '"*|"git-receive-pack '"*) exec git shell -c "$SSH_ORIGINAL_COMMAND" ;;`,
      '  *) echo "this account has no shell" >&2; exit 128 ;;',
      'esac',
      ''
    ].join('\n')
  )
  chmodSync(`${folder}/forge.sh`, 0o755)
  writeFileSync(
    `${folder}/authorized_keys`,
    `${publicKey('user')}\ncommand="${folder}/forge.sh",restrict ${publicKey('forge')}\n`
  )
  const [type, key] = publicKey('host').split(' ')
  writeFileSync(`${folder}/known_hosts`, `[127.0.0.1]:${port} ${type} ${key}\n`)
  const [otherType, otherKey] = publicKey('stranger').split(' ')
  writeFileSync(`${folder}/other_hosts`, `[127.0.0.1]:${port} ${otherType} ${otherKey}\n`)
  writeFileSync(
    `${folder}/sshd_config`,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      `PidFile ${folder}/pid`,
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'MaxStartups 100',
      ''
    ].join('\n')
  )
  // Only root needs it; for others the server does without.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const server = spawn(SSHD, ['-D', '-e', '-f', `${folder}/sshd_config`], { stdio: 'pipe' })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    server.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (/Server listening/.test(said)) resolve()
    })
    server.on('close', () => reject(new Error(`sshd ended: ${said}`)))
  })
  const ssh = (name: string, hosts: string): readonly string[] =>
    ['ssh', '-F', '/dev/null', '-i', `${folder}/${name}`].concat(
      ['IdentitiesOnly=yes', 'IdentityAgent=none', `UserKnownHostsFile=${folder}/${hosts}`].flatMap(
        (option) => ['-o', option]
      ),
      ['-o', 'GlobalKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=yes']
    )
  return {
    port,
    user: userInfo().username,
    command: (name) => ssh(name, 'known_hosts'),
    doubting: ssh('user', 'other_hosts'),
    killSessions() {
      spawnSync('pkill', ['-KILL', '-P', `${server.pid}`])
    },
    close: () =>
      new Promise((resolve) => {
        server.on('close', () => resolve())
        server.kill()
      })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
