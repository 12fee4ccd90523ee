import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { LiveStripe } from '../config.ts'
import { createOutbound, describeOutboundFailure, type OutboundRequest } from './create-outbound.ts'
import type { GuardedAgentsOptions } from './guarded-agents.ts'

let server: Server
let port: number
let asked: string[]

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.url === '/elsewhere') response.writeHead(302, { location: '/inside' }).end()
    else if (request.url === '/large') response.end('x'.repeat(200_000))
    else if (request.url === '/drip') {
      response.write('a')
      const timer = setInterval(() => response.write('a'), 20)
      response.once('close', () => clearInterval(timer))
    } else request.pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())
beforeEach(() => {
  asked = []
})

const real: LiveStripe = { mode: 'test', secretKey: '', publishableKey: '', signingSecrets: [] }

/** A name server of the test: every name leads to these addresses, one list after the other. */
const leadingTo = (...answers: readonly string[][]): GuardedAgentsOptions => {
  let turn = 0
  const resolve = (_name: string, _options: unknown, done: (error: null, found: object[]) => void) => {
    const addresses = answers[Math.min(turn++, answers.length - 1)] ?? []
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { resolve: resolve as unknown as NonNullable<GuardedAgentsOptions['resolve']> }
}

const send = (
  url: string,
  {
    setting = 'auto' as 'auto' | 'public' | 'any' | readonly string[],
    stripe = null as LiveStripe | null,
    options = {} as GuardedAgentsOptions,
    ...more
  }: Partial<OutboundRequest> & {
    setting?: 'auto' | 'public' | 'any' | readonly string[]
    stripe?: LiveStripe | null
    options?: GuardedAgentsOptions
  } = {},
) =>
  createOutbound({ OUTBOUND_ADDRESSES: setting, stripe }, options).send({
    url,
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'hello',
    onBehalfOf: 'sandbox',
    timeoutMs: 5_000,
    ...more,
  })

const notAllowed = { outcome: 'refused', reason: 'address_not_allowed' }

test('a workshop calls itself, and gets the whole answer', async () => {
  const answer = await send(`http://127.0.0.1:${port}/echo`)
  expect(answer).toMatchObject({ outcome: 'answered', status: 200, isWhole: true })
  expect(answer.outcome === 'answered' && answer.body.toString()).toBe('hello')
})

test.each([
  '127.0.0.1',
  'localhost',
  '[::1]',
  '0.0.0.0',
  '[::ffff:127.0.0.1]',
  '2130706433',
  '0x7f.1',
  '[::]',
])('with keys of Stripe, %s is not called', async (host) => {
  expect(await send(`http://${host}:${port}/`, { stripe: real })).toEqual(notAllowed)
  expect(asked).toEqual([])
})

test('a live app never calls this machine, not in a workshop either', async () => {
  expect(await send(`http://127.0.0.1:${port}/`, { onBehalfOf: 'live' })).toEqual(notAllowed)
})

test('a workshop does not ask the machine for its credentials', async () => {
  expect(await send('http://169.254.169.254/latest/meta-data')).toEqual(notAllowed)
})

test('a network in the setting is open, and only that', async () => {
  const setting = ['127.0.0.1']
  expect(await send(`http://127.0.0.1:${port}/`, { stripe: real, setting })).toMatchObject({ status: 200 })
  expect(await send('http://10.0.0.1/', { stripe: real, setting })).toEqual(notAllowed)
  expect(await send(`http://127.0.0.1:${port}/`, { setting: 'public' })).toEqual(notAllowed)
})

test('a name is judged by where it leads, and by every address that it has', async () => {
  const inward = leadingTo(['127.0.0.1'])
  expect(await send(`http://pay.example.com:${port}/`, { stripe: real, options: inward })).toEqual(notAllowed)
  const both = leadingTo(['1.1.1.1', '127.0.0.1'])
  expect(await send(`http://pay.example.com:${port}/`, { stripe: real, options: both })).toEqual(notAllowed)
  expect(asked).toEqual([])
})

test('a name that changes its mind is dialled where it was judged', async () => {
  // Allowed at the first look, forbidden at every later one: there is no later one.
  const options = leadingTo(['127.0.0.1'], ['169.254.169.254'])
  expect(
    await send(`http://pay.example.com:${port}/once`, { stripe: real, setting: ['127.0.0.1'], options }),
  ).toMatchObject({ outcome: 'answered', status: 200 })
  expect(asked).toEqual(['POST /once'])
})

test('a redirect is an answer, and is not followed', async () => {
  expect(await send(`http://127.0.0.1:${port}/elsewhere`)).toMatchObject({ status: 302 })
  expect(asked).toEqual(['POST /elsewhere'])
})

test('no more of an answer is read than was asked for', async () => {
  const answer = await send(`http://127.0.0.1:${port}/large`, { mostBytes: 1_000 })
  expect(answer).toMatchObject({ outcome: 'answered', isWhole: false })
  expect(answer.outcome === 'answered' && answer.body.length).toBe(1_000)
})

test('an answer that drips ends with the time', async () => {
  expect(await send(`http://127.0.0.1:${port}/drip`, { timeoutMs: 200 })).toEqual({
    outcome: 'failed',
    reason: 'timeout',
  })
})

test.each(['ftp://example.com/', 'file:///etc/passwd', 'http://user:word@example.com/', 'nonsense'])(
  '%s is no address to call',
  async (url) => {
    expect(await send(url, { setting: 'any' })).toEqual({ outcome: 'refused', reason: 'address_invalid' })
  },
)

test('a failure says which step failed, and nothing of what was found', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const free = (closed.address() as AddressInfo).port
  await new Promise((resolve) => closed.close(resolve))
  const failure = await send(`http://127.0.0.1:${free}/`)
  expect(failure).toEqual({ outcome: 'failed', reason: 'connection_refused' })
  expect(failure.outcome === 'failed' && describeOutboundFailure(failure)).toBe(
    'nobody takes connections there',
  )
})
