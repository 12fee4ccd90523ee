/** Holds every object and event that the sandbox makes against the SDK's type declarations. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type Stripe from 'stripe'
import { expect, it, onTestFinished } from 'vitest'
import { cardPayment, START, startSandbox, stripeErrorOf } from './support/start-sandbox.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

type Recorded = { type: string; value: object }

it('every object is whole: no field that the SDK declares is missing, and none is in excess', async () => {
  const recorded: Recorded[] = []
  const keep = <T extends object>(type: string, value: T): T => {
    recorded.push({ type: `Stripe.${type}`, value })
    return value
  }
  const events = await playEverything(keep)

  const eventTypes = [...new Set(events.map(({ type }) => type))].sort()
  expect(eventTypes).toEqual(EVENT_TYPES)
  for (const { data, ...event } of events) {
    const object: object = data.object
    // Old values may be parts of hashes, which the declarations do not know; their names must be the object's.
    const names = [...Object.keys(object), 'pending_reason']
    for (const key of Object.keys(data.previous_attributes ?? {})) expect(names).toContain(key)
    recorded.push({
      type: `Extract<Stripe.Event, { type: '${event.type}' }>`,
      value: { ...event, data: { object } },
    })
  }
  expect(await typeErrors(recorded)).toBe('')
})

it('the check finds a missing and an excess field', async () => {
  const { stripe } = await startSandbox()
  const customer = await stripe.customers.create({ name: 'Ada' })
  const { email: _, ...lacking } = customer
  const errors = await typeErrors([
    { type: 'Stripe.Customer', value: lacking },
    { type: 'Stripe.Customer', value: { ...customer, emial: null } },
  ])
  expect(errors).toContain("'email' is missing")
  expect(errors).toContain(`'"emial"' does not exist`)
})

/** Makes every kind of object in every state, and every event; returns the events. */
async function playEverything(
  keep: <T extends object>(type: string, value: T) => T,
): Promise<Stripe.Event[]> {
  const { sandbox, stripe, client } = await startSandbox()
  const address = { line1: 'Main St 1', city: 'Berlin', country: 'DE', postal_code: '10115', state: 'BE' }
  const shipping = { name: 'Ada', phone: '+491', address }

  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:9/nobody',
    enabled_events: ['issuing_card.created'],
  })
  keep('WebhookEndpoint', endpoint)
  keep('WebhookEndpoint', await stripe.webhookEndpoints.update(endpoint.id, { disabled: true }))
  keep('DeletedWebhookEndpoint', await stripe.webhookEndpoints.del(endpoint.id))

  const typed = { number: '4242424242424242', exp_month: '12', exp_year: '2030', cvc: '123', name: 'Ada' }
  const token = keep('Token', await stripe.tokens.create({ card: { ...typed, address_line1: 'Main St 1' } }))
  const customer = await stripe.customers.create({
    email: 'ada@example.com',
    name: 'Ada',
    address,
    shipping,
    metadata: { tier: 'one' },
  })
  keep('Customer', customer)
  keep('Customer', await stripe.customers.update(customer.id, { metadata: { tier: 'two' }, phone: '+491' }))

  const source = await stripe.customers.createSource(customer.id, { source: token.id })
  keep('CustomerSource', source)
  keep('CustomerSource', await stripe.customers.updateSource(customer.id, source.id, { name: 'Ada L.' }))
  const byCustomer = await stripe.charges.create({
    amount: 500,
    currency: 'eur',
    customer: customer.id,
    shipping,
  })
  keep('Charge', byCustomer)
  keep('Charge', await stripe.charges.update(byCustomer.id, { description: 'A book' }))
  keep('DeletedCard', await stripe.customers.deleteSource(customer.id, source.id))
  const held = await stripe.charges.create({
    amount: 700,
    currency: 'usd',
    source: 'tok_amex',
    capture: false,
  })
  keep('Charge', held)
  keep('Charge', await stripe.charges.capture(held.id, { amount: 300 }))
  await stripe.charges.create({ amount: 700, currency: 'usd', source: 'tok_visa', capture: false })

  const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
  keep('PaymentMethod', method)
  keep('PaymentMethod', await stripe.paymentMethods.update(method.id, { billing_details: { name: 'Ada' } }))
  const made = await stripe.testHelpers.confirmationTokens.create({
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/done',
    shipping,
  })
  keep('ConfirmationToken', made)
  keep(
    'Customer',
    await stripe.customers.retrieve(customer.id, { expand: ['sources', 'subscriptions', 'tax'] }),
  )

  const expansions = [
    'latest_charge.balance_transaction',
    'latest_charge.refunds',
    'customer',
    'payment_method',
  ]
  const paid = await stripe.paymentIntents.create(
    cardPayment({ customer: customer.id, payment_method: method.id, shipping, expand: expansions }),
  )
  keep('PaymentIntent', paid)
  keep('PaymentIntent', await stripe.paymentIntents.create({ amount: 900, currency: 'usd' }))
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 99, reason: 'duplicate' })
  keep('Refund', refund)
  keep('Refund', await stripe.refunds.update(refund.id, { metadata: { why: 'late' } }))
  keep(
    'Refund',
    await stripe.refunds.retrieve(refund.id, { expand: ['charge', 'balance_transaction', 'payment_intent'] }),
  )
  for (const card of ['pm_card_pendingRefund', 'pm_card_refundFail', 'pm_card_pendingRefund']) {
    const payment = await stripe.paymentIntents.create(cardPayment({ payment_method: card }))
    keep('Refund', await stripe.refunds.create({ payment_intent: payment.id }))
  }
  keep('Refund', await stripe.refunds.cancel((await stripe.refunds.list({ limit: 1 })).data[0]?.id ?? ''))

  const manual = await stripe.paymentIntents.create(cardPayment({ capture_method: 'manual' }))
  keep('PaymentIntent', manual)
  keep('PaymentIntent', await stripe.paymentIntents.capture(manual.id, { amount_to_capture: 1000 }))
  const abandoned = await stripe.paymentIntents.create(cardPayment({ capture_method: 'manual' }))
  keep(
    'PaymentIntent',
    await stripe.paymentIntents.cancel(abandoned.id, { cancellation_reason: 'abandoned' }),
  )

  const declined = await stripeErrorOf(
    stripe.paymentIntents.create(cardPayment({ payment_method: 'pm_card_chargeDeclinedInsufficientFunds' })),
  )
  keep('PaymentIntent', declined.payment_intent as Stripe.PaymentIntent)
  keep('Charge', await stripe.charges.retrieve((declined.raw as { charge: string }).charge))
  const challenged = await stripe.paymentIntents.create(
    cardPayment({
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example/done',
    }),
  )
  keep('PaymentIntent', challenged)
  sandbox.completeAuthentication(challenged.id, 'succeed')
  keep('PaymentIntent', await stripe.paymentIntents.retrieve(challenged.id, { expand: ['latest_charge'] }))
  const refused = await stripe.paymentIntents.create(
    cardPayment({ payment_method: 'pm_card_authenticationRequired', use_stripe_sdk: true }),
  )
  keep('PaymentIntent', refused)
  sandbox.completeAuthentication(refused.id, 'fail')
  keep('PaymentIntent', await stripe.paymentIntents.retrieve(refused.id))

  for (const iban of ['AT321904300235473204', 'AT861904300235473202']) {
    const debit = await stripe.paymentMethods.create({ type: 'sepa_debit', sepa_debit: { iban } })
    keep('PaymentMethod', debit)
    const payment = cardPayment({
      currency: 'eur',
      payment_method: debit.id,
      allowed_payment_method_types: ['sepa_debit'],
    })
    keep('PaymentIntent', await stripe.paymentIntents.create({ ...payment, expand: ['latest_charge'] }))
  }

  for (const card of ['pm_card_createDispute', 'pm_card_createDispute', 'pm_card_createDisputeInquiry']) {
    await stripe.paymentIntents.create(cardPayment({ payment_method: card }))
  }
  const [inquiry, won, lost] = (await stripe.disputes.list()).data as [
    Stripe.Dispute,
    Stripe.Dispute,
    Stripe.Dispute,
  ]
  keep('Dispute', inquiry)
  keep('Dispute', lost)
  keep(
    'Dispute',
    await stripe.disputes.update(won.id, {
      evidence: { uncategorized_text: 'winning_evidence' },
      submit: true,
    }),
  )
  keep('Dispute', await stripe.disputes.close(lost.id, { expand: ['charge', 'payment_intent'] }))

  const setup = {
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const },
  }
  keep(
    'SetupIntent',
    await stripe.setupIntents.create({ ...setup, payment_method: 'pm_card_visa', customer: customer.id }),
  )
  const setupDeclined = await stripeErrorOf(
    stripe.setupIntents.create({ ...setup, payment_method: 'pm_card_chargeDeclined' }),
  )
  keep('SetupIntent', setupDeclined.setup_intent as Stripe.SetupIntent)
  const setupChallenged = await stripe.setupIntents.create({
    ...setup,
    payment_method: 'pm_card_authenticationRequired',
  })
  keep('SetupIntent', setupChallenged)
  keep('SetupIntent', await stripe.setupIntents.cancel(setupChallenged.id))

  keep('PaymentMethod', await stripe.paymentMethods.detach(method.id))
  keep('DeletedCustomer', await stripe.customers.del(customer.id))

  // Through settled refunds and debits to holds that nobody captured.
  await sandbox.advance(8 * 24 * 3600_000)
  for (const kept of (await stripe.charges.list({ limit: 100 })).data) keep('Charge', kept)
  for (const kept of (await stripe.refunds.list({ limit: 100 })).data) keep('Refund', kept)
  const transactions = await stripe.balanceTransactions.list({ limit: 100, expand: ['data.source'] })
  for (const kept of transactions.data) keep('BalanceTransaction', kept)
  keep('Balance', await stripe.balance.retrieve())
  keep('Account', await stripe.accounts.retrieveCurrent())
  keep('Token', await client('pk_test_sandbox').tokens.retrieve(token.id))
  expect((await stripe.events.list({ created: { lt: START / 1000 } })).data).toEqual([])
  return stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })
}

const EVENT_TYPES = [
  'charge.captured',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.expired',
  'charge.failed',
  'charge.pending',
  'charge.refund.updated',
  'charge.refunded',
  'charge.succeeded',
  'charge.updated',
  'customer.created',
  'customer.deleted',
  'customer.source.created',
  'customer.source.deleted',
  'customer.source.updated',
  'customer.updated',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'payment_method.attached',
  'payment_method.detached',
  'payment_method.updated',
  'refund.created',
  'refund.failed',
  'refund.updated',
  'setup_intent.canceled',
  'setup_intent.created',
  'setup_intent.requires_action',
  'setup_intent.setup_failed',
  'setup_intent.succeeded',
]

/** What the compiler says about `const x: <type> = <json>` for each recorded value; empty when all fit. */
async function typeErrors(recorded: Recorded[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-wire-shapes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const lines = recorded.map(
    ({ type, value }, index) => `export const x${index}: ${type} = ${JSON.stringify(value, null, 1)}`,
  )
  await writeFile(join(folder, 'recorded.ts'), `import type Stripe from 'stripe'\n${lines.join('\n')}\n`)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  return promisify(execFile)(process.execPath, [compiler, ...options, 'recorded.ts'], { cwd: folder }).then(
    () => '',
    (failure: { stdout?: string; message: string }) => failure.stdout || failure.message,
  )
}
