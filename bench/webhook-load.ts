/** Signed webhook deliveries, and a closed loop of connections that sends them. */
import { createHmac } from 'node:crypto'
import autocannon from 'autocannon'

export const SIGNING_SECRET = 'whsec_benchmarkBenchmarkBenchmark'

let serial = 0

/** A `charge.succeeded` as Stripe prints it (about 3.8 kB), with ids that grow with time, as Stripe's do. */
function eventBody(): string {
  const id = `${Date.now().toString(36)}${(serial++).toString(36).padStart(8, '0')}`
  const billing = { address: { city: null, country: 'US', line1: null, postal_code: '94110', state: null } }
  const card = {
    brand: 'visa',
    checks: { cvc_check: 'pass' },
    country: 'US',
    exp_month: 8,
    exp_year: 2030,
    last4: '4242',
  }
  const charge = {
    id: `ch_${id}`,
    object: 'charge',
    amount: 1999,
    amount_captured: 1999,
    amount_refunded: 0,
    balance_transaction: `txn_${id}`,
    billing_details: { ...billing, email: 'payer@example.com', name: 'Jenny Rosen', phone: null },
    captured: true,
    created: 1795000000,
    currency: 'usd',
    customer: null,
    livemode: false,
    metadata: { order_id: `order-${id}`, cart: 'x'.repeat(1200) },
    outcome: {
      network_status: 'approved_by_network',
      risk_level: 'normal',
      seller_message: 'Payment complete.',
    },
    paid: true,
    payment_intent: `pi_${id}`,
    payment_method: `pm_${id}`,
    payment_method_details: { card: { ...card, network: 'visa', three_d_secure: null }, type: 'card' },
    receipt_url: `https://pay.stripe.com/receipts/${'r'.repeat(120)}`,
    refunded: false,
    status: 'succeeded',
  }
  const event = {
    id: `evt_${id}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1795000000,
    data: { object: charge },
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_${id}`, idempotency_key: id },
    type: 'charge.succeeded',
  }
  return JSON.stringify(event, null, 2)
}

interface Delivery {
  readonly body: string
  readonly headers: Record<string, string>
}

/** Signed beforehand, so that the load generator spends nothing on it while the clock runs. */
function signedDeliveries(howMany: number): Delivery[] {
  const time = Math.floor(Date.now() / 1000)
  return Array.from({ length: howMany }, () => {
    const body = eventBody()
    const signature = createHmac('sha256', SIGNING_SECRET).update(`${time}.${body}`).digest('hex')
    return {
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': `t=${time},v1=${signature}`,
      },
    }
  })
}

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Sends `howMany` distinct events over `connections` and throws if one answer is not 200. */
export async function deliver(url: string, connections: number, howMany: number): Promise<LoadResult> {
  const deliveries = signedDeliveries(howMany)
  let next = 0
  const latencies: number[] = []
  let lastAt = 0
  const startedAt = performance.now()
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url: `${url}/webhooks/stripe`,
        connections,
        amount: howMany,
        requests: [
          { method: 'POST', setupRequest: (request) => ({ ...request, ...deliveries[next++ % howMany] }) },
        ],
      },
      (error: Error | null, finished) => (error === null ? resolve(finished) : reject(error)),
    )
    // It reports in whole seconds, which is too coarse here: the clock stops at the last answer.
    run.on('response', (_client, _status, _bytes, responseTime) => {
      latencies.push(responseTime)
      lastAt = performance.now()
    })
  })
  const ok = result['2xx']
  if (ok !== howMany) throw new Error(`Only ${ok} of ${howMany} deliveries were answered 200 by ${url}`)
  latencies.sort((a, b) => a - b)
  const quantile = (q: number) => latencies[Math.floor((latencies.length - 1) * q)] ?? Number.NaN
  return { perSecond: howMany / ((lastAt - startedAt) / 1000), p50Ms: quantile(0.5), p99Ms: quantile(0.99) }
}
