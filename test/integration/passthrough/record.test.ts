/** Every call is written down: what it was and what came of it, nothing that people entered, and open after a crash. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { freePort, startProduct, temporaryFolder } from '../../support/product-process.ts'
import { answerJson, type ScriptedStripe, startScriptedStripe } from './scripted-stripe.ts'
import { listCalls, type Product, startPassthrough } from './start-passthrough.ts'

let stripe: ScriptedStripe
let product: Product
beforeAll(async () => {
  stripe = await startScriptedStripe()
  product = await startPassthrough({ stripeUrl: stripe.url })
})
afterAll(async () => {
  await product?.stop()
  await stripe?.close()
})

const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(product.proxyUrl + path, {
    method,
    headers: { authorization: `Bearer ${product.serverKey}`, ...headers },
    ...(body === undefined ? {} : { body }),
  })

async function ended(count: number, query = '') {
  return eventually(
    async () => {
      const calls = await listCalls(product, query)
      return calls.length === count && calls.every((call) => call['duration_ms'] !== null) && calls
    },
    { what: `${count} calls in the record` },
  )
}

test('a call that changes something is on disk before Stripe hears of it', async () => {
  let seen: Record<string, unknown>[] = []
  stripe.play(async (_request, response) => {
    seen = await listCalls(product, '&path=/v1/products')
    answerJson(response, { object: 'product' })
  })
  await send('POST', '/v1/products?expand[]=x', 'name=Jo+Doe', { 'stripe-account': 'acct_9' })
  expect(seen).toMatchObject([
    { method: 'POST', path: '/v1/products', outcome: 'unknown', status: null, duration_ms: null },
  ])
  const [call] = await ended(1, '&path=/v1/products')
  expect(call).toMatchObject({
    object: 'stripe_call',
    app_id: product.appId,
    key: expect.stringMatching(/^key_[0-9a-f]{16}$/),
    stripe_account: 'acct_9',
    outcome: 'answered',
    status: 200,
    stripe_request_id: 'req_scripted',
    idempotency_key: expect.stringMatching(/^tbp_/),
  })
  expect(JSON.stringify(call)).not.toMatch(/Jo|Doe|expand/)
})

test('reads and refusals are written down too, and found by what they were', async () => {
  stripe.play((_request, response) => answerJson(response, { object: 'list' }))
  await send('GET', '/v1/plans/plan_1?limit=3')
  await send('GET', '/v1/plans/plan_2')
  await send('DELETE', '/v1/plans/plan_1')
  await send('POST', '/v1/webhook_endpoints', 'url=x')
  await send('POST', '/v1/tokens', 'card[number]=4242424242424242', {
    'content-type': 'application/x-www-form-urlencoded',
  })
  await ended(3, '&path=/v1/plans')
  expect(await listCalls(product, '&method=delete')).toMatchObject([{ path: '/v1/plans/plan_1' }])
  expect(await ended(2, '&outcome=refused')).toMatchObject([
    { path: '/v1/tokens', status: 400, error: 'card_number_refused' },
    { path: '/v1/webhook_endpoints', status: 403, error: 'stripe_call_refused', stripe_request_id: null },
  ])
  const first = await fetch(`${product.url}/v1/admin/stripe_calls?path=/v1/plans&limit=2`, {
    headers: { authorization: `Bearer ${product.operatorKey}` },
  })
  const page = (await first.json()) as { has_more: boolean; data: { id: string }[] }
  expect(page).toMatchObject({ has_more: true, data: [{}, {}] })
  const rest = await listCalls(product, `&path=/v1/plans&starting_after=${page.data[1]?.id}`)
  expect(rest).toHaveLength(1)
  const wrong = await fetch(`${product.url}/v1/admin/stripe_calls?outcome=lost`, {
    headers: { authorization: `Bearer ${product.operatorKey}` },
  })
  expect(await wrong.json()).toMatchObject({ error: { param: 'outcome' } })
})

test('a crash in the middle of a call leaves it open, with an unknown outcome', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const env = {
    PORT: String(port),
    TOLLBRIDGE_DATA_DIR: folder.path,
    TOLLBRIDGE_KEY: randomBytes(32).toString('base64'),
    STRIPE_SECRET_KEY: 'sk_test_ofTheCrashTest',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_ofTheCrashTest',
    STRIPE_WEBHOOK_SECRET: 'whsec_ofTheCrashTest',
    STRIPE_API_BASE: stripe.url,
    REPAIR_INTERVAL_SECONDS: '0',
    CURRENCY: 'usd',
  }
  const first = startProduct(env)
  try {
    await first.printed('the next start keeps the data')
    const [serverKey = ''] = /tbk_\S+/.exec(first.stdout()) ?? []
    const [operatorKey = ''] = /tbo_\S+/.exec(first.stdout()) ?? []
    const url = `http://127.0.0.1:${port}`
    stripe.play(() => {})
    const call = fetch(`${url}/v1/stripe/v1/transfers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serverKey}` },
      body: 'amount=1',
    }).catch(() => 'lost')
    await eventually(() => stripe.requests.length === 1, { what: 'the call to reach Stripe' })
    first.child.kill('SIGKILL')
    expect(await call).toBe('lost')
    await first.exited

    const second = startProduct(env)
    try {
      await second.printed('the next start keeps the data')
      expect(await listCalls({ url, operatorKey }, '&outcome=unknown')).toMatchObject([
        { method: 'POST', path: '/v1/transfers', outcome: 'unknown', status: null, duration_ms: null },
      ])
    } finally {
      second.child.kill('SIGTERM')
      await second.exited
    }
  } finally {
    first.child.kill('SIGKILL')
    folder.remove()
  }
})
