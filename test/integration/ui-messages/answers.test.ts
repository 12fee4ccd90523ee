/** A page's answer: what of it is believed, what Stripe decides, and that it counts once. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../../packages/server/src/log.ts'
import { eventually } from '../../support/eventually.ts'
import { openShop, type Shop, type Tab } from './open-shop.ts'

const lines: string[] = []
let shop: Shop
let anna: Tab
let bert: Tab
beforeAll(async () => {
  const { PassThrough } = await import('node:stream')
  const sink = new PassThrough()
  sink.on('data', (line) => lines.push(String(line)))
  shop = await openShop({ log: createLog('debug', sink) })
  anna = await shop.tab('anna')
  bert = await shop.tab('bert')
})
afterAll(() => shop.stop())
afterEach(() => shop.proxy.reset())

const send = async (more: object = {}) => {
  const intent = await shop.setupIntent()
  const { body } = await shop.send({ data: { dataSecret: intent }, ...more })
  return { id: body.id as string, intent }
}
/** The callback as it was written down. */
const outcome = async (id: string) => (await shop.message(id)).callback

describe('a saved card', () => {
  test('is believed when Stripe says so, with Stripe’s own object', async () => {
    const { id, intent } = await send()
    const saved = await shop.confirmSetup(intent)
    const forged = {
      setupIntent: { id: 'seti_other', status: 'succeeded', payment_method: 'pm_of_somebody' },
    }
    const answer = await anna.answer(id, 'onSuccess', { ...forged, result: forged, admin: true })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ object: 'ui_callback', id, callback: 'onSuccess', verified: true })
    const { name, verified, data } = await outcome(id)
    expect({ name, verified }).toEqual({ name: 'onSuccess', verified: true })
    expect(Object.keys(data)).toEqual(['setupIntent', 'result'])
    expect(data.setupIntent).toMatchObject({ id: intent.id, payment_method: saved.payment_method })
    expect(data.result).toEqual({ setupIntent: data.setupIntent })
  })

  test.each([
    ['not succeeded yet', (own: object) => own],
    ['another one’s', () => ({ id: 'seti_1OtherPersons', status: 'succeeded' })],
  ])('that Stripe does not confirm (%s) runs as a failure', async (_, forge) => {
    const { id, intent } = await send()
    const setupIntent = { ...forge(intent), status: 'succeeded' }
    const answer = await anna.answer(id, 'onSuccess', { setupIntent, result: { setupIntent } })
    expect(answer.body).toMatchObject({ callback: 'onFail', verified: false })
    const error = expect.objectContaining({ type: 'verification_error', code: 'intent_not_successful' })
    const told = { error, result: { error } }
    expect(await outcome(id)).toEqual({ name: 'onFail', verified: false, data: told })
  })

  test('a success of another intent that did succeed is no success of this one', async () => {
    const { id } = await send()
    const other = await shop.confirmSetup(await shop.setupIntent())
    await anna.answer(id, 'onSuccess', { setupIntent: other, result: { setupIntent: other } })
    const { name, verified, data } = await outcome(id)
    expect([name, verified]).toEqual(['onFail', false])
    expect(JSON.stringify(data)).not.toContain(other.id)
  })

  test('without onFail, the failure comes to the callback that was named', async () => {
    const { id } = await send({ callbacks: { onSuccess: 'saved' } })
    await anna.answer(id, 'onSuccess', { setupIntent: { status: 'succeeded' } })
    expect(await outcome(id)).toMatchObject({
      name: 'onSuccess',
      verified: false,
      data: { error: { type: 'verification_error' } },
    })
  })

  test('of an intent that Stripe does not know runs as a failure', async () => {
    const { body } = await shop.send({ data: { dataSecret: 'seti_1Nowhere_secret_abc' } })
    await anna.answer(body.id, 'onSuccess', {})
    expect(await outcome(body.id)).toMatchObject({
      name: 'onFail',
      data: { error: { code: 'intent_not_found' } },
    })
  })

  test('an error beside a claimed success makes the success no truer', async () => {
    const { id } = await send({ callbacks: { onSuccess: 'saved' } })
    await anna.answer(id, 'onSuccess', { error: { message: 'x' }, setupIntent: { status: 'succeeded' } })
    expect(await outcome(id)).toMatchObject({
      verified: false,
      data: { error: { type: 'verification_error' } },
    })
  })
})

describe('a failure', () => {
  test('that Stripe does not contradict is believed, and nothing but its error', async () => {
    const { id } = await send()
    const error = {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      message: 'No.',
    }
    const setupIntent = { id: 'seti_1', status: 'succeeded' }
    const answer = await anna.answer(id, 'onFail', { error, setupIntent, result: { setupIntent } })
    expect(answer.body).toMatchObject({ callback: 'onFail', verified: false })
    expect(await outcome(id)).toEqual({ name: 'onFail', verified: false, data: { error, result: { error } } })
  })

  test('that Stripe contradicts is a success with what Stripe has', async () => {
    const { id, intent } = await send()
    await shop.confirmSetup(intent)
    const answer = await anna.answer(id, 'onFail', {
      error: { type: 'api_connection_error', message: 'Lost.' },
    })
    expect(answer.body).toMatchObject({ callback: 'onSuccess', verified: true })
    expect(await outcome(id)).toMatchObject({
      name: 'onSuccess',
      data: { setupIntent: { id: intent.id, status: 'succeeded' } },
    })
  })

  test('about a card that was saved before the message was sent stays one', async () => {
    const intent = await shop.setupIntent()
    await shop.confirmSetup(intent)
    const { body } = await shop.send({ data: { dataSecret: intent.client_secret } })
    const answer = await anna.answer(body.id, 'onFail', { error: { message: 'Used.' } })
    expect(answer.body).toMatchObject({ callback: 'onFail', verified: false })
  })

  test('without a reason says that', async () => {
    const { id } = await send()
    await anna.answer(id, 'onFail', 'nothing')
    expect(await outcome(id)).toMatchObject({ data: { error: { type: 'api_error', code: 'unknown' } } })
  })

  test('a cancel is one, and needs no reason', async () => {
    const { id } = await send({ callbacks: { onCancel: 'gone', onSuccess: 'saved' } })
    await anna.answer(id, 'onCancel', { setupIntent: { status: 'succeeded' } })
    expect(await outcome(id)).toEqual({ name: 'onCancel', verified: false, data: {} })
  })
})

describe('without an answer', () => {
  test('an event that the card was saved ends the message well, and a late answer hears it', async () => {
    const { id, intent } = await send()
    await anna.claim(id)
    const done = await shop.confirmSetup(intent)
    await shop.event('setup_intent.succeeded', done)
    await eventually(async () => (await shop.message(id)).status === 'settled')
    expect(await outcome(id)).toMatchObject({ name: 'onSuccess', verified: true })
    expect((await anna.answer(id, 'onSuccess')).body).toMatchObject({ callback: 'onSuccess', verified: true })
    expect((await anna.answer(id, 'onFail')).body).toMatchObject({ callback: 'onSuccess', verified: true })
  })

  test('a message that is canceled after the card was saved is settled', async () => {
    const { id, intent } = await send()
    await anna.claim(id)
    await shop.confirmSetup(intent)
    expect((await shop.post(`/v1/ui/messages/${id}/cancel`)).body).toMatchObject({ status: 'settled' })
    expect(await outcome(id)).toMatchObject({ name: 'onSuccess', verified: true })
  })

  test('a message that nobody has opened is canceled at once', async () => {
    const { id } = await send()
    expect((await shop.post(`/v1/ui/messages/${id}/cancel`)).body).toMatchObject({ status: 'canceled' })
  })

  test('while Stripe cannot be asked it is ending, and over for its pages', async () => {
    const { id, intent } = await send()
    await anna.claim(id)
    await shop.confirmSetup(intent)
    shop.proxy.decideWith(() => ({ kind: 'status', status: 500, when: 'before' }))
    expect((await shop.post(`/v1/ui/messages/${id}/cancel`)).body).toMatchObject({ status: 'ending' })
    expect((await anna.claim(id)).status).toBe(410)
    shop.proxy.reset()
    await eventually(async () => (await shop.message(id)).status === 'settled', { timeoutMs: 15_000 })
  })

  test('a page that opens it again after a reload hears that it is done', async () => {
    const { id, intent } = await send()
    await anna.claim(id)
    await shop.confirmSetup(intent)
    expect((await anna.claim(id)).body.error.code).toBe('ui_message_settled')
    expect(await outcome(id)).toMatchObject({ name: 'onSuccess', verified: true })
  })
})

describe('a card action', () => {
  const action = async (callbacks: object = { cardActionCallback: 'acted' }) => {
    const intent = await shop.stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      payment_method: 'pm_card_threeDSecure2Required',
      confirmation_method: 'manual',
      confirm: true,
      use_stripe_sdk: true,
      allowed_payment_method_types: ['card'],
    })
    const data = { clientSecret: intent.client_secret }
    const { body } = await shop.send({ name: 'handleCardAction', data, callbacks })
    return { id: body.id as string, intent }
  }

  test('that has not been done is no success', async () => {
    const { id, intent } = await action()
    const paymentIntent = { ...intent, status: 'requires_confirmation' }
    await anna.answer(id, 'cardActionCallback', { paymentIntent, result: { paymentIntent } })
    expect(await outcome(id)).toMatchObject({
      name: 'cardActionCallback',
      verified: false,
      data: { error: { type: 'verification_error' }, result: { error: {} } },
    })
  })

  test('of a payment that is ready to be confirmed comes with Stripe’s own object', async () => {
    const intent = await shop.stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirmation_method: 'manual',
      allowed_payment_method_types: ['card'],
    })
    expect(intent.status).toBe('requires_confirmation')
    const data = { clientSecret: intent.client_secret }
    const callbacks = { cardActionCallback: 'acted' }
    const { body } = await shop.send({ name: 'handleCardAction', data, callbacks })
    const answer = await anna.answer(body.id, 'cardActionCallback', { paymentIntent: { amount: 1 } })
    expect(answer.body.verified).toBe(true)
    const { paymentIntent, result } = (await outcome(body.id)).data
    expect(paymentIntent).toMatchObject({ id: intent.id, amount: 1_000, status: 'requires_confirmation' })
    expect(result).toEqual({ paymentIntent })
  })

  test('that failed is told as its error, by whichever callback there is for it', async () => {
    const error = {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
      message: 'No.',
    }
    const failed = { error, paymentIntent: { status: 'succeeded' }, result: { paymentIntent: {} } }
    const told = { error, result: { error } }
    const one = await action()
    await anna.answer(one.id, 'cardActionCallback', failed)
    expect(await outcome(one.id)).toEqual({ name: 'cardActionCallback', verified: false, data: told })
    const two = await action({ onSuccess: 'acted', onFail: 'failed' })
    await anna.answer(two.id, 'onSuccess', failed)
    expect(await outcome(two.id)).toEqual({ name: 'onFail', verified: false, data: told })
    const three = await action({ onSuccess: 'acted' })
    await anna.answer(three.id, 'onSuccess', failed)
    expect(await outcome(three.id)).toEqual({ name: 'onSuccess', verified: false, data: told })
  })
})

describe('an answer is refused', () => {
  const refusal = async (
    answer: Promise<{ status: number; body: { error: { code: string; param?: string } } }>,
  ) => {
    const { status, body } = await answer
    return [status, body.error.code, body.error.param]
  }

  test('from the session of somebody else, as if there were no message', async () => {
    const { id, intent } = await send()
    await shop.confirmSetup(intent)
    expect(await refusal(bert.answer(id, 'onSuccess'))).toEqual([404, 'resource_missing', 'id'])
    expect(await refusal(bert.claim(id))).toEqual([404, 'resource_missing', 'id'])
    expect(await refusal(anna.answer('uim_unknown', 'onSuccess'))).toEqual([404, 'resource_missing', 'id'])
    expect((await shop.message(id)).status).toBe('queued')
  })

  test('from another tab than the caller’s', async () => {
    const caller = { session: await shop.session('anna'), tab: anna.id }
    const { id } = await send({ target: 'caller', targetUsers: undefined, caller })
    const second = await shop.tab('anna')
    expect(await refusal(second.answer(id, 'onFail'))).toEqual([404, 'resource_missing', 'id'])
    expect((await anna.answer(id, 'onFail')).status).toBe(200)
  })

  test('for a callback that the message, or the function, does not have', async () => {
    const { id } = await send()
    for (const callback of ['onCancel', 'cardActionCallback', 'toString', '__proto__', '']) {
      expect(await refusal(anna.answer(id, callback))).toEqual([404, 'resource_missing', 'callback'])
    }
    expect((await shop.message(id)).callback).toBeNull()
  })

  test('the second time, and the first one stays', async () => {
    const { id, intent } = await send()
    await anna.answer(id, 'onFail', { error: { message: 'first' } })
    await shop.confirmSetup(intent)
    expect(await refusal(anna.answer(id, 'onSuccess'))).toEqual([409, 'ui_message_settled', undefined])
    expect(await refusal(anna.claim(id))).toEqual([409, 'ui_message_settled', undefined])
    expect(await outcome(id)).toMatchObject({ name: 'onFail', data: { error: { message: 'first' } } })
  })

  test('all but one of those that come at the same time', async () => {
    const { id, intent } = await send()
    await shop.confirmSetup(intent)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => anna.answer(id, n % 2 === 0 ? 'onSuccess' : 'onFail')),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 409)])
  })

  test('when another tab has claimed the message', async () => {
    const { id } = await send()
    const second = await shop.tab('anna')
    expect((await second.claim(id)).body).toEqual({ object: 'ui_claim', id })
    expect(await refusal(anna.claim(id))).toEqual([409, 'ui_message_claimed', undefined])
    expect(await refusal(anna.answer(id, 'onFail'))).toEqual([409, 'ui_message_claimed', undefined])
    expect((await second.claim(id)).status).toBe(200)
    expect((await second.answer(id, 'onFail')).status).toBe(200)
  })

  test('after the message was canceled, with the reason', async () => {
    const { id } = await send()
    expect((await shop.post(`/v1/ui/messages/${id}/cancel`)).body).toMatchObject({ id, status: 'canceled' })
    const { status, body } = await anna.answer(id, 'onFail')
    expect([status, body.error.code, body.error.reason]).toEqual([410, 'ui_message_ended', 'canceled'])
    expect((await anna.claim(id)).status).toBe(410)
  })

  test('over 64 KiB, and with a card number in it', async () => {
    const { id } = await send()
    const large = { error: { message: 'x'.repeat(64 * 1024) } }
    expect(await refusal(anna.answer(id, 'onFail', large))).toEqual([413, 'body_too_large', undefined])
    const card = { error: { message: 'Card 4242 4242 4242 4242 failed' } }
    expect(await refusal(anna.answer(id, 'onFail', card))).toEqual([
      400,
      'card_number_refused',
      'data.error.message',
    ])
    expect((await shop.message(id)).status).toBe('queued')
  })
})

describe('while Stripe cannot be asked', () => {
  test.each([
    [{ kind: 'reset_before' }, 503, 'stripe_unreachable'],
    [{ kind: 'timeout_before' }, 504, 'stripe_timeout'],
    [{ kind: 'status', status: 500, when: 'before' }, 503, 'stripe_failed'],
    [{ kind: 'status', status: 429, when: 'before' }, 429, 'too_many_requests'],
  ] as const)('(%j) nothing is settled, and a repeat is', async (fault, status, code) => {
    const { id, intent } = await send()
    await shop.confirmSetup(intent)
    await anna.claim(id)
    shop.proxy.decideWith(() => fault)
    const answer = await anna.answer(id, 'onSuccess')
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
    expect(await shop.message(id)).toMatchObject({ status: 'claimed', callback: null })
    shop.proxy.reset()
    expect((await anna.answer(id, 'onSuccess')).body).toMatchObject({ callback: 'onSuccess', verified: true })
  })
})

test('no client secret, token or key stands in the log', async () => {
  const { id, intent } = await send()
  const token = await shop.session('anna')
  await (await shop.tab('anna', { token })).answer(id, 'onSuccess', { setupIntent: intent })
  const logged = lines.join('')
  expect(logged).toContain(id)
  for (const secret of [intent.client_secret ?? '?', token, shop.serverKey])
    expect(logged).not.toContain(secret)
})
