/** What a newcomer reads after `npm start`: where everything is, and three commands to paste. */
import type { Connection } from './connection-file.ts'

export interface FirstStepsFacts {
  readonly connection: Connection
  readonly connectionFile: string
  /** A fresh order id, so that the three commands speak of one payment. */
  readonly orderId: string
  /** Lets the first command be run again: it shows that the order's payer asks, so that he is told what it came to. */
  readonly idempotencyKey: string
  /** Whether the settings let a client read by an order id only with the payment's watch token. */
  readonly asksForWatchToken: boolean
  readonly currency: string
  /** Where Stripe's API begins at the root; null: nowhere. */
  readonly stripeProxyUrl: string | null
  /** Only when it was made just now; it is never shown again. */
  readonly newOperatorKey: string | null
  /** The ready tag that loads the browser SDK; null: it is not built. */
  readonly scriptTag: string | null
}

export function firstSteps({
  connection,
  connectionFile,
  orderId,
  idempotencyKey,
  asksForWatchToken,
  currency,
  stripeProxyUrl,
  newOperatorKey,
  scriptTag,
}: FirstStepsFacts): string {
  const { url, appId, clientKey, sandboxUrl } = connection
  const root = `${url}/${appId}/${clientKey}`
  const selector = inShell(`orderId = '${orderId}'`)
  const [shown, proof] = asksForWatchToken ? ['-i ', ` -H "Tollbridge-Watch-Token: $TOKEN"`] : ['', '']
  return `
Tollbridge is running, with a local Stripe of its own. No real money moves.

  Address         ${url}
  App id          ${appId}
  Client key      ${clientKey}   (public, goes into pages)
  Server key      in ${connectionFile}   (secret, for your own server)
  Local Stripe    ${sandboxUrl}   (currency ${currency})${proxyLine(stripeProxyUrl)}${operatorKeyLine(newOperatorKey)}

See it in a browser, with shops to try:  ${url}/${scriptTagLines(scriptTag)}

Try it, in another terminal. Charge a test card, once however often this is run:

  curl ${shown}-X POST ${root}/services/Stripe/charge -H 'Content-Type: application/json' -H 'Accept: application/json' -H 'Idempotency-Key: ${idempotencyKey}' -d '{"amount": 1999, "token": "tok_visa", "order_id": "${orderId}"}'
${asksForWatchToken ? WATCH_TOKEN_LINES : ''}
Watch that payment (Ctrl-C ends it):

  curl -N '${url}/v1/stream?channel=stripe&selector=${selector}&client_key=${clientKey}'${proof}

List its stored events:

  curl '${root}/data/StripeEvents?where=${selector}&sortBy=created'${proof}

Ctrl-C stops Tollbridge; the next start keeps the data.
`
}

const WATCH_TOKEN_LINES = `
These settings show a payment to its payer alone. Take the watch token from the headers of that answer:

  TOKEN=<what stands behind Tollbridge-Watch-Token>
`

function scriptTagLines(scriptTag: string | null): string {
  return scriptTag === null ? '' : `\n\nLoad the browser SDK in a page of yours:\n\n  ${scriptTag}`
}

/** Empty while STRIPE_PROXY_PORT is unset. */
function proxyLine(url: string | null): string {
  return url === null ? '' : `\n  For Stripe SDKs ${url}   (the server key is their API key)`
}

/** Empty but for the one start that made it. */
function operatorKeyLine(newOperatorKey: string | null): string {
  return newOperatorKey === null
    ? ''
    : `\n  Operator key    ${newOperatorKey}\n                  (secret, administers all apps; shown this once, so keep it now)`
}

/** For an address between single quotes in a shell: they must not stand in it themselves. */
function inShell(query: string): string {
  return encodeURIComponent(query).replaceAll("'", '%27')
}

export interface RealStripeFacts {
  readonly url: string
  readonly appId: string
  readonly clientKey: string
  readonly mode: 'test' | 'live'
  /** Only when it was made just now; it is never shown again. */
  readonly newServerKey: string | null
  /** As above. */
  readonly newOperatorKey: string | null
  /** Where Stripe's API begins at the root; null: nowhere. */
  readonly stripeProxyUrl: string | null
  /** Where the outside reaches the server; null: nobody said. */
  readonly publicUrl: string | null
  /** The ready tag that loads the browser SDK; null: it is not built. */
  readonly scriptTag: string | null
}

export function realStripeSummary(facts: RealStripeFacts): string {
  const { url, appId, clientKey, mode, newServerKey, newOperatorKey, publicUrl, scriptTag } = facts
  const { stripeProxyUrl } = facts
  const serverKey =
    newServerKey === null
      ? 'shown at the first start, stored hashed'
      : `${newServerKey}\n                  (secret; shown this once, so keep it now)`
  return `
Tollbridge is running against Stripe, in ${mode} mode.

  Address         ${url}
  App id          ${appId}
  Client key      ${clientKey}   (public, goes into pages)
  Server key      ${serverKey}${operatorKeyLine(newOperatorKey)}${proxyLine(stripeProxyUrl)}
  Webhooks        point a Stripe webhook endpoint at  ${publicUrl ?? '<your public address>'}/webhooks/stripe${scriptTagLines(scriptTag)}

Ctrl-C stops Tollbridge; the next start keeps the data.
`
}
