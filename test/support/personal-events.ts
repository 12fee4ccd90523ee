/** Events of every type that the sandbox sends, about one payer whose personal data is known, word for word. */
import Stripe from 'stripe'
import { createManualClock, createSandbox } from '../../packages/sandbox/src/index.ts'

/** What must not be found again. Each stands in some event. */
export const PERSONAL = {
  name: 'Zaphod Payerson',
  newName: 'Zaphod Quentulus',
  email: 'zaphod.payer@example.com',
  newEmail: 'zaphod.quentulus@example.org',
  phone: '+4930901820',
  street: 'Unter den Testlinden 77',
  city: 'Probestadt',
  postalCode: '10117X',
  purchaseIp: '203.0.113.77',
} as const

const address = {
  line1: PERSONAL.street,
  city: PERSONAL.city,
  postal_code: PERSONAL.postalCode,
  country: 'DE',
}
const who = { name: PERSONAL.name, email: PERSONAL.email, phone: PERSONAL.phone, address }
const shipping = { name: PERSONAL.name, phone: PERSONAL.phone, address }
const DAY = 86_400_000

export interface PersonalEvents {
  readonly events: readonly Record<string, unknown>[]
  /** The customer that most of them are about. */
  readonly customerId: string
  /** Every id, amount and state that must survive. */
  readonly paymentIntentId: string
}

export async function recordPersonalEvents(): Promise<PersonalEvents> {
  const sandbox = createSandbox({ clock: createManualClock(Date.UTC(2026, 10, 21)), seed: 'personal' })
  const { url } = await sandbox.listen({ port: 0 })
  try {
    const { hostname, port } = new URL(url)
    const stripe = new Stripe('sk_test_personal', {
      host: hostname,
      port: Number(port),
      protocol: 'http',
      telemetry: false,
    })
    const ids = await live(stripe, sandbox)
    const events: Record<string, unknown>[] = []
    for await (const event of stripe.events.list({ limit: 100 })) {
      events.push(JSON.parse(JSON.stringify(event)) as Record<string, unknown>)
    }
    return { events, ...ids }
  } finally {
    await sandbox.close()
  }
}

/** One shopper's life: signs up, saves cards, pays, is declined, refunded, disputes, moves, and leaves. */
async function live(stripe: Stripe, sandbox: ReturnType<typeof createSandbox>) {
  const customer = await stripe.customers.create({
    ...who,
    shipping,
    description: `${PERSONAL.name}, met at the fair`,
    metadata: { crm: 'crm-7', contact: PERSONAL.email },
  })
  const token = await stripe.tokens.create({
    card: {
      number: '4242424242424242',
      exp_month: '12',
      exp_year: '2030',
      cvc: '123',
      name: PERSONAL.name,
      address_line1: PERSONAL.street,
      address_city: PERSONAL.city,
      address_zip: PERSONAL.postalCode,
    },
  })
  const source = await stripe.customers.createSource(customer.id, { source: token.id })
  await stripe.customers.updateSource(customer.id, source.id, { name: PERSONAL.newName })

  const pay = (method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount: 1999,
      currency: 'eur',
      customer: customer.id,
      description: `Order of ${PERSONAL.email}`,
      receipt_email: PERSONAL.email,
      shipping,
      metadata: { order_id: 'order-42' },
      allowed_payment_method_types: ['card'],
      payment_method: method,
      confirm: true,
      ...more,
    })
  const card = async (alias: string) => {
    const method = await stripe.paymentMethods.attach(alias, { customer: customer.id })
    return (await stripe.paymentMethods.update(method.id, { billing_details: who })).id
  }
  const visa = await card('pm_card_visa')
  const paid = await pay(visa, { setup_future_usage: 'off_session' })
  await pay('pm_card_visa_chargeDeclined').catch(expectDecline)
  await stripe.charges.update(String(paid.latest_charge), { receipt_email: PERSONAL.newEmail, shipping })
  await stripe.refunds.create({ payment_intent: paid.id, amount: 500 })

  const secured = await pay('pm_card_authenticationRequired', { return_url: 'https://shop.example/done' })
  sandbox.completeAuthentication(secured.id, 'succeed')
  const refused = await pay('pm_card_authenticationRequired', { return_url: 'https://shop.example/done' })
  sandbox.completeAuthentication(refused.id, 'fail')
  await stripe.paymentIntents.cancel(refused.id)
  const held = await pay(visa, { capture_method: 'manual' })
  await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1000 })
  await pay(visa, { capture_method: 'manual' })
  for (const alias of ['pm_card_pendingRefund', 'pm_card_refundFail']) {
    await stripe.refunds.create({ payment_intent: (await pay(alias)).id })
  }

  await pay('pm_card_createDispute')
  await sandbox.advance(DAY)
  const [dispute] = (await stripe.disputes.list()).data
  await stripe.disputes.update(dispute?.id ?? '', {
    submit: true,
    evidence: {
      customer_name: PERSONAL.name,
      customer_email_address: PERSONAL.email,
      customer_purchase_ip: PERSONAL.purchaseIp,
      billing_address: `${PERSONAL.street}, ${PERSONAL.city}`,
      uncategorized_text: 'winning_evidence',
    },
  })

  await stripe.paymentIntents.create({
    amount: 1999,
    currency: 'eur',
    customer: customer.id,
    allowed_payment_method_types: ['sepa_debit'],
    payment_method_data: {
      type: 'sepa_debit',
      sepa_debit: { iban: 'DE89370400440532013000' },
      billing_details: who,
    },
    mandate_data: { customer_acceptance: { type: 'offline' } },
    confirm: true,
  })

  const setup = (method: string) =>
    stripe.setupIntents.create({
      customer: customer.id,
      payment_method: method,
      confirm: true,
      usage: 'off_session',
      allowed_payment_method_types: ['card'],
      return_url: 'https://shop.example/done',
    } as Stripe.SetupIntentCreateParams)
  await setup(visa)
  await setup('pm_card_chargeDeclined').catch(expectDecline)
  await stripe.setupIntents.cancel((await setup('pm_card_authenticationRequired')).id)

  await stripe.customers.update(customer.id, {
    name: PERSONAL.newName,
    email: PERSONAL.newEmail,
    phone: '+4930901821',
    address: { line1: 'Am neuen Platz 1', country: 'DE' },
    description: 'moved',
  })
  await sandbox.advance(30 * DAY)
  await stripe.paymentMethods.detach(visa)
  await stripe.customers.deleteSource(customer.id, source.id)
  await stripe.customers.del(customer.id)
  return { customerId: customer.id, paymentIntentId: paid.id }
}

function expectDecline(error: unknown): void {
  if (!(error instanceof Stripe.errors.StripeCardError)) throw error
}
