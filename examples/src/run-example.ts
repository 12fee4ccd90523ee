/** Runs one example shop by hand, on a port of its own, against the sandbox server that runs in this folder. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createExamples } from './harness/create-examples.ts'
import type { ShopSettings } from './harness/shop.ts'
import { shops } from './shops.ts'

const [name = ''] = process.argv.slice(2)
const names = shops.map((shop) => shop.name)

try {
  await run()
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  if (!names.includes(name)) {
    const asked = name === '' ? 'Name an example' : `There is no example "${name}"`
    throw new Error(`${asked}: npm run example ${names.join(' | ')}`)
  }
  const settings = readConnection()
  await fetch(`${settings.url}/healthz`).catch(() => {
    throw new Error(
      `Nothing answers at ${settings.url}: start Tollbridge first, with npm start in another terminal.`,
    )
  })
  const { handle } = createExamples(settings)
  const server = createServer(async (incoming, outgoing) => {
    const answer = await answerTo(incoming, handle).catch((error: unknown) => {
      console.error(error)
      return new Response('Something went wrong; the terminal says what.\n', { status: 500 })
    })
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (answer.body === null) outgoing.end()
    else Readable.fromWeb(answer.body as ReadableStream).pipe(outgoing)
  })
  const port = Number(process.env['EXAMPLE_PORT'] ?? 4250)
  server.on('error', (error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'is taken: name another one with EXAMPLE_PORT' : error.message
    console.error(`\nThe port ${port} ${why}.`)
    process.exit(1)
  })
  server.listen(port, '127.0.0.1', () => {
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    console.log(`\nThe example shop runs at  http://localhost:${bound}/${name}/\n\nCtrl-C stops it.`)
  })
}

async function answerTo(
  incoming: import('node:http').IncomingMessage,
  handle: (request: Request) => Promise<Response | null>,
): Promise<Response> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const method = incoming.method ?? 'GET'
  const headers = Object.entries(incoming.headers).map(
    ([key, value]) => [key, [value ?? ''].flat().join(', ')] as [string, string],
  )
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`)
  if (url.pathname === '/') return new Response(null, { status: 302, headers: { location: `/${name}/` } })
  const body = ['GET', 'HEAD'].includes(method) ? null : Buffer.concat(chunks)
  const answer = await handle(new Request(url, { method, headers, body }))
  return answer ?? new Response('There is nothing here.\n', { status: 404 })
}

function readConnection(): ShopSettings {
  const folder = process.env['TOLLBRIDGE_DATA_DIR'] ?? '.tollbridge'
  const file = resolve(folder, 'connection.json')
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ShopSettings
  } catch {
    throw new Error(`${file} cannot be read: start Tollbridge in sandbox mode first, with npm start.`)
  }
}
