/** A webhook receiver that verifies each delivery with the official SDK and keeps it. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/index.ts'

export interface ReceivedWebhook {
  headers: IncomingHttpHeaders
  body: string
  event: Stripe.Event
}

export interface WebhookReceiver {
  url: string
  endpointId: string
  secret: string
  received: ReceivedWebhook[]
  types(): string[]
  /** Answers with the status that this returns; 'hang' never answers. */
  answer: (delivery: ReceivedWebhook) => number | 'hang'
}

/** Listens, and registers itself with the sandbox for the given events. */
export async function receiveWebhooks(
  sandbox: Sandbox,
  enabledEvents: string[] = ['*'],
  now: () => number = () => Date.now(),
): Promise<WebhookReceiver> {
  const stripe = new Stripe('sk_test_receiver', { telemetry: false })
  const receiver: WebhookReceiver = {
    url: '',
    endpointId: '',
    secret: '',
    received: [],
    types: () => receiver.received.map(({ event }) => event.type),
    answer: () => 200,
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const signature = String(request.headers['stripe-signature'])
      const seconds = Math.floor(now() / 1000)
      const event = stripe.webhooks.constructEvent(body, signature, receiver.secret, 300, undefined, seconds)
      const delivery = { headers: request.headers, body, event }
      receiver.received.push(delivery)
      const status = receiver.answer(delivery)
      if (status !== 'hang') response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`
  const { id, secret } = sandbox.ensureWebhookEndpoint({ url: receiver.url, enabledEvents })
  receiver.endpointId = id
  receiver.secret = secret
  return receiver
}
