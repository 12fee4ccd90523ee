/** The charge endpoints. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { list, shapeOf, text } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { noSuch } from '../api/stripe-error.ts'
import type { Charge } from './charge-object.ts'

export const chargeRoutes: Route[] = [
  route('GET /v1/charges/:id', {
    params: shapeOf<Stripe.ChargeRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(requireCharge(call, id, 'id')),
  }),
]

/** @throws StripeError 404 `resource_missing`. */
export function requireCharge(call: Call, id: string, param: string): Charge {
  const charge = call.store.get('charge', id)
  if (!charge) throw noSuch('charge', id, param)
  return charge
}
