/** The content security policy of a shop's page: itself, Tollbridge, and Stripe.js. */
import type { ShopSettings } from './shop.ts'

export function pagePolicy(tollbridge: string, stripe: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${tollbridge} ${stripe}`,
    "style-src 'self'",
    `connect-src 'self' ${tollbridge} ${tollbridge.replace(/^http/, 'ws')} ${stripe}`,
    `frame-src ${stripe}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** @returns where Stripe.js comes from, as the server says. */
export async function askStripeOrigin({ url, clientKey }: ShopSettings): Promise<string> {
  const answer = await fetch(`${url}/v1/config`, { headers: { authorization: `Bearer ${clientKey}` } })
  if (!answer.ok) throw new Error(`${url}/v1/config answered ${answer.status}: ${await answer.text()}`)
  const { stripe_js_url: script } = (await answer.json()) as { readonly stripe_js_url: string }
  return new URL(script).origin
}
