/** A customer's cards in the older form, as sources. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { mergeMetadata } from '../api/common-params.ts'
import { listPage, pageParams } from '../api/list-page.ts'
import {
  either,
  hash,
  ignored,
  integer,
  list,
  metadata,
  required,
  shapeOf,
  text,
  unsettable,
} from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { noSuch, StripeError } from '../api/stripe-error.ts'
import {
  cardFields,
  cardFromInput,
  checkExpiry,
  fullYear,
  type StoredCard,
  type TypedCard,
} from '../cards.ts'
import { declineError, saveDeclineFor, testCardOf } from './charge-payment.ts'
import { type Customer, requireCustomer } from './customer-object.ts'
import { methodFromCard } from './payment-method-object.ts'
import { redeemToken } from './tokens.ts'

const cardHash = hash({ ...cardFields, metadata: metadata(), object: text() })

export const customerSourceRoutes: Route[] = [
  route('POST /v1/customers/:id/sources', {
    params: shapeOf<Stripe.CustomerCreateSourceParams>()({
      expand: list(text()),
      metadata: metadata(),
      source: required(either(text(), cardHash)),
      validate: ignored(),
    }),
    run(call, { id, params }) {
      const customer = requireCustomer(call, id, 'customer')
      return ok(addSource(call, customer, params.source, { metadata: params.metadata ?? {} }))
    },
  }),
  route('GET /v1/customers/:id/sources', {
    params: shapeOf<Stripe.CustomerListSourcesParams>()({
      ...pageParams,
      expand: list(text()),
      object: text(),
    }),
    run(call, { id, params }) {
      requireCustomer(call, id, 'customer')
      const where = { customer: id, ...(params.object && { object: params.object }) }
      return ok(listPage(call, `/v1/customers/${id}/sources`, { kind: 'card', page: params, where }))
    },
  }),
  route('GET /v1/customers/:id/sources/:source', {
    params: shapeOf<Stripe.CustomerRetrieveSourceParams>()({ expand: list(text()) }),
    run: (call, { id, ids }) => ok(requireSource(call, id, ids['source'] ?? '')),
  }),
  route('POST /v1/customers/:id/sources/:source', {
    params: shapeOf<Stripe.CustomerUpdateSourceParams>()({
      account_holder_name: ignored(),
      account_holder_type: ignored(),
      address_city: unsettable(text()),
      address_country: unsettable(text()),
      address_line1: unsettable(text()),
      address_line2: unsettable(text()),
      address_state: unsettable(text()),
      address_zip: unsettable(text()),
      exp_month: integer(),
      exp_year: integer(),
      expand: list(text()),
      metadata: metadata(),
      name: unsettable(text()),
      owner: ignored(),
    }),
    run(call, { id, ids, params }) {
      const before = requireSource(call, id, ids['source'] ?? '')
      const expMonth = params.exp_month ?? before.exp_month
      const expYear = fullYear(params.exp_year ?? before.exp_year)
      if (params.exp_month !== undefined || params.exp_year !== undefined) {
        checkExpiry(expMonth, expYear, call.now)
      }
      const pick = (given: string | null | undefined, old: string | null): string | null =>
        given === undefined ? old : given
      const updated: StoredCard = {
        ...before,
        address_city: pick(params.address_city, before.address_city),
        address_country: pick(params.address_country, before.address_country),
        address_line1: pick(params.address_line1, before.address_line1),
        address_line2: pick(params.address_line2, before.address_line2),
        address_state: pick(params.address_state, before.address_state),
        address_zip: pick(params.address_zip, before.address_zip),
        exp_month: expMonth,
        exp_year: expYear,
        metadata: mergeMetadata(before.metadata, params.metadata),
        name: pick(params.name, before.name),
      }
      call.store.put(updated)
      call.record('customer.source.updated', updated, before)
      return ok(updated)
    },
  }),
  route('DELETE /v1/customers/:id/sources/:source', {
    params: shapeOf<Stripe.CustomerDeleteSourceParams>()({ expand: list(text()) }),
    run(call, { id, ids }) {
      const customer = requireCustomer(call, id, 'customer')
      const card = requireSource(call, id, ids['source'] ?? '')
      call.store.put({ ...card, customer: null })
      call.record('customer.source.deleted', card)
      if (customer.default_source === card.id) {
        const next = call.store.list({ kind: 'card', where: { customer: id }, limit: 1 }).objects[0]
        setDefaultSource(call, customer, next?.id ?? null)
      }
      return ok({ id: card.id, object: 'card', deleted: true })
    },
  }),
]

/**
 * Adds a card, given as a token or typed, and makes it the default if it is the first. With `replaceDefault`,
 * which a customer update asks for, it is the default in any case, and the caller records the update.
 * @throws StripeError 402 when the bank would refuse.
 */
export function addSource(
  call: Call,
  customer: Customer,
  source: string | TypedCard,
  options: { metadata?: Record<string, string>; replaceDefault?: boolean } = {},
): StoredCard {
  const { card, hidden } =
    typeof source === 'string' ? redeemToken(call, source, 'source') : cardFromInput(call, source)
  const owned: StoredCard = {
    ...card,
    customer: customer.id,
    cvc_check: card.cvc_check && 'pass',
    metadata: options.metadata ?? card.metadata,
  }
  call.store.put(owned, hidden)
  const method = methodFromCard(owned, owned.id, call.now)
  const decline = saveDeclineFor(method, testCardOf(call, method))
  if (decline) throw new StripeError(402, declineError(call, decline))
  call.record('customer.source.created', owned)
  if (options.replaceDefault) call.store.put({ ...customer, default_source: owned.id })
  else if (customer.default_source === null) setDefaultSource(call, customer, owned.id)
  return owned
}

function setDefaultSource(call: Call, customer: Customer, sourceId: string | null): void {
  const updated: Customer = { ...customer, default_source: sourceId }
  call.store.put(updated)
  call.record('customer.updated', updated, customer)
}

function requireSource(call: Call, customerId: string, id: string): StoredCard {
  requireCustomer(call, customerId, 'customer')
  const card = call.store.get('card', id)
  if (card?.customer !== customerId) throw noSuch('source', id, 'id')
  return card
}
