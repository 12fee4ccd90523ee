/** Stripe's official SDK for Node, pointed at Tollbridge with a server key in place of Stripe's. */
import type Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'

let server: Tollbridge
beforeAll(async () => {
  server = await startTollbridge()
})
afterAll(() => server.stop())

test('a customer is made and read below /v1/stripe', async () => {
  const made = await fetch(`${server.url}/v1/stripe/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.serverKey}` },
    body: new URLSearchParams({ email: 'jo@example.com' }),
  })
  const customer = (await made.json()) as Stripe.Customer
  expect(made.status).toBe(200)
  expect(customer).toMatchObject({ object: 'customer', email: 'jo@example.com' })
  expect(made.headers.get('request-id')).toMatch(/^req_/)
  const read = await fetch(`${server.url}/v1/stripe/v1/customers/${customer.id}`, {
    headers: { authorization: `Basic ${btoa(`${server.serverKey}:`)}` },
  })
  expect(await read.json()).toMatchObject({ id: customer.id })
})
