import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { concatBytes } from '../../base/bytes.ts'
import type { StartWebServer, WebHandler, WebRequest } from '../../base/web-server.ts'

/** Serves HTTP on the loopback interface. */
export const startWebServer: StartWebServer = async (handler, { port = 0 } = {}) => {
  const server = createServer((message, response) => {
    answer(handler, message, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

async function answer(
  handler: WebHandler,
  message: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new DOMException('The caller is gone.', 'AbortError')))
  const { status, headers, body } = await handler(requestOf(message, gone.signal))
  response.writeHead(status, headers)
  if (message.method === 'HEAD') return void response.end()
  if (typeof body === 'string' || body instanceof Uint8Array) return void response.end(body)
  for await (const chunk of body) {
    if (gone.signal.aborted) return
    response.write(chunk)
  }
  response.end()
}

function requestOf(message: IncomingMessage, signal: AbortSignal): WebRequest {
  const headers = Object.entries(message.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value
  ])
  return {
    method: message.method ?? 'GET',
    target: message.url ?? '/',
    headers: Object.fromEntries(headers),
    signal,
    async body(maxBytes) {
      const chunks: Uint8Array[] = []
      let sizeBytes = 0
      for await (const chunk of message as AsyncIterable<Uint8Array>) {
        sizeBytes += chunk.length
        // Who sends too much is heard out, or the answer would be lost with the connection.
        if (sizeBytes <= maxBytes) chunks.push(chunk)
      }
      if (sizeBytes > maxBytes) throw new RangeError(`the body has more than ${maxBytes} bytes`)
      return concatBytes(chunks)
    }
  }
}
