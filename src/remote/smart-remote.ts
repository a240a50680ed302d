import type { Platform } from '../base/platform.ts'
import type { Advertisement } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import type { PackRequest, PushAnswer, PushRequest, Remote } from './remote.ts'
import { RETRIES, type RetryOptions, retry } from './retry.ts'
import { fetchSmartPack } from './smart-fetch.ts'
import { pushSmart } from './smart-push.ts'
import type { Connection } from './transport.ts'

/** With these, a remote gives in versions 0 and 1 what is asked for by its name. */
const BY_NAME = ['allow-any-sha1-in-want', 'allow-reachable-sha1-in-want']

/** A remote that speaks git's protocol, over whatever `connect` opens. */
export class SmartRemote implements Remote {
  readonly url: string
  readonly kind: 'http' | 'ssh'
  readonly retries: number
  readonly #connect: () => Connection
  readonly #platform: Pick<Platform, 'timers' | 'random'>
  readonly #options: RetryOptions
  #open: { readonly connection: Connection; readonly advertisement: Advertisement } | undefined

  constructor(
    kind: 'http' | 'ssh',
    url: string,
    connect: () => Connection,
    platform: Pick<Platform, 'timers' | 'random'>,
    options: RetryOptions = {}
  ) {
    this.kind = kind
    this.url = url
    this.retries = options.retries ?? RETRIES
    this.#connect = connect
    this.#platform = platform
    this.#options = options
  }

  list(service: 'fetch' | 'push'): Promise<Advertisement> {
    return retry(this.#platform, this.#options, () => this.#list(service))
  }

  async #list(service: 'fetch' | 'push'): Promise<Advertisement> {
    await this.close()
    const connection = this.#connect()
    try {
      const name = service === 'fetch' ? 'git-upload-pack' : 'git-receive-pack'
      const advertisement = await connection.advertise(name)
      this.#open = { connection, advertisement }
      return advertisement
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  async *fetchPack(request: PackRequest): AsyncGenerator<Uint8Array> {
    if (request.isByName) {
      yield* this.#fetchByName(request)
      return
    }
    const { connection, advertisement } = this.#listed()
    yield* fetchSmartPack(connection, advertisement, request)
  }

  async canLeaveOut(): Promise<boolean> {
    const { capabilities } = this.#listed().advertisement
    if (!capabilities.has('filter')) return false
    if (BY_NAME.some((name) => capabilities.has(name))) return true
    const connection = this.#connect()
    try {
      return (await connection.advertise('git-upload-pack', { version: 2 })).version === 2
    } catch {
      // A page may not ask everywhere for another version: then all is brought.
      return false
    } finally {
      await connection.close()
    }
  }

  push(request: PushRequest): Promise<PushAnswer> {
    const { connection, advertisement } = this.#listed()
    return pushSmart(connection, advertisement, request)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.connection.close()
  }

  /** Asks in version 2, in which every remote gives what is asked for by its name; some do in others, too. */
  async *#fetchByName(request: PackRequest): AsyncGenerator<Uint8Array> {
    await this.close()
    let connection = this.#connect()
    try {
      const advertisement = await connection
        .advertise('git-upload-pack', { version: 2 })
        .catch(async (error: unknown) => {
          // A page may not ask everywhere for another version; what fails so tells it no more than that.
          if (!remoteErrors.is(error, 'REMOTE_UNREACHABLE') || error.data.cause !== 'network') {
            throw error
          }
          await connection.close()
          connection = this.#connect()
          return connection.advertise('git-upload-pack')
        })
      const { version, capabilities } = advertisement
      if (version !== 2 && !BY_NAME.some((name) => capabilities.has(name))) {
        const reason = 'it gives no objects by their names'
        throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: this.url, reason })
      }
      yield* fetchSmartPack(connection, advertisement, request)
    } finally {
      await connection.close()
    }
  }

  #listed(): { readonly connection: Connection; readonly advertisement: Advertisement } {
    if (this.#open === undefined) throw new TypeError(`${this.url} was not listed before`)
    return this.#open
  }
}
