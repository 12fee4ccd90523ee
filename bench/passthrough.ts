/** Calls that pass through Tollbridge as they are, against the same calls straight to the same sandbox. */
import { Agent, request } from 'node:http'
import { startChildServer } from './child-server.ts'
import { count, inTurn, median, printTable, ratio, times } from './measure.ts'

const ROUNDS = 5
const CASES: readonly (readonly [
  what: 'read' | 'write',
  latencyMs: number,
  concurrency: number,
  calls: number,
])[] = [
  ['read', 0, 1, 600],
  ['read', 0, 16, 1_600],
  ['write', 0, 1, 300],
  ['write', 0, 16, 800],
  ['write', 100, 16, 320],
]

export async function benchPassthrough(): Promise<void> {
  const rows: string[][] = []
  for (const [what, latencyMs, concurrency, calls] of CASES) {
    const sandbox = await startChildServer('sandbox.ts', { BENCH_LATENCY_MS: String(latencyMs) })
    const server = await startChildServer('tollbridge.ts', { BENCH_STRIPE: sandbox.url, APP_ID: 'app_bench' })
    const direct = caller(what, sandbox.url, 'sk_test_benchmarkBenchmark')
    const passed = caller(what, `${server.url}/v1/stripe`, server.serverKey)
    const results = await inTurn(
      {
        direct: () => medianLatency(direct, concurrency, calls),
        passed: () => medianLatency(passed, concurrency, calls),
      },
      ROUNDS,
    )
    await server.stop()
    await sandbox.stop()
    rows.push([
      what === 'read' ? 'GET /v1/balance' : 'POST /v1/customers',
      `${latencyMs} ms`,
      count(concurrency),
      median(results.direct).toFixed(2),
      median(results.passed).toFixed(2),
      times(ratio(results.passed, results.direct)),
      `${(median(results.passed) - median(results.direct)).toFixed(2)} ms`,
    ])
  }
  printTable(
    `A call of Stripe's API, p50 in ms (medians of ${ROUNDS} rounds in turn; Stripe itself answers in hundreds of ms)`,
    ['call', 'Stripe takes', 'concurrency', 'directly', 'through /v1/stripe', 'ratio', 'added'],
    rows,
  )
}

type Call = () => Promise<void>

/** One and the same client for both, over connections that stay open. */
function caller(what: 'read' | 'write', base: string, key: string): Call {
  const agent = new Agent({ keepAlive: true })
  const path = what === 'read' ? '/v1/balance' : '/v1/customers'
  const body = what === 'read' ? '' : 'email=bench%40example.com'
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === ''
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
  }
  return () =>
    new Promise((resolve, reject) => {
      const method = what === 'read' ? 'GET' : 'POST'
      const call = request(base + path, { method, agent, headers }, (response) => {
        response.resume()
        response.on('end', () => {
          if (response.statusCode === 200) resolve()
          else reject(new Error(`${path} was answered ${response.statusCode}`))
        })
      })
      call.on('error', reject)
      call.end(body)
    })
}

/** Milliseconds at the median of `howMany` calls from `concurrency` callers in a closed loop. */
async function medianLatency(call: Call, concurrency: number, howMany: number): Promise<number> {
  const taken: number[] = []
  let left = howMany
  const work = async () => {
    while (left-- > 0) {
      const startedAt = performance.now()
      await call()
      taken.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return median(taken)
}
