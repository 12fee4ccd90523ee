/** The test card table, played through the API in each of a card's three forms. */
import { describe, expect, it } from 'vitest'
import { cardPayment, startSandbox, stripeErrorOf } from '../test/support/start-sandbox.ts'
import { TEST_CARDS, type TestCard } from './test-cards.ts'

type Ending = { status: string } | { code: string; declineCode: string | undefined }

const expectedEnding = (card: TestCard): Ending => {
  if (card.decline) return { code: card.decline.code, declineCode: card.decline.declineCode }
  const asks = ['always', 'until_set_up', 'on_session'].includes(card.authentication ?? '')
  return { status: asks ? 'requires_action' : 'succeeded' }
}

const name = (card: TestCard): string => `${card.number} ${card.pm[0] ?? ''}`

describe.each(TEST_CARDS.map((card) => [name(card), card] as const))('%s', (_name, card) => {
  it('ends a payment as the table says, typed or by any of its names', async () => {
    const { stripe } = await startSandbox()
    const endings: Ending[] = []
    const pay = async (more: object): Promise<void> => {
      const { payment_method: _, ...rest } = cardPayment()
      endings.push(
        await stripe.paymentIntents.create({ ...rest, ...more }).then(
          ({ status }) => ({ status }),
          ({ statusCode, code, decline_code: declineCode }) => {
            expect(statusCode).toBe(402)
            return { code, declineCode }
          },
        ),
      )
    }
    const token = await stripe.tokens.create({
      card: {
        number: card.number,
        exp_month: '12',
        exp_year: '2030',
        cvc: card.brand === 'amex' ? '1234' : '123',
      },
    })
    for (const id of [token.id, ...card.tok.map((alias) => `tok_${alias}`)]) {
      await pay({ payment_method_data: { type: 'card', card: { token: id } } })
    }
    for (const alias of card.pm) await pay({ payment_method: `pm_card_${alias}` })

    expect(endings).toHaveLength(1 + card.tok.length + card.pm.length)
    for (const ending of endings) expect(ending).toEqual(expectedEnding(card))
  })

  it('has its brand, funding and last digits', async () => {
    const { stripe } = await startSandbox()
    const method = await stripe.paymentMethods.create({
      type: 'card',
      card: { number: card.number, exp_month: 12, exp_year: 30, cvc: card.brand === 'amex' ? '1234' : '123' },
    })
    expect(method.card).toMatchObject({
      brand: card.brand,
      funding: card.funding ?? 'credit',
      last4: card.number.slice(-4),
      exp_year: 2030,
    })
  })
})

it('an alias makes a new object each time', async () => {
  const { stripe } = await startSandbox()
  const ids = new Set<string>()
  for (const id of ['pm_card_visa', 'pm_card_visa']) ids.add((await stripe.paymentMethods.retrieve(id)).id)
  expect(ids.size).toBe(2)
  for (const id of ids) expect(id).toMatch(/^pm_1\w{20,}$/)
})

it('equal numbers have equal fingerprints, and others have not', async () => {
  const { stripe } = await startSandbox()
  const [a, b, c] = await Promise.all(
    ['pm_card_visa', 'pm_card_visa', 'pm_card_mastercard'].map((id) => stripe.paymentMethods.retrieve(id)),
  )
  expect(a?.card?.fingerprint).toBe(b?.card?.fingerprint)
  expect(a?.card?.fingerprint).not.toBe(c?.card?.fingerprint)
})

it('a number that could be real is declined, and not kept', async () => {
  const { stripe } = await startSandbox()
  const token = await stripe.tokens.create({
    card: { number: '4539578763621486', exp_month: '12', exp_year: '2030', cvc: '123' },
  })
  const error = await stripeErrorOf(stripe.charges.create({ amount: 500, currency: 'usd', source: token.id }))
  expect(error).toMatchObject({ code: 'card_declined', decline_code: 'test_mode_live_card' })
})

describe('a card that is typed wrong', () => {
  const good = { number: '4242424242424242', exp_month: '12', exp_year: '2030', cvc: '123' }
  it.each([
    [{ number: '4242424242424241' }, 'incorrect_number', 'number'],
    [{ number: 'hello' }, 'incorrect_number', 'number'],
    [{ number: '42' }, 'incorrect_number', 'number'],
    [{ exp_month: '13' }, 'invalid_expiry_month', 'exp_month'],
    [{ exp_month: '0' }, 'invalid_expiry_month', 'exp_month'],
    [{ exp_month: '10', exp_year: '2026' }, 'invalid_expiry_month', 'exp_month'],
    [{ exp_year: '2025' }, 'invalid_expiry_year', 'exp_year'],
    [{ exp_year: '2099' }, 'invalid_expiry_year', 'exp_year'],
    [{ cvc: '12' }, 'invalid_cvc', 'cvc'],
    [{ cvc: '12345' }, 'invalid_cvc', 'cvc'],
  ])('%j is refused with %s', async (mistake, code, param) => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(stripe.tokens.create({ card: { ...good, ...mistake } }))
    expect(error).toMatchObject({ statusCode: 402, type: 'StripeCardError', code, param })
  })

  it('this month is still good', async () => {
    const { stripe } = await startSandbox()
    const token = await stripe.tokens.create({ card: { ...good, exp_month: '11', exp_year: '26' } })
    expect(token.card).toMatchObject({ exp_month: 11, exp_year: 2026 })
  })
})

describe('what a card brings besides its ending', () => {
  it.each([
    ['pm_card_cvcCheckFail', { cvc_check: 'fail' }],
    ['pm_card_avsZipFail', { address_postal_code_check: 'fail' }],
    ['pm_card_avsLine1Fail', { address_line1_check: 'fail' }],
    ['pm_card_avsFail', { address_line1_check: 'fail', address_postal_code_check: 'fail' }],
  ])('%s fails its checks', async (card, checks) => {
    const { stripe } = await startSandbox()
    const charge = await latestCharge(stripe, card)
    expect(charge.payment_method_details?.card?.checks).toMatchObject(checks)
  })

  it('radarBlock is blocked before the bank, riskLevelElevated passes with a mark', async () => {
    const { stripe } = await startSandbox()
    const error = await stripeErrorOf(
      stripe.paymentIntents.create(cardPayment({ payment_method: 'pm_card_radarBlock' })),
    )
    const blocked = await stripe.charges.retrieve((error.raw as { charge: string }).charge)
    expect(blocked.outcome).toMatchObject({ type: 'blocked', risk_level: 'highest' })
    const elevated = await latestCharge(stripe, 'pm_card_riskLevelElevated')
    expect(elevated.outcome).toMatchObject({ type: 'authorized', risk_level: 'elevated' })
  })

  it('bypassPending is available at once, others after two days', async () => {
    const { sandbox, stripe } = await startSandbox()
    await latestCharge(stripe, 'pm_card_bypassPending')
    await latestCharge(stripe, 'pm_card_visa')
    const states = async () => (await stripe.balanceTransactions.list()).data.map(({ status }) => status)
    expect(await states()).toEqual(['pending', 'available'])
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(1999 - 88)
    await sandbox.advance(2 * 24 * 3600_000)
    expect(await states()).toEqual(['available', 'available'])
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(2 * (1999 - 88))
  })
})

async function latestCharge(stripe: import('stripe').Stripe, card: string) {
  const intent = await stripe.paymentIntents.create(
    cardPayment({ payment_method: card, expand: ['latest_charge'] }),
  )
  return intent.latest_charge as import('stripe').Stripe.Charge
}
