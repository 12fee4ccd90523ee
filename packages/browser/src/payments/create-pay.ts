/** tollbridge.pay: in one page, an order has one form. */

import { type PayDeps, startPayment } from './pay-run.ts'
import type { PaymentRun, PayRequest } from './pay-types.ts'
import { priceBody } from './price-words.ts'

/**
 * Creates the payment, shows the form, leads through 3-D Secure, and tells what the server verified. Called again for
 * an order whose form is open, it gives the same run, with the new price.
 */
export type Pay = (request: PayRequest) => PaymentRun

export function createPay(deps: PayDeps): Pay {
  const open = new Map<string | undefined, { readonly run: PaymentRun; price: string }>()
  return (given) => {
    // Whatever a page without types has put there: what is missing in it is told as an outcome.
    const request: PayRequest = Object(given)
    const { orderId } = request
    const price = JSON.stringify(priceBody(request))
    const known = orderId === undefined ? undefined : open.get(orderId)
    if (known) {
      if (known.price !== price) {
        known.price = price
        // The form still shows the price before: the next call asks again.
        known.run.update(request).catch(() => {
          known.price = ''
        })
      }
      return known.run
    }
    const page = { ...deps.page, api: deps.page.api.actingFor(request.customerToken) }
    const run = startPayment({ ...deps, page }, request, () => open.delete(orderId))
    if (orderId !== undefined) open.set(orderId, { run, price })
    return run
  }
}
