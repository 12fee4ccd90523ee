/** The local Stripe; BENCH_LATENCY_MS makes each call wait as a network would. */
import { createSandbox } from '../../packages/sandbox/src/index.ts'
import { serveAsChild } from './serve-as-child.ts'

const sandbox = createSandbox({ latencyMs: Number(process.env['BENCH_LATENCY_MS'] ?? 0) })
const { url } = await sandbox.listen({ port: 0 })
serveAsChild(url, () => sandbox.close())
