/** The page that plays the customer's bank, and the private route that does the same for Stripe.js. */
import { describe, expect, it } from 'vitest'
import { cardPayment, startSandbox } from '../test/support/start-sandbox.ts'

async function challenged(returnUrl = 'https://shop.example/done?order=1') {
  const started = await startSandbox()
  const intent = await started.stripe.paymentIntents.create(
    cardPayment({ payment_method: 'pm_card_authenticationRequired', return_url: returnUrl }),
  )
  return { ...started, intent, page: intent.next_action?.redirect_to_url?.url ?? '' }
}

/** Presses a button of the page as a browser without scripts would. */
async function press(page: string, result: string): Promise<Response> {
  const html = await (await fetch(page)).text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(html)?.[1] ?? ''
  const action = /action="([^"]+)"/.exec(html)?.[1] ?? ''
  return fetch(new URL(action, page), {
    method: 'POST',
    body: new URLSearchParams({ attempt, result }),
    redirect: 'manual',
  })
}

describe('the page', () => {
  it.each([
    ['succeed', 'succeeded', 'succeeded'],
    ['fail', 'requires_payment_method', 'failed'],
  ])('with %s goes back to the shop, and the intent is %s', async (result, status, redirectStatus) => {
    const { stripe, intent, page } = await challenged()
    const answer = await press(page, result)
    expect(answer.status).toBe(303)
    const target = new URL(answer.headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe('https://shop.example/done')
    expect(Object.fromEntries(target.searchParams)).toEqual({
      order: '1',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: redirectStatus,
    })
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status)
  })

  it('names the amount as it is charged, and its buttons as test helpers know them', async () => {
    const { stripe } = await startSandbox()
    const { next_action } = await stripe.paymentIntents.create(
      cardPayment({
        amount: 700_000,
        currency: 'isk',
        payment_method: 'pm_card_authenticationRequired',
        return_url: 'https://shop.example/done',
      }),
    )
    const html = await (await fetch(next_action?.redirect_to_url?.url ?? '')).text()
    expect(html).toMatch(/payment of ISK\s7,000\./)
    for (const id of ['test-source-authorize-3ds', 'test-source-fail-3ds'])
      expect(html).toContain(`id="${id}"`)
  })

  it('is over once it was answered, and is nothing without its secret', async () => {
    const { intent, page, url } = await challenged()
    await press(page, 'succeed')
    expect((await fetch(page)).status).toBe(404)
    expect((await fetch(`${url}/3ds/${intent.id}?attempt=`)).status).toBe(404)
    expect((await fetch(`${url}/3ds/pi_none?attempt=x`)).status).toBe(404)
  })

  it('escapes what comes from outside', async () => {
    const { url } = await startSandbox()
    const html = await (await fetch(`${url}/3ds/${encodeURIComponent('<script>')}?attempt=<b>`)).text()
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('<b>')
  })
})

it('the private route ends a challenge with a publishable key and the client secret', async () => {
  const { request, intent } = await challenged()
  const path = `/v1/sandbox/authentications/${intent.id}`
  const key = 'pk_test_sandbox'
  const without = await request('POST', path, { body: 'result=succeed', key })
  expect(without.json.error.param).toBe('client_secret')
  const body = `result=succeed&client_secret=${intent.client_secret}`
  expect((await request('POST', path, { body, key })).json).toMatchObject({ status: 'succeeded' })
  expect((await request('POST', path, { body, key })).json.error.code).toBe('intent_invalid_state')
})

it('a page of another origin may call the API', async () => {
  const { url } = await startSandbox()
  const preflight = await fetch(`${url}/v1/tokens`, {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
})
