/** Confirmation tokens: made by a page or a test, used once, by one intent. */
import { describe, expect, it } from 'vitest'
import { startSandbox, stripeErrorOf } from '../../test/support/start-sandbox.ts'

const payment = { amount: 1999, currency: 'usd', confirm: true } as const

describe('a confirmation token', () => {
  it('pays once, and then says for what', async () => {
    const { stripe } = await startSandbox()
    const shipping = { name: 'Ada', address: { line1: 'Main St 1' } }
    const token = await stripe.testHelpers.confirmationTokens.create({
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example/done',
      shipping,
    })
    expect(token).toMatchObject({ payment_intent: null, payment_method_preview: { card: { last4: '4242' } } })
    const intent = await stripe.paymentIntents.create({ ...payment, confirmation_token: token.id })
    expect(intent).toMatchObject({ status: 'succeeded', shipping: { name: 'Ada' } })
    expect((await stripe.confirmationTokens.retrieve(token.id)).payment_intent).toBe(intent.id)
    const again = await stripeErrorOf(
      stripe.paymentIntents.create({ ...payment, confirmation_token: token.id }),
    )
    expect(again).toMatchObject({
      param: 'confirmation_token',
      message: expect.stringContaining('used already'),
    })
  })

  it('confirms an intent and a set-up that were there before', async () => {
    const { stripe } = await startSandbox()
    const make = () => stripe.testHelpers.confirmationTokens.create({ payment_method: 'pm_card_visa' })
    const { id } = await stripe.paymentIntents.create({ amount: 1999, currency: 'usd' })
    const paid = await stripe.paymentIntents.confirm(id, { confirmation_token: (await make()).id })
    expect(paid.status).toBe('succeeded')
    const setup = await stripe.setupIntents.create({})
    const token = await make()
    expect((await stripe.setupIntents.confirm(setup.id, { confirmation_token: token.id })).status).toBe(
      'succeeded',
    )
    expect((await stripe.confirmationTokens.retrieve(token.id)).setup_intent).toBe(setup.id)
  })

  it('is refused when it is too old, unknown, alone or beside a payment method', async () => {
    const { stripe, sandbox } = await startSandbox()
    const token = await stripe.testHelpers.confirmationTokens.create({ payment_method: 'pm_card_visa' })
    const refused = async (more: object) =>
      (
        await stripeErrorOf(
          stripe.paymentIntents.create({ ...payment, confirmation_token: token.id, ...more }),
        )
      ).message
    expect(await refused({ confirm: false })).toContain('confirm=true')
    expect(await refused({ payment_method: 'pm_card_visa' })).toContain('only specify one of')
    expect(await refused({ confirmation_token: 'ctoken_none' })).toContain('No such ConfirmationToken')
    await sandbox.advance(12 * 3600_000)
    expect(await refused({})).toContain('has expired')
  })
})
