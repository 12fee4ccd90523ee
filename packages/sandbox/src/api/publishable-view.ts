/** What a page with a publishable key may see of an intent. */

const VISIBLE = new Set(
  `id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method
  client_secret confirmation_method created currency description flow_directions last_payment_error last_setup_error
  livemode next_action payment_method payment_method_configuration_details payment_method_types processing
  receipt_email setup_future_usage shipping source status usage`.split(/\s+/),
)

/** The intent without what belongs to the merchant, such as metadata and customer; other objects unchanged. */
export function publishableView<T extends object>(object: T): Partial<T> {
  const kind = (object as { object?: string }).object
  if (kind !== 'payment_intent' && kind !== 'setup_intent') return object
  return Object.fromEntries(Object.entries(object).filter(([key]) => VISIBLE.has(key))) as Partial<T>
}

/** An error's body, whose intents are shown in the same way. */
export function publishableError<T extends object>(body: T): T {
  const shown = Object.entries(body).map(([key, value]) => [
    key,
    (key === 'payment_intent' || key === 'setup_intent') && value ? publishableView(value as object) : value,
  ])
  return Object.fromEntries(shown) as T
}
