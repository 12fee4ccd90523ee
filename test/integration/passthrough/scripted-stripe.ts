/** An HTTP server in Stripe's place that does what the test at hand tells it to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Script = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface ScriptedStripe {
  readonly url: string
  /** Method, path and headers of each request so far. */
  readonly requests: readonly IncomingMessage[]
  /** What happens from now on; forgets the requests. */
  play(script: Script): void
  close(): Promise<void>
}

export async function startScriptedStripe(): Promise<ScriptedStripe> {
  let requests: IncomingMessage[] = []
  let script: Script = (_request, response) => void response.end('{}')
  const server = createServer((request, response) => {
    requests.push(request)
    void script(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests
    },
    play(given) {
      requests = []
      script = given
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Answers as Stripe does. */
export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_scripted' })
  response.end(JSON.stringify(body))
}
