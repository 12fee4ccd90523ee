/** The charge proxy against the `stripe` SDK called directly, on the same sandbox. */
import { Agent, request } from 'node:http'
import { Stripe } from 'stripe'
import { startChildServer } from './child-server.ts'
import { count, inTurn, median, printTable, ratio, times } from './measure.ts'

const ROUNDS = 5
const CASES: readonly (readonly [latencyMs: number, concurrency: number, charges: number])[] = [
  [0, 1, 300],
  [0, 16, 800],
  [100, 1, 20],
  [100, 16, 320],
]

export async function benchCharge(): Promise<void> {
  const rows: string[][] = []
  for (const [latencyMs, concurrency, charges] of CASES) {
    const sandbox = await startChildServer('sandbox.ts', { BENCH_LATENCY_MS: String(latencyMs) })
    const server = await startChildServer('tollbridge.ts', {
      BENCH_STRIPE: sandbox.url,
      APP_ID: 'app_bench',
      CLIENT_KEY: 'tbc_benchmark',
    })
    const direct = chargeDirectly(sandbox.url)
    const proxied = chargeThrough(`${server.url}/app_bench/tbc_benchmark/services/Stripe/charge`)
    const results = await inTurn(
      {
        direct: () => medianLatency(direct, concurrency, charges),
        proxied: () => medianLatency(proxied, concurrency, charges),
      },
      ROUNDS,
    )
    await server.stop()
    await sandbox.stop()
    const overhead = ratio(results.proxied, results.direct) - 1
    rows.push([
      `${latencyMs} ms`,
      count(concurrency),
      median(results.direct).toFixed(2),
      median(results.proxied).toFixed(2),
      times(overhead + 1),
      `${(overhead * 100).toFixed(1)} %`,
    ])
  }
  printTable(
    `A charge, p50 in ms (medians of ${ROUNDS} rounds in turn; Stripe itself answers in hundreds of ms)`,
    ['Stripe takes', 'concurrency', 'SDK directly', 'through Tollbridge', 'ratio', 'overhead'],
    rows,
  )
}

type Charge = () => Promise<void>

/** The very call that Tollbridge makes. */
function chargeDirectly(sandboxUrl: string): Charge {
  const { hostname, port } = new URL(sandboxUrl)
  const stripe = new Stripe('sk_test_benchmarkBenchmark', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
  })
  const cardOf = { type: 'card' as const, card: { token: 'tok_visa' } }
  return async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 1999,
      currency: 'usd',
      allowed_payment_method_types: ['card'],
      payment_method_data: cardOf,
      use_stripe_sdk: true,
      confirm: true,
      expand: ['latest_charge'],
    })
    if (intent.status !== 'succeeded') throw new Error(`A direct charge ended ${intent.status}`)
  }
}

/** What an app sends, over connections that stay open. */
function chargeThrough(url: string): Charge {
  const agent = new Agent({ keepAlive: true })
  let charges = 0
  return () =>
    new Promise((resolve, reject) => {
      // Equal ones would be one charge and its repeats.
      const body = JSON.stringify({ token: 'tok_visa', amount: 1999, description: `Charge ${++charges}` })
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const call = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('end', () => {
          const isCharged = response.statusCode === 200 && JSON.parse(text).status === 'succeeded'
          if (isCharged) resolve()
          else reject(new Error(`A charge was answered ${response.statusCode}: ${text}`))
        })
      })
      call.on('error', reject)
      call.end(body)
    })
}

/** Milliseconds at the median of `howMany` charges from `concurrency` callers in a closed loop. */
async function medianLatency(charge: Charge, concurrency: number, howMany: number): Promise<number> {
  const taken: number[] = []
  let left = howMany
  const caller = async () => {
    while (left-- > 0) {
      const startedAt = performance.now()
      await charge()
      taken.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  return median(taken)
}
