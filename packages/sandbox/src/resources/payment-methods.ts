/** The payment method endpoints. */
import type Stripe from 'stripe'
import { billingDetailsOf, billingDetailsParam, mergeMetadata } from '../api/common-params.ts'
import { embeddedList, listPage, pageParams } from '../api/list-page.ts'
import {
  hash,
  ignored,
  integer,
  list,
  metadata,
  oneOf,
  required,
  shapeOf,
  text,
  unavailable,
  unsettable,
} from '../api/params.ts'
import { ok, type Route, route } from '../api/route.ts'
import { invalidRequest } from '../api/stripe-error.ts'
import { checkExpiry, fullYear } from '../cards.ts'
import { attachPaymentMethod, requireAttachable } from './attach-payment-method.ts'
import { requireCustomer } from './customer-object.ts'
import {
  createPaymentMethod,
  findPaymentMethod,
  methodFields,
  type PaymentMethod,
} from './payment-method-object.ts'

const listFields = {
  ...pageParams,
  allow_redisplay: oneOf('always', 'limited', 'unspecified'),
  expand: list(text()),
  type: text(),
}

export const paymentMethodRoutes: Route[] = [
  route('POST /v1/payment_methods', {
    params: shapeOf<Stripe.PaymentMethodCreateParams>()({
      ...methodFields,
      custom: unavailable(),
      customer: unavailable(),
      expand: list(text()),
      payment_method: unavailable(),
    }),
    access: 'publishable',
    run: (call, { params }) => ok(createPaymentMethod(call, params, '')),
  }),
  route('GET /v1/payment_methods', {
    params: shapeOf<Stripe.PaymentMethodListParams>()({
      ...listFields,
      customer: text(),
      customer_account: unavailable(),
    }),
    run(call, { params }) {
      if (params.customer) requireCustomer(call, params.customer, 'customer')
      // Without a customer Stripe lists Treasury's methods, of which a sandbox has none.
      if (!params.customer) return ok(embeddedList([], '/v1/payment_methods'))
      return ok(
        listPage(call, '/v1/payment_methods', {
          kind: 'payment_method',
          page: params,
          where: {
            customer: params.customer,
            ...(params.type && { type: params.type }),
            ...(params.allow_redisplay && { allow_redisplay: params.allow_redisplay }),
          },
        }),
      )
    },
  }),
  route('GET /v1/payment_methods/:id', {
    params: shapeOf<Stripe.PaymentMethodRetrieveParams>()({ expand: list(text()) }),
    run: (call, { id }) => ok(findPaymentMethod(call, id, 'payment_method')),
  }),
  route('POST /v1/payment_methods/:id', {
    params: shapeOf<Stripe.PaymentMethodUpdateParams>()({
      allow_redisplay: oneOf('always', 'limited', 'unspecified'),
      billing_details: billingDetailsParam,
      card: hash({
        exp_month: integer(),
        exp_year: integer(),
        networks: hash({ preferred: unsettable(text()) }),
      }),
      expand: list(text()),
      metadata: metadata(),
      us_bank_account: ignored(),
    }),
    run(call, { id, params }) {
      const method = findPaymentMethod(call, id, 'payment_method')
      if (!method.customer) {
        throw invalidRequest('You must save this PaymentMethod to a customer before you can update it.', {
          code: 'payment_method_unexpected_state',
          param: 'payment_method',
        })
      }
      const expMonth = params.card?.exp_month ?? method.card?.exp_month ?? 1
      const expYear = fullYear(params.card?.exp_year ?? method.card?.exp_year ?? 0)
      if (params.card) checkExpiry(expMonth, expYear, call.now)
      const updated: PaymentMethod = {
        ...method,
        ...(params.allow_redisplay && { allow_redisplay: params.allow_redisplay }),
        billing_details: billingDetailsOf(params.billing_details, method.billing_details),
        ...(method.card && { card: { ...method.card, exp_month: expMonth, exp_year: expYear } }),
        metadata: mergeMetadata(method.metadata, params.metadata),
      }
      call.store.put(updated)
      call.record('payment_method.updated', updated, method)
      return ok(updated)
    },
  }),
  route('POST /v1/payment_methods/:id/attach', {
    params: shapeOf<Stripe.PaymentMethodAttachParams>()({
      customer: required(text()),
      customer_account: unavailable(),
      expand: list(text()),
    }),
    run(call, { id, params }) {
      requireCustomer(call, params.customer, 'customer')
      const method = findPaymentMethod(call, id, 'payment_method')
      requireAttachable(call, method, params.customer)
      return ok(attachPaymentMethod(call, method, params.customer))
    },
  }),
  route('POST /v1/payment_methods/:id/detach', {
    params: shapeOf<Stripe.PaymentMethodDetachParams>()({ expand: list(text()) }),
    run(call, { id }) {
      const method = findPaymentMethod(call, id, 'payment_method')
      if (!method.customer) {
        throw invalidRequest(
          'The payment method you provided is not attached to a customer so detachment is impossible.',
          { code: 'payment_method_unexpected_state', param: 'payment_method' },
        )
      }
      const detached: PaymentMethod = { ...method, customer: null }
      call.store.put(detached, { consumed: true })
      call.record('payment_method.detached', detached, method)
      const customer = call.store.get('customer', method.customer)
      if (customer && !customer.deleted && customer.invoice_settings.default_payment_method === id) {
        const updated = {
          ...customer,
          invoice_settings: { ...customer.invoice_settings, default_payment_method: null },
        }
        call.store.put(updated)
        call.record('customer.updated', updated, customer)
      }
      return ok(detached)
    },
  }),
  route('GET /v1/customers/:id/payment_methods', {
    params: shapeOf<Stripe.CustomerListPaymentMethodsParams>()(listFields),
    run(call, { id, params }) {
      requireCustomer(call, id, 'customer')
      return ok(
        listPage(call, `/v1/customers/${id}/payment_methods`, {
          kind: 'payment_method',
          page: params,
          where: {
            customer: id,
            ...(params.type && { type: params.type }),
            ...(params.allow_redisplay && { allow_redisplay: params.allow_redisplay }),
          },
        }),
      )
    },
  }),
]
