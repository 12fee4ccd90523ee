/** Which headers go to Stripe, and which of its answer go back. */
import type { IncomingHttpHeaders } from 'node:http'

/** Those that mean something to Stripe. Authorization is not among them: it is always ours. */
const TO_STRIPE = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'stripe-account',
  'stripe-context',
  'stripe-version',
  'user-agent',
  'x-stripe-client-user-agent',
] as const

export function headersToStripe(headers: IncomingHttpHeaders): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of TO_STRIPE) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') picked[name] = value
  }
  return picked
}

/** Of the connection between Stripe and us, or about Stripe's own host and what browsers may do there. */
const STAY_HERE = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'alt-svc',
  'nel',
  'report-to',
  'reporting-endpoints',
  'set-cookie',
  'strict-transport-security',
])

/** @returns names and values, in turns, as `writeHead` takes them; what Stripe lets caches keep says so itself */
export function headersFromStripe(headers: readonly (readonly [string, string])[]): string[] {
  const picked = headers.filter(
    ([name]) => !STAY_HERE.has(name.toLowerCase()) && !/^access-control-/i.test(name),
  )
  const saysHowKept = picked.some(([name]) => name.toLowerCase() === 'cache-control')
  return [...picked, ...(saysHowKept ? [] : [['cache-control', 'no-store'] as const])].flat()
}
