/** The customer endpoints. */
import type Stripe from 'stripe'
import type { Call } from '../api/call.ts'
import { addressOf, addressParam, mergeMetadata, shippingOf, shippingParam } from '../api/common-params.ts'
import { createdParam, listPage, pageParams } from '../api/list-page.ts'
import {
  bool,
  hash,
  ignored,
  integer,
  list,
  metadata,
  oneOf,
  type Parsed,
  shapeOf,
  text,
  unavailable,
  unsettable,
} from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest, noSuch } from '../api/stripe-error.ts'
import { attachPaymentMethod, requireAttachable } from './attach-payment-method.ts'
import { type Customer, requireCustomer } from './customer-object.ts'
import { addSource } from './customer-sources.ts'
import { findPaymentMethod } from './payment-method-object.ts'

const fields = {
  address: unsettable(addressParam),
  balance: integer(),
  business_name: unsettable(text()),
  cash_balance: ignored(),
  description: unsettable(text()),
  email: unsettable(text(512)),
  expand: list(text()),
  individual_name: unsettable(text()),
  invoice_prefix: text(12),
  invoice_settings: hash({
    custom_fields: unsettable(list(hash({ name: text(), value: text() }))),
    default_payment_method: unsettable(text()),
    footer: unsettable(text()),
    rendering_options: ignored(),
  }),
  metadata: metadata(),
  name: unsettable(text()),
  next_invoice_sequence: integer({ min: 1 }),
  phone: unsettable(text(20)),
  preferred_locales: list(text()),
  shipping: unsettable(shippingParam),
  source: text(),
  tax: ignored(),
  tax_exempt: unsettable(oneOf('exempt', 'none', 'reverse')),
  validate: bool(),
}

const createParams = shapeOf<Stripe.CustomerCreateParams>()({
  ...fields,
  payment_method: text(),
  tax_id_data: ignored(),
  test_clock: unavailable(),
})

const updateParams = shapeOf<Stripe.CustomerUpdateParams>()({ ...fields, default_source: text() })

type Fields = Parsed<typeof fields>

export const customerRoutes: Route[] = [
  route('POST /v1/customers', {
    params: createParams,
    run(call, { params }) {
      const customer = withFields(newCustomer(call), params)
      call.store.put(customer)
      if (params.payment_method) {
        const method = findPaymentMethod(call, params.payment_method, 'payment_method')
        requireAttachable(call, method, customer.id)
        attachPaymentMethod(call, method, customer.id)
      }
      setDefaultMethod(call, customer, params)
      call.record('customer.created', customer)
      if (!params.source) return ok(customer)
      addSource(call, customer, params.source)
      return ok(requireCustomer(call, customer.id, 'id'))
    },
  }),
  route('GET /v1/customers', {
    params: shapeOf<Stripe.CustomerListParams>()({
      ...pageParams,
      created: createdParam,
      email: text(),
      expand: list(text()),
      test_clock: unavailable(),
    }),
    run: (call, { params }) =>
      ok(
        listPage(call, '/v1/customers', {
          kind: 'customer',
          page: params,
          created: params.created,
          where: { ...(params.email && { email: params.email }) },
          also: { sql: "json_extract(body, '$.deleted') is null", values: [] },
        }),
      ),
  }),
  route('GET /v1/customers/:id', {
    params: shapeOf<Stripe.CustomerRetrieveParams>()({ expand: list(text()) }),
    run(call, { id }) {
      const customer = call.store.get('customer', id)
      if (!customer) throw noSuch('customer', id, 'id')
      return ok(customer)
    },
  }),
  route('POST /v1/customers/:id', {
    params: updateParams,
    run(call, { id, params }) {
      const before = requireCustomer(call, id, 'id')
      if (params.source) addSource(call, before, params.source, { replaceDefault: true })
      if (params.default_source && call.store.get('card', params.default_source)?.customer !== id) {
        throw noSuch('source', params.default_source, 'default_source')
      }
      setDefaultMethod(call, before, params)
      const withSource = requireCustomer(call, id, 'id')
      const updated: Customer = {
        ...withFields(withSource, params),
        default_source: params.default_source ?? withSource.default_source,
      }
      call.store.put(updated)
      call.record('customer.updated', updated, before)
      return ok(updated)
    },
  }),
  route('DELETE /v1/customers/:id', {
    params: {},
    run(call, { id }) {
      const customer = requireCustomer(call, id, 'id')
      for (const kind of ['payment_method', 'card'] as const) {
        const { objects } = call.store.list({ kind, where: { customer: id }, limit: 10_000 })
        for (const object of objects) call.store.put({ ...object, customer: null }, { consumed: true })
      }
      call.record('customer.deleted', customer)
      const deleted: Stripe.DeletedCustomer = { id, object: 'customer', deleted: true }
      call.store.put(deleted)
      return ok(deleted)
    },
  }),
]

function newCustomer(call: Call): Customer {
  return {
    id: call.newId('cus_', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: call.now,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: call.newId('', 8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  }
}

/** The customer after a create or update call with these parameters. */
function withFields(customer: Customer, params: Fields): Customer {
  const pick = <T>(given: T | undefined, before: T): T => (given === undefined ? before : given)
  const invoice = params.invoice_settings
  return {
    ...customer,
    address: params.address ? addressOf(params.address) : pick(params.address, customer.address ?? null),
    balance: pick(params.balance, customer.balance),
    ...(params.business_name && { business_name: params.business_name }),
    description: pick(params.description, customer.description),
    email: pick(params.email, customer.email),
    ...(params.individual_name && { individual_name: params.individual_name }),
    invoice_prefix: params.invoice_prefix ?? customer.invoice_prefix ?? null,
    invoice_settings: {
      ...customer.invoice_settings,
      custom_fields: pick(
        invoice?.custom_fields as Stripe.Customer.InvoiceSettings.CustomField[] | null | undefined,
        customer.invoice_settings.custom_fields,
      ),
      default_payment_method: pick(
        invoice?.default_payment_method,
        customer.invoice_settings.default_payment_method as string | null,
      ),
      footer: pick(invoice?.footer, customer.invoice_settings.footer),
    },
    metadata: mergeMetadata(customer.metadata, params.metadata),
    name: pick(params.name, customer.name ?? null),
    next_invoice_sequence: params.next_invoice_sequence ?? customer.next_invoice_sequence ?? 1,
    phone: pick(params.phone, customer.phone ?? null),
    preferred_locales: params.preferred_locales ?? customer.preferred_locales ?? [],
    shipping: params.shipping ? shippingOf(params.shipping) : pick(params.shipping, customer.shipping),
    tax_exempt: params.tax_exempt ?? customer.tax_exempt ?? 'none',
  }
}

/** @throws StripeError when the default payment method is not one of the customer's. */
function setDefaultMethod(call: Call, customer: Customer, params: Fields): void {
  const id = params.invoice_settings?.default_payment_method
  if (!id) return
  const method = findPaymentMethod(call, id, 'invoice_settings[default_payment_method]')
  if (method.customer === customer.id) return
  throw invalidRequest(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' },
  )
}
