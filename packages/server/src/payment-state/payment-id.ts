/** What a payment is called: the name that Stripe gave to its object. */

/** A PaymentIntent; a charge (`py_` where the method is no card) only where it belongs to no PaymentIntent. */
export type PaymentId = `pi_${string}` | `ch_${string}` | `py_${string}`
