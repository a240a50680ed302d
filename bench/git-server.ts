/**
 * Serves the repositories of a folder over HTTP until its input ends: a process of its own, so that
 * what the server costs is the same for all who ask.
 */
import { serveGitHttp } from '../test/support/http-server.ts'

const server = await serveGitHttp(process.argv[2] as string)
process.stdout.write(`${server.url}\n`)
process.stdin.resume()
process.stdin.on('end', () => void server.close())
