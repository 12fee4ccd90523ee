/** `target: 'caller'` in each kind of web server: the tab whose request is being answered, through everything awaited. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPage, type Page } from './a-page.ts'
import { type ClientUnderTest, startClient } from './start-client.ts'

let it: ClientUnderTest
const pages: Page[] = []
beforeAll(async () => {
  it = await startClient()
})
afterAll(async () => {
  for (const page of pages) page.close()
  await it.stop()
})

async function openTab(user: string): Promise<Page> {
  const origin = 'https://shop.example'
  const { token } = await it.tollbridge.ui.createSession({ user, origin })
  const page = await openPage(it.server, { token, origin })
  pages.push(page)
  return page
}

/** What each server does with a request: it asks the tab that made it for a card. */
async function ask(order: unknown): Promise<string> {
  const intent = await it.tollbridge.stripe.setupIntents.post({ payment_method_types: ['card'] })
  const { status } = await it.tollbridge.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: { dataSecret: intent, order },
  })
  return status
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Ask = (headers: Record<string, string>, order: string) => Promise<string>

async function overHttp(server: Server): Promise<{ ask: Ask; close(): Promise<unknown> }> {
  const url = await listen(server)
  return {
    async ask(headers, order) {
      const body = JSON.stringify({ order })
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      })
      return answer.text()
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

const servers: Readonly<Record<string, () => Promise<{ ask: Ask; close(): Promise<unknown> }>>> = {
  async Express() {
    const app = express()
    app.use(it.tollbridge.ui.express)
    app.use(express.json())
    app.post('/', async (request, response) => {
      response.send(await ask(request.body.order))
    })
    return overHttp(createServer(app as RequestListener))
  },
  async Fastify() {
    const app = fastify()
    app.addHook('preHandler', it.tollbridge.ui.fastify)
    app.post('/', async (request) => ask((request.body as { order: string }).order))
    await app.ready()
    const listening = await overHttp(app.server)
    return { ...listening, close: () => app.close() }
  },
  async 'node:http'() {
    const listener = it.tollbridge.ui.http<Parameters<RequestListener>[0], Parameters<RequestListener>[1]>(
      async (request, response) => {
        let body = ''
        for await (const chunk of request) body += String(chunk)
        response.end(await ask(JSON.parse(body).order))
      },
    )
    return overHttp(createServer(listener))
  },
  async Fetch() {
    const handler = it.tollbridge.ui.fetch(
      async (request) => new Response(await ask(((await request.json()) as { order: string }).order)),
    )
    return {
      ask: async (headers, order) => {
        const body = JSON.stringify({ order })
        const answer = await handler(new Request('http://app.example/', { method: 'POST', headers, body }))
        return answer.text()
      },
      close: async () => undefined,
    }
  },
}

describe.each(Object.keys(servers))('%s', (name) => {
  test('requests at the same time reach each their own tab, and one without a page reaches nobody', async () => {
    const { ask: request, close } = await (servers[name] as (typeof servers)[string])()
    const [ada, bob] = await Promise.all([openTab('ada'), openTab('bob')])
    const statuses = await Promise.all([
      request({ ...ada.headers }, 'of-ada'),
      request({ ...bob.headers }, 'of-bob'),
      request({}, 'of-nobody'),
    ])
    expect(statuses).toEqual(['delivered', 'delivered', 'undeliverable'])
    expect((await ada.message()).data.order).toBe('of-ada')
    expect((await bob.message()).data.order).toBe('of-bob')
    expect([ada.messages.length, bob.messages.length]).toEqual([1, 1])
    await close()
  })
})
