/** Requests that Stripe would refuse: keys, routes, parameters, bodies. */
import { describe, expect, it } from 'vitest'
import { startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'

describe('the key', () => {
  const authorization = (value: string) => ({ headers: { authorization: value }, key: null })
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

  it.each([
    ['Bearer sk_test_abc', 200],
    ['bearer rk_test_abc', 200],
    [basic('sk_test_abc:'), 200],
    ['Bearer sk_wrong_abc', 401],
    ['Bearer', 401],
    ['Digest sk_test_abc', 401],
    [basic(''), 401],
  ])('%s answers %i', async (value, status) => {
    const { request } = await startSandbox()
    const answer = await request('GET', '/v1/customers', authorization(value))
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.json.error.type).toBe('invalid_request_error')
  })

  it('is missed in the words of Stripe', async () => {
    const { request } = await startSandbox()
    const answer = await request('GET', '/v1/customers', { key: null })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Stripe"')
    expect(answer.json.error.message).toMatch(/^You did not provide an API key\./)
  })

  it.each(['sk_live_51AbCdEfGh', 'rk_live_51AbCdEfGh', 'pk_live_51AbCdEfGh'])(
    '%s is refused clearly, and not repeated',
    async (key) => {
      const { client } = await startSandbox()
      const error = await stripeErrorOf(client(key).customers.create())
      expect(error).toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 })
      expect(error.message).toContain('This is a local sandbox')
      expect(error.message).toContain('live key must never be sent')
      expect(JSON.stringify(error.raw)).not.toContain('51AbCdEfGh')
    },
  )

  it('that is publishable makes tokens and payment methods, and no more', async () => {
    const { client } = await startSandbox()
    const page = client('pk_test_sandbox')
    const card = { number: '4242424242424242', exp_month: 12, exp_year: 2030, cvc: '123' }
    expect((await page.paymentMethods.create({ type: 'card', card })).id).toMatch(/^pm_/)
    const error = await stripeErrorOf(page.customers.create())
    expect(error).toMatchObject({ statusCode: 401, code: 'secret_key_required' })
  })
})

describe('the route', () => {
  it.each([
    ['GET', '/v1/nonsense'],
    ['DELETE', '/v1/charges'],
    ['PUT', '/v1/customers'],
    ['GET', '/'],
  ])('%s %s is not one', async (method, path) => {
    const { request } = await startSandbox()
    const answer = await request(method, path)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('request-id')).toMatch(/^req_/)
    expect(answer.json.error).toEqual({
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    })
  })

  it('that is no address is refused in JSON too', async () => {
    const { request } = await startSandbox()
    const answer = await request('GET', '/v1/charges/%zz')
    expect(answer.status).toBe(400)
    expect(answer.json.error.type).toBe('invalid_request_error')
  })

  it.each([
    ['/v1/charges/ch_none', 'charge', 'id'],
    ['/v1/customers/cus_none', 'customer', 'id'],
    ['/v1/payment_intents/pi_none', 'payment_intent', 'intent'],
    ['/v1/setup_intents/seti_none', 'setupintent', 'intent'],
    ['/v1/payment_methods/pm_none', 'PaymentMethod', 'payment_method'],
    ['/v1/tokens/tok_none', 'token', 'token'],
    ['/v1/refunds/re_none', 'refund', 'id'],
    ['/v1/events/evt_none', 'event', 'id'],
    ['/v1/disputes/du_none', 'dispute', 'dispute'],
    ['/v1/webhook_endpoints/we_none', 'webhook endpoint', 'id'],
    ['/v1/balance_transactions/txn_none', 'balance transaction', 'id'],
  ])('%s finds nothing', async (path, noun, param) => {
    const { request } = await startSandbox()
    const answer = await request('GET', path)
    expect(answer.status).toBe(404)
    expect(answer.json.error).toMatchObject({
      code: 'resource_missing',
      doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
      message: `No such ${noun}: '${path.split('/').at(-1)}'`,
      param,
      type: 'invalid_request_error',
    })
  })
})

describe('parameters', () => {
  const base = 'currency=usd&'
  it.each([
    ['amount=100&curency=usd', 'parameter_unknown', 'curency', 'Received unknown parameter: curency'],
    [`${base}amount=100&a=1&b=1`, 'parameter_unknown', 'a', 'Received unknown parameters: a, b'],
    [
      `${base}amount=100&payment_method_data[card][foo]=1`,
      'parameter_unknown',
      'payment_method_data[card][foo]',
      'Received unknown parameter: payment_method_data[card][foo]',
    ],
    ['currency=usd', 'parameter_missing', 'amount', 'Missing required param: amount.'],
    ['amount=100', 'parameter_missing', 'currency', 'Missing required param: currency.'],
    [`${base}amount=abc`, 'parameter_invalid_integer', 'amount', 'Invalid integer: abc'],
    [`${base}amount=10.5`, 'parameter_invalid_integer', 'amount', 'Invalid integer: 10.5'],
    [`${base}amount=1e21`, 'parameter_invalid_integer', 'amount', 'Invalid integer: 1e21'],
    [`${base}amount[a]=1`, 'parameter_invalid_integer', 'amount', 'Invalid integer: {"a":"1"}'],
    [`${base}amount=0`, 'parameter_invalid_integer', 'amount', 'greater than or equal to 1'],
    [`${base}amount=-5`, 'parameter_invalid_integer', 'amount', 'greater than or equal to 1'],
    [`${base}amount=`, 'parameter_invalid_empty', 'amount', "You passed an empty string for 'amount'"],
    [`${base}amount=49`, 'amount_too_small', 'amount', 'Amount must be at least $0.50 usd'],
    [`${base}amount=100000000`, 'amount_too_large', 'amount', 'Amount must be no more than $999,999.99 usd'],
    ['amount=49&currency=jpy', 'amount_too_small', 'amount', 'Amount must be at least ¥50 jpy'],
    ['amount=100&currency=czk', 'amount_too_small', 'amount', 'at least'],
    ['amount=180000&currency=ugx', 'amount_too_small', 'amount', 'at least UGX 1,900 ugx'],
    ['amount=190050&currency=ugx', undefined, 'amount', 'divisible by 100'],
    ['amount=10050&currency=isk', undefined, 'amount', 'divisible by 100'],
    ['amount=100&currency=xxx', undefined, 'currency', 'Invalid currency: xxx. Stripe currently supports'],
    [`${base}amount=100&confirm=maybe`, undefined, 'confirm', 'Invalid boolean: maybe'],
    [
      `${base}amount=100&capture_method=sometimes`,
      undefined,
      'capture_method',
      'Invalid capture_method: must be one of automatic, automatic_async, or manual',
    ],
    [`${base}amount=100&metadata=text`, undefined, 'metadata', 'Invalid object'],
    [`${base}amount=100&expand=customer`, undefined, 'expand', 'Invalid array'],
    [`${base}amount=100&description[a]=1`, undefined, 'description', 'Invalid string: {"a":"1"}'],
    [`${base}amount=100&metadata[${'k'.repeat(41)}]=1`, undefined, undefined, 'at most 40 characters'],
    [
      `${base}amount=100&${Array.from({ length: 51 }, (_, i) => `metadata[k${i}]=1`).join('&')}`,
      undefined,
      'metadata',
      'up to 50 metadata keys',
    ],
    [`${base}amount=100&metadata[k]=${'v'.repeat(501)}`, undefined, 'metadata[k]', 'up to 500 characters'],
    [`${base}amount=100&customer=cus_none`, 'resource_missing', 'customer', "No such customer: 'cus_none'"],
    [
      `${base}amount=100&confirm=true&confirmation_token=ctoken_1`,
      'resource_missing',
      'confirmation_token',
      "No such ConfirmationToken: 'ctoken_1'",
    ],
    [
      `${base}amount=100&payment_method=pm_a&payment_method_data[type]=card`,
      'parameters_exclusive',
      'payment_method_data',
      'You may only specify one of these parameters',
    ],
  ])('%s', async (body, code, param, message) => {
    const { stripe, request } = await startSandbox()
    const { status, json } = await request('POST', '/v1/payment_intents', { body })
    expect(status).toBe(code === 'resource_missing' ? 404 : 400)
    expect(json.error.type).toBe('invalid_request_error')
    expect(json.error.code).toBe(code)
    if (param !== undefined) expect(json.error.param).toBe(param)
    expect(json.error.message).toContain(message)
    expect((await stripe.paymentIntents.list()).data).toEqual([])
    expect((await stripe.events.list()).data).toEqual([])
  })

  it('come as lists in either notation', async () => {
    const { request } = await startSandbox()
    for (const notation of ['[]', '[0]', '[30]']) {
      const body = `amount=100&currency=usd&allowed_payment_method_types${notation}=card`
      const { json } = await request('POST', '/v1/payment_intents', { body })
      expect(json.allowed_payment_method_types).toEqual(['card'])
    }
  })

  it('with names of the language do no harm', async () => {
    const { request } = await startSandbox()
    const body = 'metadata[__proto__]=x&metadata[constructor]=y&metadata[toString]=z'
    const { status, json } = await request('POST', '/v1/customers', { body })
    expect(status).toBe(200)
    expect(json.metadata).toMatchObject({ constructor: 'y', toString: 'z' })
    const refused = await request('POST', '/v1/customers', { body: 'hasOwnProperty=1&constructor[a]=1' })
    expect(refused.json.error.code).toBe('parameter_unknown')
  })
})

describe('the body', () => {
  it('in JSON is refused as Stripe refuses it', async () => {
    const { request } = await startSandbox()
    const headers = { 'content-type': 'application/json' }
    const answer = await request('POST', '/v1/customers', { body: '{"name":"Ada"}', headers })
    expect(answer.status).toBe(400)
    expect(answer.json.error.message).toContain('application/x-www-form-urlencoded')
  })

  it('of more than a megabyte is refused', async () => {
    const { request } = await startSandbox()
    const answer = await request('POST', '/v1/customers', { body: `name=${'x'.repeat(1024 * 1024)}` })
    expect(answer.status).toBe(413)
    expect(answer.json.error.type).toBe('invalid_request_error')
  })

  it.each([
    ['too deep', `a${'[a]'.repeat(20)}=1`],
    ['too many parameters', Array.from({ length: 3000 }, (_, index) => `metadata[k${index}]=1`).join('&')],
  ])('that is %s is refused', async (_case, body) => {
    const { request } = await startSandbox()
    const answer = await request('POST', '/v1/customers', { body })
    expect(answer.status).toBe(400)
  })
})

it('every answer has its request id and version', async () => {
  const { request, stripe } = await startSandbox()
  const answer = await request('GET', '/v1/balance', { headers: { 'stripe-version': '2024-06-20' } })
  expect(answer.headers.get('stripe-version')).toBe('2024-06-20')
  expect(answer.headers.get('request-id')).toMatch(/^req_\w{14}$/)
  const viaSdk = await stripe.balance.retrieve()
  expect(viaSdk.lastResponse.requestId).toMatch(/^req_/)
  expect(viaSdk.lastResponse.apiVersion).toBe('2026-10-28.endive')
})
