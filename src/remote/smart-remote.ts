import type { Advertisement } from './advertisement.ts'
import type { PackRequest, PushAnswer, PushRequest, Remote } from './remote.ts'
import { fetchSmartPack } from './smart-fetch.ts'
import { pushSmart } from './smart-push.ts'
import type { Connection } from './transport.ts'

/** A remote that speaks git's protocol, over whatever `connect` opens. */
export class SmartRemote implements Remote {
  readonly url: string
  readonly kind: 'http' | 'ssh'
  readonly #connect: () => Connection
  #open: { readonly connection: Connection; readonly advertisement: Advertisement } | undefined

  constructor(kind: 'http' | 'ssh', url: string, connect: () => Connection) {
    this.kind = kind
    this.url = url
    this.#connect = connect
  }

  async list(service: 'fetch' | 'push'): Promise<Advertisement> {
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
    const { connection, advertisement } = this.#listed()
    yield* fetchSmartPack(connection, advertisement, request)
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

  #listed(): { readonly connection: Connection; readonly advertisement: Advertisement } {
    if (this.#open === undefined) throw new TypeError(`${this.url} was not listed before`)
    return this.#open
  }
}
