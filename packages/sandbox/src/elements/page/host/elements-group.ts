/** stripe.elements(): a group of elements that make one payment. */

import {
  ABSENT_TYPES,
  type ElementType,
  FRAME_PAGES,
  isElementType,
  REMOVED_TYPES,
} from '../../element-types.ts'
import type { ApiClient } from '../shared/api-client.ts'
import { clientSecretParts } from '../shared/client-secret.ts'
import { createEmitter, type Handler } from './emitter.ts'
import { checkGroupOptions } from './group-options.ts'
import { HostElement, type Options } from './host-element.ts'
import { IntegrationError } from './integration-error.ts'

export interface ElementsGroupDeps {
  origin: string
  key: string
  locale: string | undefined
  api: ApiClient
}

const CARD_PARTS: readonly ElementType[] = ['cardExpiry', 'cardCvc']
const PAYERS: readonly ElementType[] = ['payment', 'expressCheckout']

export class ElementsGroup {
  readonly #deps: ElementsGroupDeps
  readonly #elements = new Map<ElementType, HostElement>()
  readonly #events = createEmitter()
  #options: Options
  #selectedType = 'card'
  #submitted = false
  #pressedExpress = false

  constructor(options: Options, deps: ElementsGroupDeps) {
    checkGroupOptions(options)
    this.#options = options
    this.#deps = deps
  }

  create(type: unknown, options: Options = {}): HostElement {
    if (!isElementType(type)) throw unknownType(type)
    if (this.#elements.has(type)) throw new IntegrationError(`Can only create one Element of type ${type}.`)
    if (type === 'cardNumber' && this.#elements.has('card')) throw exclusive('cardNumber', 'card')
    if (type === 'card' && this.#elements.has('cardNumber')) throw exclusive('card', 'cardNumber')
    if (PAYERS.includes(type) && !this.#options['clientSecret'] && !this.#options['mode']) {
      throw new IntegrationError(
        `In order to create a ${type} element, you must pass a clientSecret or mode when creating the Elements instance. For example: stripe.elements({clientSecret: '{{CLIENT_SECRET}}'}).`,
      )
    }
    const element: HostElement = new HostElement(type, options, {
      origin: this.#deps.origin,
      key: this.#deps.key,
      facts: () => this.#facts(type),
      onChange: (event) => this.#changed(type, event),
      onEdit: () => {
        if (type === 'payment') this.#payWithForm()
      },
      onDestroy: () => void this.#elements.delete(type),
    })
    if (type === 'expressCheckout') {
      element.on('confirm', () => {
        this.#pressedExpress = true
      })
    }
    this.#elements.set(type, element)
    return element
  }

  /** By type, or by the component that the React bindings have for it; null when there is none. */
  getElement(wanted: unknown): HostElement | null {
    const type = typeof wanted === 'function' ? (wanted as { __elementType?: unknown }).__elementType : wanted
    return isElementType(type) ? (this.#elements.get(type) ?? null) : null
  }

  /** The elements follow in a moment; `update-end` tells when they have. */
  update(options: Options): void {
    const updated = { ...this.#options, ...options }
    checkGroupOptions(updated)
    this.#options = updated
    // An element that went away meanwhile, or whose intent cannot be read, keeps what it shows.
    void this.#refresh()
      .catch(() => {})
      .then(() => this.#events.emit('update-end', undefined))
  }

  /** Reads the intent again. */
  async fetchUpdates(): Promise<{ error?: { message: string; status?: string } }> {
    if (!this._clientSecret) return {}
    try {
      await this.#refresh()
      return {}
    } catch (error) {
      return {
        error: { message: (error as { message?: string }).message ?? 'The intent could not be read.' },
      }
    }
  }

  async submit(): Promise<Options> {
    const element = this.#payer()
    if (!element) {
      throw new IntegrationError(
        'elements.submit() needs a mounted payment element; there is none in this group.',
      )
    }
    const error = await element._validate()
    this.#submitted = error === undefined
    return error ? { error } : { selectedPaymentMethod: this.#selectedType }
  }

  on(name: string, handler: Handler): void {
    this.#events.on(name, handler)
  }

  off(name: string, handler?: Handler): void {
    this.#events.off(name, handler)
  }

  get _clientSecret(): string | undefined {
    const secret = this.#options['clientSecret']
    return typeof secret === 'string' ? secret : undefined
  }

  /** What a deferred intent will be made with. */
  get _setupFutureUsage(): unknown {
    return this.#options['setupFutureUsage'] ?? this.#options['setup_future_usage'] ?? undefined
  }

  /** The element to pay with. @throws IntegrationError when there is none, or it was not submitted in time. */
  _payerFor(method: string): HostElement {
    const element = this.#payer()
    if (!element) {
      throw new IntegrationError(
        `Invalid value for stripe.${method}(): elements should have a mounted Payment Element or Express Checkout Element.`,
      )
    }
    if (this.#options['mode'] && !this.#submitted && element._type === 'payment') {
      throw new IntegrationError(
        `elements.submit() must be called before stripe.${method}(). Call elements.submit() as soon as your customer presses pay, prior to any asynchronous work.`,
      )
    }
    return element
  }

  #payer(): HostElement | undefined {
    const wallet = this.#elements.get('expressCheckout')
    const payment = this.#elements.get('payment')
    return (this.#pressedExpress || !payment) && wallet ? wallet : payment
  }

  /** What was submitted before is not what the form says now. */
  #payWithForm(): void {
    this.#submitted = false
    this.#pressedExpress = false
  }

  async #facts(type: ElementType): Promise<Options> {
    const { appearance, locale = this.#deps.locale ?? 'auto' } = this.#options
    const facts: Record<string, unknown> = { appearance, locale }
    if (PAYERS.includes(type)) facts['methodTypes'] = await this.#methodTypes()
    return facts
  }

  /** @throws StripeJsError when the intent cannot be read. */
  async #methodTypes(): Promise<readonly string[]> {
    const secret = clientSecretParts(this._clientSecret)
    if (!secret) return (this.#options['allowedPaymentMethodTypes'] as string[] | undefined) ?? ['card']
    const path = `/v1/${secret.kind}s/${secret.id}`
    const { object, error } = await this.#deps.api.get(path, { client_secret: this._clientSecret })
    if (error) throw error
    return object['payment_method_types'] as string[]
  }

  async #refresh(): Promise<void> {
    for (const [type, element] of this.#elements) {
      if (element._frameName) await element._regroup(await this.#facts(type))
    }
  }

  /** The security code must know the brand that the number, in another frame, turned out to be. */
  #changed(type: ElementType, event: Options): void {
    if (type === 'payment') {
      const { type: selected } = event['value'] as { type: string }
      if (selected !== this.#selectedType) this.#payWithForm()
      this.#selectedType = selected
    }
    if (type !== 'cardNumber') return
    const cvc = this.#elements.get('cardCvc')
    if (cvc?._frameName) void cvc._ask('update', { sandboxBrand: event['brand'] }).catch(() => {})
  }

  /** The frames of the card's other parts. */
  _peerFrames(): string[] {
    return CARD_PARTS.flatMap((part) => this.#elements.get(part)?._frameName ?? [])
  }
}

const KNOWN_GROUPS = new WeakMap<HostElement, ElementsGroup>()

/** Remembers which group an element belongs to, for calls that name only the element. */
export function rememberGroup(element: HostElement, group: ElementsGroup): HostElement {
  KNOWN_GROUPS.set(element, group)
  return element
}

export function groupOf(element: HostElement): ElementsGroup | undefined {
  return KNOWN_GROUPS.get(element)
}

function unknownType(type: unknown): IntegrationError {
  const name = String(type)
  if (REMOVED_TYPES.includes(name)) {
    return new IntegrationError(
      `The ${name} Element was removed from Stripe.js. Use the payment Element instead.`,
    )
  }
  if (ABSENT_TYPES.includes(name)) {
    return new IntegrationError(`The sandbox does not have the ${name} Element that Stripe.js has.`)
  }
  return new IntegrationError(
    `A valid Element name must be provided. Valid Elements are: ${Object.keys(FRAME_PAGES).join(', ')}; you passed: ${name}.`,
  )
}

function exclusive(wanted: ElementType, existing: ElementType): IntegrationError {
  return new IntegrationError(
    `Can only create one card in a group: there is a ${existing} Element already, so ${wanted} cannot be created.`,
  )
}
