/** The one account that the sandbox knows: whoever holds a test key. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { list, shapeOf, text } from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { noSuch } from '../api/stripe-error.ts'

const params = shapeOf<Stripe.AccountRetrieveParams>()({ expand: list(text()) })

export const accountRoutes: Route[] = [
  route('GET /v1/account', { params, run: (call) => ok(account(call)) }),
  route('GET /v1/accounts/:id', {
    params,
    run(call, { id }) {
      if (id !== call.accountId) throw noSuch('account', id, 'account')
      return ok(account(call))
    },
  }),
]

function account(call: Call): Stripe.Account {
  return {
    id: call.accountId,
    object: 'account',
    business_profile: {
      mcc: '5734',
      minority_owned_business_designation: null,
      name: 'Local sandbox',
      product_description: null,
      specified_commercial_transactions_act_url: null,
      support_address: null,
      support_email: null,
      support_phone: null,
      support_url: null,
      url: null,
    },
    business_type: 'company',
    capabilities: { card_payments: 'active', sepa_debit_payments: 'active', transfers: 'active' },
    charges_enabled: true,
    controller: { type: 'account' },
    country: 'US',
    default_currency: 'usd',
    details_submitted: true,
    email: 'sandbox@example.com',
    metadata: {},
    payouts_enabled: true,
    settings: {
      branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
      card_payments: {
        decline_on: { avs_failure: false, cvc_failure: false },
        statement_descriptor_prefix: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      dashboard: { display_name: 'Local sandbox', timezone: 'Etc/UTC' },
      payments: {
        statement_descriptor: 'SANDBOX',
        statement_descriptor_kana: null,
        statement_descriptor_kanji: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      payouts: {
        debit_negative_balances: true,
        schedule: { delay_days: 2, interval: 'daily' },
        statement_descriptor: null,
      },
    },
    type: 'standard',
  }
}
