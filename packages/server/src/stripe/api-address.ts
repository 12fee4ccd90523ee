/** Another address for the Stripe API, in the words of the SDK. */

export interface ApiAddress {
  readonly host: string
  readonly port: number
  readonly protocol: 'http' | 'https'
}

/** @param apiBase an origin such as `http://127.0.0.1:4243`; null: Stripe's own, which the SDK knows */
export function apiAddress(apiBase: string | null): ApiAddress | Record<never, never> {
  if (apiBase === null) return {}
  const url = new URL(apiBase)
  const protocol = url.protocol === 'http:' ? 'http' : 'https'
  return { host: url.hostname, port: Number(url.port || (protocol === 'http' ? 80 : 443)), protocol }
}
