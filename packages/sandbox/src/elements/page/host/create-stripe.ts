/** Stripe(publishableKey, options): the object that a page works with. */
import { type ApiResult, createApiClient } from '../shared/api-client.ts'
import { absentMethods } from './absent-methods.ts'
import { confirmWithElements } from './confirm-with-elements.ts'
import { ElementsGroup, groupOf, rememberGroup } from './elements-group.ts'
import { HostElement, type Options } from './host-element.ts'
import { IntegrationError } from './integration-error.ts'
import { createIntents, type IntentKind, intentResult, requireClientSecret } from './intents.ts'
import { createPaymentMethod, sendElement } from './payment-methods.ts'

export interface StripeOptions {
  apiVersion?: string
  locale?: string
  stripeAccount?: string
}

/** @throws IntegrationError for live and secret keys, and for what is no key. */
export function checkKey(key: unknown): string {
  if (typeof key !== 'string' || key === '') {
    throw new IntegrationError('Missing value for Stripe(): apiKey should be a string.')
  }
  if (/^[sr]k_/.test(key)) {
    throw new IntegrationError(
      'You should not use your secret key with Stripe.js. Please pass a publishable key instead.',
    )
  }
  if (/^pk_live_/.test(key)) {
    throw new IntegrationError(
      'This is a local sandbox, not Stripe, and it refuses live keys: no real card may be typed into it. Use a key that starts with pk_test_, or load Stripe.js from js.stripe.com.',
    )
  }
  if (!/^pk_test_\w+$/.test(key)) {
    throw new IntegrationError('Invalid value for Stripe(): apiKey should be a publishable key (pk_test_…).')
  }
  return key
}

export function createStripe(origin: string, givenKey: unknown, options: StripeOptions = {}) {
  const key = checkKey(givenKey)
  const api = createApiClient({ origin, key, apiVersion: options.apiVersion })
  const intents = createIntents({ api, origin, key })
  const named = (name: string, { object, error }: ApiResult): Options =>
    error ? { error } : { [name]: object }

  /** confirmCardPayment and its sisters: the payment method is an id, or is made of an element first. */
  async function confirmWithMethod(
    kind: IntentKind,
    caller: string,
    type: 'card' | 'sepa_debit',
    value: unknown,
    data: Options | undefined,
    more: { handleActions?: boolean } = {},
  ): Promise<Options> {
    const secret = requireClientSecret(value, kind, caller)
    if (data === undefined) {
      const { object, error } = await intents.retrieve(secret)
      if (error) return { error }
      if (object['status'] === 'requires_action') return intentResult(await intents.act(object))
    }
    const { payment_method: method, payment_method_options: methodOptions, ...rest } = data ?? {}
    if ((methodOptions as { card?: { cvc?: unknown } } | undefined)?.card?.cvc !== undefined) {
      throw new IntegrationError(
        `stripe.${caller}: asking again for a saved card's CVC is not available in this sandbox.`,
      )
    }
    let id = method
    if (typeof method === 'object' && method !== null) {
      const made = await createPaymentMethod(api, { ...method, type }, `stripe.${caller} payment_method`)
      if (made.error) return { error: made.error }
      id = made.object.id
    }
    return intentResult(await intents.confirm(secret, { ...rest, payment_method: id }, more))
  }

  return {
    ...absentMethods(),

    elements: (groupOptions: Options = {}) => {
      const group = new ElementsGroup(groupOptions, { origin, key, locale: options.locale, api })
      const create = group.create.bind(group)
      group.create = (type, elementOptions) => rememberGroup(create(type, elementOptions), group)
      return group
    },

    async createToken(source: unknown, data: Options = {}): Promise<Options> {
      if (!(source instanceof HostElement)) {
        throw new IntegrationError(
          `You must provide a Stripe Element to create a token${typeof source === 'string' ? `: tokens of type ${source} are not available in this sandbox` : ''}.`,
        )
      }
      if (source._type === 'iban') {
        throw new IntegrationError(
          'Tokens of bank accounts are not available in this sandbox: use createPaymentMethod with type sepa_debit.',
        )
      }
      return named('token', await sendElement(source, 'createToken', data))
    },

    async createPaymentMethod(first: unknown, second?: unknown, third: Options = {}): Promise<Options> {
      if (typeof first === 'string') {
        // The older form: ('card', element, data).
        const data =
          second instanceof HostElement ? { ...third, type: first, [first]: second } : { type: first }
        return named('paymentMethod', await createPaymentMethod(api, data, 'createPaymentMethod'))
      }
      const { elements, element, params, ...data } = (first ?? {}) as Options
      if (elements instanceof ElementsGroup) {
        const payer = elements._payerFor('createPaymentMethod')
        return named(
          'paymentMethod',
          await sendElement(payer, 'createPaymentMethod', (params ?? {}) as Options),
        )
      }
      if (element instanceof HostElement) {
        return named(
          'paymentMethod',
          await sendElement(element, 'createPaymentMethod', (params ?? {}) as Options),
        )
      }
      if (typeof data['type'] !== 'string') {
        throw new IntegrationError(
          'Invalid value for createPaymentMethod: type should be a string such as card. You specified: ' +
            `${String(data['type'])}.`,
        )
      }
      return named('paymentMethod', await createPaymentMethod(api, data, 'createPaymentMethod'))
    },

    async createConfirmationToken(given: Options = {}): Promise<Options> {
      const { elements, element, params = {} } = given
      const isGroup = elements instanceof ElementsGroup
      if (!isGroup && !(element instanceof HostElement)) {
        throw new IntegrationError(
          'Invalid value for stripe.createConfirmationToken(): elements should be an Elements object, or element an Element.',
        )
      }
      const payer = isGroup ? elements._payerFor('createConfirmationToken') : (element as HostElement)
      const group = isGroup ? elements : groupOf(payer)
      const fields = { setup_future_usage: group?._setupFutureUsage, ...(params as Options) }
      return named('confirmationToken', await sendElement(payer, 'createConfirmationToken', fields))
    },

    confirmCardPayment: (secret: unknown, data?: Options, more?: { handleActions?: boolean }) =>
      confirmWithMethod('payment_intent', 'confirmCardPayment', 'card', secret, data, more),
    confirmCardSetup: (secret: unknown, data?: Options, more?: { handleActions?: boolean }) =>
      confirmWithMethod('setup_intent', 'confirmCardSetup', 'card', secret, data, more),
    confirmSepaDebitPayment: (secret: unknown, data?: Options) =>
      confirmWithMethod('payment_intent', 'confirmSepaDebitPayment', 'sepa_debit', secret, data),
    confirmSepaDebitSetup: (secret: unknown, data?: Options) =>
      confirmWithMethod('setup_intent', 'confirmSepaDebitSetup', 'sepa_debit', secret, data),
    confirmPayment: (given: Options = {}) =>
      confirmWithElements({ kind: 'payment_intent', caller: 'confirmPayment', intents }, given),
    confirmSetup: (given: Options = {}) =>
      confirmWithElements({ kind: 'setup_intent', caller: 'confirmSetup', intents }, given),

    async handleCardAction(value: unknown): Promise<Options> {
      const secret = requireClientSecret(value, 'payment_intent', 'handleCardAction')
      const { object, error } = await intents.retrieve(secret)
      if (error) return { error }
      if (object['confirmation_method'] !== 'manual') {
        throw new IntegrationError(
          'handleCardAction: The PaymentIntent supplied does not require manual server-side confirmation. Please use confirmCardPayment instead to complete the payment.',
        )
      }
      if (object['status'] !== 'requires_action') {
        return {
          error: {
            type: 'invalid_request_error',
            code: 'payment_intent_unexpected_state',
            message: 'handleCardAction: The PaymentIntent supplied is not in the requires_action state.',
            payment_intent: object,
          },
        }
      }
      return intentResult(await intents.act(object))
    },

    async handleNextAction(given: Options = {}): Promise<Options> {
      const secret = requireClientSecret(given['clientSecret'], undefined, 'handleNextAction')
      const { object, error } = await intents.retrieve(secret)
      return error ? { error } : intentResult(await intents.act(object))
    },

    async retrievePaymentIntent(value: unknown): Promise<Options> {
      const secret = requireClientSecret(value, 'payment_intent', 'retrievePaymentIntent')
      return intentResult(await intents.retrieve(secret))
    },
    async retrieveSetupIntent(value: unknown): Promise<Options> {
      const secret = requireClientSecret(value, 'setup_intent', 'retrieveSetupIntent')
      return intentResult(await intents.retrieve(secret))
    },

    registerAppInfo(_info: unknown): void {},
    _registerWrapper(_info: unknown): void {},
  }
}
