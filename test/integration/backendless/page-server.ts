/** A shop's own web server, on another origin than Tollbridge: an empty page for each SDK version. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { browserBundle, type SdkVersion, sdkVersions } from './official-sdks.ts'

export interface PageServer {
  /** The page that has loaded this SDK with a script tag. */
  pageWith(version: SdkVersion): string
  stop(): Promise<void>
}

export async function startPageServer(): Promise<PageServer> {
  const answers = new Map<string, { readonly type: string; readonly body: string | Buffer }>()
  for (const version of sdkVersions) {
    const script = `<script src="/${version}.js"></script>`
    answers.set(`/${version}.html`, {
      type: 'text/html',
      body: `<!doctype html><title>Shop</title>${script}`,
    })
    answers.set(`/${version}.js`, { type: 'text/javascript', body: readFileSync(browserBundle(version)) })
  }
  answers.set('/favicon.ico', { type: 'image/x-icon', body: '' })
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '')
    if (answer === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': `${answer.type}; charset=utf-8` }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    pageWith: (version) => `http://localhost:${port}/${version}.html`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
