/** Which permissions Tollbridge uses, each with a call that shows whether the key has it and changes nothing. */
import type { Stripe } from 'stripe'
import type { Permission } from './stripe-account.ts'

export interface PermissionProbe extends Permission {
  call(stripe: Stripe): Promise<unknown>
}

/** No object has such an id: Stripe checks the permission first, then answers that there is none. */
const NOBODY = 'tollbridgePermissionProbe'
const ONE = { limit: 1 }

export const permissionProbes: readonly PermissionProbe[] = [
  probe('PaymentIntents', 'read', (stripe) => stripe.paymentIntents.list(ONE)),
  probe('PaymentIntents', 'write', (stripe) => stripe.paymentIntents.cancel(`pi_${NOBODY}`)),
  probe('SetupIntents', 'read', (stripe) => stripe.setupIntents.list(ONE)),
  probe('SetupIntents', 'write', (stripe) => stripe.setupIntents.cancel(`seti_${NOBODY}`)),
  probe('Charges and Refunds', 'read', (stripe) => stripe.charges.list(ONE)),
  probe('Charges and Refunds', 'write', (stripe) => stripe.refunds.update(`re_${NOBODY}`)),
  probe('Customers', 'read', (stripe) => stripe.customers.list(ONE)),
  probe('Customers', 'write', (stripe) => stripe.customers.update(`cus_${NOBODY}`)),
  probe('PaymentMethods', 'read', (stripe) => stripe.paymentMethods.retrieve(`pm_${NOBODY}`)),
  probe('PaymentMethods', 'write', (stripe) => stripe.paymentMethods.detach(`pm_${NOBODY}`)),
  probe('Events', 'read', (stripe) => stripe.events.list(ONE)),
  probe('Webhook Endpoints', 'read', (stripe) => stripe.webhookEndpoints.list(ONE)),
  probe('Webhook Endpoints', 'write', (stripe) => stripe.webhookEndpoints.update(`we_${NOBODY}`)),
]

function probe(
  resource: string,
  access: Permission['access'],
  call: (stripe: Stripe) => Promise<unknown>,
): PermissionProbe {
  return { resource, access, call }
}
