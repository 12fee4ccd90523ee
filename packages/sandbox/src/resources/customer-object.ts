/** Finds the customer that a request names. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { noSuch } from '../api/stripe-error.ts'
import type { Stored } from '../store/stored-objects.ts'

export type Customer = Stored<Stripe.Customer>

/** @throws StripeError 404 for a customer that never was, or was deleted. */
export function requireCustomer(call: Call, id: string, param: string): Customer {
  const customer = call.store.get('customer', id)
  if (!customer || customer.deleted) throw noSuch('customer', id, param)
  return customer
}
