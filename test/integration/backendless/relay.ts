/** A relay in front of the server, as a proxy on the way would be: it can refuse WebSockets and cut every line. */
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Relay {
  readonly url: string
  /** Where requests go; a restarted server may have another port. */
  targetPort: number
  /** WebSockets that came through. */
  readonly upgrades: number
  /** Long polls that wait for their answer. */
  readonly openPolls: number
  /** Bodies of what clients posted, in order. */
  readonly posted: readonly string[]
  /** Drops every connection, as a lost network does. */
  cut(): void
  stop(): Promise<void>
}

export async function startRelay(
  targetPort: number,
  { webSockets }: { webSockets: boolean },
): Promise<Relay> {
  const lines = new Set<Socket | Duplex>()
  const posted: string[] = []
  let upgrades = 0
  let openPolls = 0

  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url?.includes('&sid=')) {
      openPolls++
      response.on('close', () => openPolls--)
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (request.method === 'POST') posted.push(body.toString())
      passOn(relay.targetPort, request, body, response)
    })
  })
  server.on('connection', (socket) => keep(lines, socket))
  server.on('upgrade', (request, socket, head) => {
    if (!webSockets) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    upgrades++
    const onward = connect(relay.targetPort, '127.0.0.1', () => {
      onward.write(headOf(request))
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    keep(lines, onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targetPort,
    posted,
    get upgrades() {
      return upgrades
    },
    get openPolls() {
      return openPolls
    },
    cut() {
      for (const line of lines) line.destroy()
    },
    stop() {
      relay.cut()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return relay
}

function passOn(port: number, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { method, url, headers } = request
  const onward = sendRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  // A long poll that its client gave up must not stay open behind the relay.
  response.on('close', () => onward.destroy())
  onward.end(body)
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function keep(lines: Set<Socket | Duplex>, line: Socket | Duplex): void {
  lines.add(line)
  line.on('error', () => {})
  line.on('close', () => lines.delete(line))
}
