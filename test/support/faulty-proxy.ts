import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What goes wrong on the way, once. */
export interface Fault {
  /** Whether it strikes what the server answers or what the client sends. */
  readonly side: 'answer' | 'request'
  /** After how many bytes of that side, over all connections since it was armed. */
  readonly after: number
  /** Whether the connection breaks, or stays open and nothing moves any more. */
  readonly how: 'cut' | 'stall'
  /** Whether nobody gets through any more afterwards, until it is disarmed. Default: false. */
  readonly isLasting?: boolean
}

/** A proxy on the way to a server, over TCP. */
export interface FaultyProxy {
  readonly host: string
  readonly url: string
  /** What the server answered since it was armed or disarmed last. */
  readonly answered: readonly Buffer[]
  /** How many bytes the client sent since then. */
  readonly requestBytes: number
  /** Whether the fault has struck. */
  readonly hasStruck: boolean
  arm(fault: Fault | undefined): void
  /** Holds back what passes, by milliseconds. Default: 0. */
  delayMs: number
  close(): Promise<void>
}

/** Opens a proxy in front of a server of this machine. */
export async function openFaultyProxy(target: string): Promise<FaultyProxy> {
  const [, port = ''] = target.split(':')
  const sockets = new Set<Socket>()
  let fault: Fault | undefined
  let hasStruck = false
  let answered: Buffer[] = []
  const passed = { answer: 0, request: 0 }

  const pass = (side: Fault['side'], bytes: Buffer, to: Socket, pair: readonly Socket[]): void => {
    const before = passed[side]
    passed[side] += bytes.length
    if (side === 'answer') answered.push(bytes)
    const isHit = !hasStruck && fault?.side === side && passed[side] > fault.after
    if (!isHit) return void to.write(bytes)
    hasStruck = true
    const rest = bytes.subarray(0, (fault as Fault).after - before)
    if (fault?.how === 'stall') {
      for (const socket of pair) socket.pause()
      if (rest.length > 0) to.write(rest)
      return
    }
    const end = (): void => {
      for (const socket of pair) socket.destroy()
    }
    if (rest.length > 0) to.write(rest, end)
    else end()
  }

  const server = createServer((client) => {
    if (hasStruck && fault?.isLasting) return void client.destroy()
    const upstream = connect(Number(port), '127.0.0.1')
    const pair = [client, upstream]
    const carry = (side: Fault['side'], from: Socket, to: Socket): void => {
      from.on('data', (bytes: Buffer) => {
        if (proxy.delayMs === 0) pass(side, bytes, to, pair)
        else setTimeout(() => pass(side, bytes, to, pair), proxy.delayMs)
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        setTimeout(() => to.destroy(), proxy.delayMs)
      })
      sockets.add(from)
    }
    carry('request', client, upstream)
    carry('answer', upstream, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = (server.address() as AddressInfo).port
  const proxy: FaultyProxy = {
    host: `127.0.0.1:${own}`,
    url: `http://127.0.0.1:${own}`,
    delayMs: 0,
    get answered() {
      return answered
    },
    get requestBytes() {
      return passed.request
    },
    get hasStruck() {
      return hasStruck
    },
    arm(next) {
      fault = next
      hasStruck = false
      answered = []
      passed.answer = 0
      passed.request = 0
      // What was kept open would carry bytes from before.
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  }
  return proxy
}
