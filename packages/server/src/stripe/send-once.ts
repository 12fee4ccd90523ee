/** Keeps the SDK from repeating a call by itself, which it does after a closed connection even with retries off. */
import type { Stripe } from 'stripe'

type Client = Pick<Stripe.HttpClient, 'getClientName' | 'makeRequest'>

/** The codes that the SDK repeats once, whatever it was told. */
const REPEATED = new Set(['ECONNRESET', 'EPIPE'])

/**
 * A lost connection keeps its meaning but loses the code that the SDK looks for. Every sending of a payment's call is
 * noted first, so none may happen behind our back.
 */
export function sendOnce(client: Client): Stripe.HttpClient {
  return {
    getClientName: () => client.getClientName(),
    async makeRequest(...request) {
      try {
        return await client.makeRequest(...request)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : ''
        if (!REPEATED.has(code)) throw error
        throw Object.assign(new Error('The connection was closed', { cause: error }), {
          code: 'CONNECTION_CLOSED',
        })
      }
    },
  } as Stripe.HttpClient
}
