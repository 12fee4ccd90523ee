/** THE error table: every code that Tollbridge answers with, its family, HTTP status and whether a retry can help. */

/** Who must act. All but `permission_error` and `upstream_error` are Stripe's own `type` values. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'card_error'
  | 'idempotency_error'
  | 'rate_limit_error'
  | 'upstream_error'
  | 'api_error'

export interface ErrorRow {
  readonly type: ErrorType
  /** HTTP status. Never 502: Backendless clients throw away the body of a 502. */
  readonly status: number
  /** Whether repeating the same request can succeed. */
  readonly retry: boolean
  /** One line for the reference: when this is answered and what to do. */
  readonly meaning: string
  /** The numeric `code` in the Backendless envelope; absent: the HTTP status. */
  readonly backendlessCode?: number
}

const invalid = (meaning: string, status = 400, backendlessCode?: number): ErrorRow => ({
  type: 'invalid_request_error',
  status,
  retry: false,
  meaning,
  ...(backendlessCode === undefined ? {} : { backendlessCode }),
})

export const errorCodes = {
  parameter_missing: invalid('A required field is absent; `param` names it.'),
  parameter_invalid: invalid('A field has a value that cannot be used; `param` names it.'),
  amount_invalid: invalid('The amount is not a positive whole number of minor units (cents).'),
  amount_too_small: invalid('The amount is below the smallest that Stripe charges in this currency.'),
  amount_too_large: invalid('The amount is above the largest that Stripe charges.'),
  currency_invalid: invalid('The currency is not a lowercase three-letter ISO code that Stripe knows.'),
  currency_not_accepted: invalid(
    'The app does not take this currency; the message lists those that it takes.',
  ),
  amount_out_of_limits: invalid('The amount is outside the limits that the app sets for this currency.'),
  price_source_refused: invalid(
    'The price policy of the app takes no price of this kind from a client; the message says what to send instead.',
  ),
  price_mismatch: invalid(
    'The request names another amount, currency, order or condition than its quote or items, or than the payment has by now.',
  ),
  price_change_refused: invalid(
    'The price of a payment changes only while nothing is paid, held or under way.',
    409,
  ),
  quote_invalid: invalid('The quote is not one that this app signed with a current quote key.'),
  quote_expired: invalid('The quote has expired; ask the app’s server for a new one.'),
  quote_superseded: invalid(
    'A newer quote, or the app’s server itself, has set another price of the order; ask for a new quote.',
    409,
  ),
  quote_used: invalid('The quote was used for another order; a quote is good for one.', 409),
  catalog_item_unknown: invalid('The catalog has no item with that id, or it cannot be bought now.'),
  catalog_price_missing: invalid(
    'An item has no price in the currency; all items are charged in one currency.',
  ),
  catalog_quantity_too_large: invalid('More of an item is asked for than one order may hold.'),
  catalog_item_exists: invalid('The catalog has an item with that id already.', 409),
  token_invalid: invalid(
    'The token is not one that Stripe.js made, is unknown, or belongs to another account.',
  ),
  token_already_used: invalid('A card token works once; collect the card again.'),
  card_number_refused: invalid(
    'The body carries a card number. Card numbers must go from the page to Stripe, never through this server.',
  ),
  body_invalid: invalid('The body is not the JSON that the route takes.'),
  body_too_large: invalid('The body is over the size limit of the route.', 413),
  headers_too_large: invalid('The address and the headers of the request are over the size limit.', 431),
  request_timeout: {
    type: 'invalid_request_error',
    status: 408,
    retry: true,
    meaning: 'The head or the body of the request did not arrive in time, so nothing was done.',
  },
  selector_invalid: invalid('The selector does not parse; the message points at the place.', 400, 1017),
  where_clause_invalid: invalid(
    'The where clause does not parse; the message points at the place.',
    400,
    1017,
  ),
  column_unknown: invalid('The table has no column of that name.', 400, 1054),
  table_unknown: invalid('Only the table StripeEvents is served.', 404, 1009),
  payment_not_paid: invalid('The payment has not succeeded, so nothing is owed for it yet.', 409),
  object_not_found: invalid('No row has that id.', 404, 1000),
  resource_missing: invalid('There is no object with that id.', 404),
  route_unknown: invalid('No route has this method and path.', 404),
  service_unknown: invalid('Only the service Stripe is offered, with the method charge.', 404),
  channel_unknown: invalid('The channel does not exist; the channel of payment events is `stripe`.', 404),
  app_unknown: invalid('No app has that id on this server.', 404),
  account_unknown: invalid('The header Stripe-Account names an account that is not connected.', 403),
  app_not_activated: invalid(
    'The app has no Stripe keys yet; activate it with POST /v1/admin/activate or `tollbridge activate`.',
    409,
  ),
  app_exists: invalid('An app of that id, or a key of that text, is on this server already.', 409),
  account_taken: invalid(
    'Another app has this Stripe account in the same mode; two apps on one account could read and refund each other’s payments.',
    409,
  ),
  managed_by_environment: invalid(
    'This part of the app is set in the environment of the server, so it is changed there.',
    409,
  ),
  last_key: invalid('The last key of its kind cannot be taken away; make another one first.', 409),
  activation_refused: invalid(
    'The app was not activated and nothing was changed; `problems` lists what is missing or wrong, each with its fix.',
  ),
  signing_secret_unknown: invalid(
    'Stripe has a webhook endpoint for this URL, and shows its signing secret only when it is made; send the secret, or `replace`.',
    409,
  ),
  ui_message_claimed: invalid('Another tab has opened this message already.', 409),
  ui_message_settled: invalid('A callback has ended this message already; a message ends once.', 409),
  ui_message_ended: invalid('The message has expired or was canceled; `reason` says which.', 410),
  ui_callback_gone: invalid(
    'The process that was to run this callback is gone. Callbacks that must survive it are registered by name.',
    410,
  ),
  ui_lease_lost: invalid('The callback has been handed to somebody else, or is done.', 409),
  stripe_rejected: invalid('Stripe refused the request; the message is its own.'),
  stripe_not_configured: invalid(
    'The app has no webhook signing secret, so its webhook endpoint does not exist.',
    404,
  ),
  signature_invalid: invalid('The Stripe-Signature header does not fit the body and the signing secrets.'),
  event_invalid: invalid('The body is signed but is not a Stripe event.'),
  event_conflict: invalid(
    'An event of that id is stored with another content, which stays as it is; the alarm event_conflict says what to do.',
    409,
  ),
  api_key_missing: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The request shows no key: put the client key or a server key into `Authorization: Bearer …`.',
  },
  api_key_invalid: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The key does not belong to this app.',
  },
  key_revoked: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning:
      'What the stream, socket or session stands on has ended: its key was revoked or retired, or the key that signed its token.',
  },
  watch_token_invalid: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The watch token is forged, expired, or of another app.',
  },
  customer_token_invalid: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The customer token is forged, or of another app; the app’s server makes a new one.',
  },
  customer_token_expired: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The customer token has expired; the app’s server makes a new one.',
  },
  ui_session_invalid: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The session token of the page is absent, forged, or of another app; or its tab has no id.',
  },
  ui_session_expired: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning: 'The session token of the page has expired; the app’s server makes a new one.',
  },
  secret_key_in_address: {
    type: 'authentication_error',
    status: 401,
    retry: false,
    meaning:
      'A server key or operator key stands in the path or the query, where logs keep it; send it as `Authorization: Bearer …`, and revoke the one that was shown.',
  },
  pin_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'A client key may only listen to and read a transaction that it names: id, paymentIntentId or orderId.',
  },
  watch_token_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'This app asks for the watch token of the payment before it shows its events.',
  },
  metrics_refused: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'The metrics are not for the world: they take METRICS_TOKEN, and without one they are closed.',
  },
  customer_token_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'A client key names a customer, or what is saved of one, only with a token that the app’s server made for that very customer.',
  },
  payment_method_refused: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'The payment method is unknown to the app’s Stripe account, or is a saved card whose customer has shown no token.',
  },
  proof_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'The order or payment was begun before, and nothing in the request shows that it comes from its payer; the same for every cause.',
  },
  app_disabled: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'An operator has disabled this app; its keys open nothing until it is enabled again.',
  },
  operator_key_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'The route takes an operator key (`tbo_…`), or a server key for its own app.',
  },
  scope_missing: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'The server key lacks the scope that the route asks for; `scope` names it, and the message says how to get a key with it.',
  },
  server_key_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'The route takes a server key; a client key does not open it.',
  },
  origin_refused: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'The page’s origin is none of those that its session was made for.',
  },
  stripe_call_refused: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'The rules of the server key do not let this call to Stripe through; `rule` names the one that refuses, null where none allows it.',
  },
  operation_not_allowed: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'Clients may not do this: StripeEvents and the channel `stripe` are written by the server alone.',
  },
  open_prices_refused: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'A live app takes no amounts from clients until its operator allows it or chooses another price policy.',
  },
  hold_refused: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'A page asks for a hold (`capture_method` manual), which neither a quote nor the price policy of the app lets it do.',
  },
  captcha_required: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning:
      'The page must show the captcha that `captcha` names, and send its answer in the field captcha with the same request.',
  },
  captcha_failed: {
    type: 'permission_error',
    status: 403,
    retry: false,
    meaning: 'The captcha answer is wrong, used or expired; show the captcha again and send the new answer.',
  },
  card_declined: {
    type: 'card_error',
    status: 402,
    retry: false,
    meaning: 'The card was declined. Stripe’s own code and decline_code are passed through.',
  },
  payment_refunded: invalid('The payment was given back in full, so its order is not to be delivered.', 409),
  payment_disputed: invalid(
    'The payer disputes the payment, or has done so with success, so its order is not to be delivered; `dispute_status` says how it stands.',
    409,
  ),
  order_already_paid: invalid(
    'Another payment has paid the order, perhaps of another amount or made at Stripe itself; nothing was charged. `payment` names it.',
    409,
  ),
  idempotency_key_reused: {
    type: 'idempotency_error',
    status: 409,
    retry: false,
    meaning: 'The same idempotency key or order id came with other content.',
  },
  idempotency_key_in_use: {
    type: 'idempotency_error',
    status: 409,
    retry: true,
    meaning: 'The same request is still under way.',
  },
  too_many_requests: {
    type: 'rate_limit_error',
    status: 429,
    retry: true,
    meaning: 'Stripe, or this server, asks for a slower pace; wait for `Retry-After` seconds.',
  },
  charge_limited: {
    type: 'rate_limit_error',
    status: 429,
    retry: true,
    meaning:
      'Too many attempts, or too many failed ones, from this address, key, card or order; wait for `Retry-After` seconds.',
  },
  proof_limited: {
    type: 'rate_limit_error',
    status: 429,
    retry: true,
    meaning:
      'Too many requests of this address or client key were for payments that are not theirs; wait for `Retry-After` seconds, or show a valid proof.',
  },
  too_many_connections: {
    type: 'rate_limit_error',
    status: 429,
    retry: true,
    meaning:
      'More connections are open from this address, or in all, than the server takes; wait for `Retry-After` seconds.',
  },
  too_many_streams: {
    type: 'rate_limit_error',
    status: 429,
    retry: true,
    meaning:
      'More streams are open from this address, key or app than the server holds; close some, or wait for `Retry-After` seconds.',
  },
  too_many_subscriptions: {
    type: 'rate_limit_error',
    status: 429,
    retry: false,
    meaning: 'The connection holds as many subscriptions as one may.',
  },
  slow_consumer: {
    type: 'rate_limit_error',
    status: 429,
    retry: true,
    meaning:
      'The reader did not keep up, so it was dropped; it may come back and continue after its last id.',
  },
  stripe_unreachable: {
    type: 'upstream_error',
    status: 503,
    retry: true,
    meaning: 'Stripe did not answer. Repeating the same request is safe.',
  },
  stripe_timeout: {
    type: 'upstream_error',
    status: 504,
    retry: true,
    meaning: 'Stripe did not answer in time. Repeating the same request is safe.',
  },
  stripe_failed: {
    type: 'upstream_error',
    status: 503,
    retry: true,
    meaning: 'Stripe answered with an error of its own. Repeating the same request is safe.',
  },
  stripe_key_rejected: {
    type: 'api_error',
    status: 500,
    retry: false,
    meaning: 'Stripe does not accept this server’s key. The operator must correct STRIPE_SECRET_KEY.',
  },
  secret_unavailable: {
    type: 'api_error',
    status: 500,
    retry: false,
    meaning:
      'A secret of the app cannot be opened or its reference leads nowhere; the operator must bring it back.',
  },
  captcha_unavailable: {
    type: 'upstream_error',
    status: 503,
    retry: true,
    meaning: 'The captcha service did not answer, so nothing was charged. Repeating the request is safe.',
  },
  charges_stopped: {
    type: 'api_error',
    status: 503,
    retry: true,
    meaning: 'The operator has stopped all new charges of the app for now; the message says why.',
  },
  store_unavailable: {
    type: 'api_error',
    status: 503,
    retry: true,
    meaning: 'The database did not take the write; nothing was kept, so repeat the request.',
  },
  page_script_missing: {
    type: 'api_error',
    status: 503,
    retry: false,
    meaning: 'The browser SDK is not built on this server; its operator runs `npm run build`.',
  },
  shutting_down: {
    type: 'api_error',
    status: 503,
    retry: true,
    meaning: 'The server is stopping; repeat the request in a moment.',
  },
  internal: {
    type: 'api_error',
    status: 500,
    retry: false,
    meaning: 'A fault of ours. The log has the details under the request id.',
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorCodes

export function errorRow(code: ErrorCode): ErrorRow {
  return errorCodes[code]
}
