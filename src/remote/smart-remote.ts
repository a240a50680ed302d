import type { Platform } from '../base/platform.ts'
import type { Advertisement } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import type { PackRequest, PushAnswer, PushRequest, Remote } from './remote.ts'
import { RETRIES, type RetryOptions, retry } from './retry.ts'
import { fetchSmartPack } from './smart-fetch.ts'
import { pushSmart } from './smart-push.ts'
import type { Connection, ConnectionMark } from './transport.ts'

/** With these, a remote gives in versions 0 and 1 what is asked for by its name. */
const BY_NAME = ['allow-any-sha1-in-want', 'allow-reachable-sha1-in-want']

/** Answers to those who go on from what was known: another place, or other credentials, may be asked for by now. */
const OUTDATED = [
  'REMOTE_UNAUTHORIZED',
  'REMOTE_FORBIDDEN',
  'REMOTE_NOT_FOUND',
  'REMOTE_NOT_GIT',
  'REMOTE_PROTOCOL'
] as const

/** What a remote can do; what it has changes. */
type Abilities = Pick<Advertisement, 'version' | 'capabilities'>

/** What is known of a remote from one operation to the next, so that one request brings what is asked for by name. */
export interface RemoteKnowledge {
  byName?: { readonly mark: ConnectionMark; readonly abilities: Abilities }
}

/** A remote that speaks git's protocol, over whatever `connect` opens. */
export class SmartRemote implements Remote {
  readonly url: string
  readonly kind: 'http' | 'ssh'
  readonly retries: number
  readonly #connect: () => Connection
  readonly #platform: Pick<Platform, 'timers' | 'random'>
  readonly #options: RetryOptions
  readonly #known: RemoteKnowledge
  #open: { readonly connection: Connection; readonly advertisement: Advertisement } | undefined

  constructor(
    kind: 'http' | 'ssh',
    url: string,
    connect: () => Connection,
    platform: Pick<Platform, 'timers' | 'random'>,
    options: RetryOptions = {},
    known: RemoteKnowledge = {}
  ) {
    this.kind = kind
    this.url = url
    this.retries = options.retries ?? RETRIES
    this.#connect = connect
    this.#platform = platform
    this.#options = options
    this.#known = known
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
      if (service === 'fetch' && givesByName(advertisement)) {
        this.#remember(connection, advertisement)
      }
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
    const { advertisement } = this.#listed()
    if (!advertisement.capabilities.has('filter')) return false
    if (givesByName(advertisement)) return true
    const connection = this.#connect()
    try {
      const inVersion2 = await connection.advertise('git-upload-pack', { version: 2 })
      if (inVersion2.version !== 2) return false
      this.#remember(connection, inVersion2)
      return true
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

  /** Goes on from what is known of the remote; where that is so no more, it is asked again. */
  async *#fetchByName(request: PackRequest): AsyncGenerator<Uint8Array> {
    await this.close()
    const known = this.#known.byName
    if (known === undefined) return yield* this.#askByName(request)
    const connection = this.#connect()
    let hasBegun = false
    try {
      await connection.resume?.(known.mark)
      for await (const chunk of fetchSmartPack(connection, known.abilities, request)) {
        hasBegun = true
        yield chunk
      }
    } catch (error) {
      delete this.#known.byName
      if (hasBegun || !OUTDATED.some((code) => remoteErrors.is(error, code))) throw error
      yield* this.#askByName(request)
    } finally {
      await connection.close()
    }
  }

  /** Asks in version 2, in which every remote gives what is asked for by its name; some do in others, too. */
  async *#askByName(request: PackRequest): AsyncGenerator<Uint8Array> {
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
      if (!givesByName(advertisement)) {
        const reason = 'it gives no objects by their names'
        throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: this.url, reason })
      }
      this.#remember(connection, advertisement)
      yield* fetchSmartPack(connection, advertisement, request)
    } finally {
      await connection.close()
    }
  }

  #remember(connection: Connection, { version, capabilities }: Advertisement): void {
    const mark = connection.mark?.()
    if (mark === undefined) return
    const abilities = { capabilities, ...(version === undefined ? {} : { version }) }
    this.#known.byName = { mark, abilities }
  }

  #listed(): { readonly connection: Connection; readonly advertisement: Advertisement } {
    if (this.#open === undefined) throw new TypeError(`${this.url} was not listed before`)
    return this.#open
  }
}

function givesByName({ version, capabilities }: Abilities): boolean {
  return version === 2 || BY_NAME.some((name) => capabilities.has(name))
}
