/** Mounts Stripe's fields in a dialog: the card in one line, its parts, or the payment element, in the dialog's look. */
import type {
  Stripe,
  StripeCardElement,
  StripeCardNumberElement,
  StripeElements,
  StripeElementsOptionsClientSecret,
  StripeElementsOptionsMode,
  StripePaymentElement,
} from '@stripe/stripe-js'
import { make } from '../dialog/make.ts'
import type { Dialog } from '../dialog/open-dialog.ts'
import type { Texts } from '../dialog/texts.ts'
import { TollbridgeError } from '../tollbridge-error.ts'
import { cardStyle, paymentAppearance } from './element-looks.ts'

/** `split`: number, expiry and security code in fields of their own. */
export type CardFormKind = 'card' | 'split' | 'payment'

export interface CardFormOptions {
  readonly kind: CardFormKind
  readonly texts: Texts
  /** For `payment`: `{clientSecret}`, or `{mode, amount, currency}` for an intent that comes later. */
  readonly group?: StripeElementsOptionsClientSecret | StripeElementsOptionsMode
  /** Options of the element; for `split` for all three, or for each under its name. Null: none. */
  readonly elementOptions?: Readonly<Record<string, unknown>> | null | undefined
  /** Esc in a field, which the dialog cannot hear. */
  onEscape(): void
}

export interface CardForm {
  readonly elements: StripeElements
  /** What Stripe's calls want as `card`, or in the case of `payment` none, since they take `elements`. */
  readonly element: StripeCardElement | StripeCardNumberElement | StripePaymentElement
  /** Rejects with a TollbridgeError `element_unavailable` if the fields do not come up. */
  readonly ready: Promise<void>
  focus(): void
  destroy(): void
}

/** What all elements have in common, whatever their types make of it. */
interface AnyElement {
  mount(node: HTMLElement): void
  on(event: string, handler: (event: ElementEvent) => void): void
  update(options: object): void
  focus(): void
  destroy(): void
}

interface ElementEvent {
  readonly error?: { readonly message?: string; readonly code?: string; readonly type?: string }
}

let lastField = 0

/** @throws what Stripe.js throws for options that it does not take (IntegrationError) */
export function mountCardForm(dialog: Dialog, stripe: Stripe, options: CardFormOptions): CardForm {
  const { kind, texts, group } = options
  const isPayment = kind === 'payment'
  const elements = stripe.elements({
    ...(isPayment && { appearance: paymentAppearance(dialog.look()) }),
    ...group,
  } as StripeElementsOptionsClientSecret)
  const labels: Record<string, string> =
    kind === 'split'
      ? { cardNumber: texts.cardNumber, cardExpiry: texts.cardExpiry, cardCvc: texts.cardCvc }
      : { [kind]: texts.card }
  const place = make('div', { class: 'tollbridge-fields' })
  dialog.body.append(place)
  const errors = new Map<string, string | undefined>()

  const parts = Object.entries(labels).map(([type, text]) => {
    const own = optionsFor(type, options.elementOptions ?? {})
    const styled = () => (isPayment ? own : { ...own, style: cardStyle(dialog.look(), own.style) })
    const element = (elements.create as (type: string, options: object) => unknown)(type, {
      ...(type === 'cardNumber' && { showIcon: true }),
      ...styled(),
    }) as AnyElement
    const id = `tollbridge-field-${++lastField}`
    const box = make('div', { id, class: 'tollbridge-box' })
    const label = make('label', { for: id, class: 'tollbridge-label' }, text)
    // The payment element has labels and boxes of its own.
    const field = isPayment ? [box] : [label, box]
    place.append(
      make(
        'div',
        { class: `tollbridge-field tollbridge-${isPayment ? '' : 'line'} tollbridge-${type}` },
        ...field,
      ),
    )
    const ready = new Promise<void>((resolve, reject) => {
      element.on('ready', () => resolve())
      element.on('loaderror', ({ error }) => reject(unavailable(error)))
    })
    element.on('escape', options.onEscape)
    element.on('change', ({ error }) => {
      errors.set(type, error?.message)
      dialog.showError([...errors.values()].find(Boolean) ?? null)
    })
    element.mount(box)
    const update = (): void => element.update(styled())
    if (options.elementOptions) update()
    return { element, ready, update }
  })

  dialog.onLookChange(() => {
    if (isPayment) elements.update({ appearance: paymentAppearance(dialog.look()) })
    else for (const { update } of parts) update()
  })
  const { element } = parts[0] as { element: AnyElement }
  return {
    elements,
    element: element as unknown as CardForm['element'],
    ready: Promise.all(parts.map(({ ready }) => ready)).then(() => {}),
    focus: () => element.focus(),
    destroy() {
      for (const { element } of parts) element.destroy()
      place.remove()
    },
  }
}

/** Options that name a part are for it alone; a placeholder and an icon only fit the number. */
function optionsFor(type: string, given: Readonly<Record<string, unknown>>): { style?: object } {
  const { cardNumber, cardExpiry, cardCvc, ...all }: Record<string, unknown> = given
  const own = { cardNumber, cardExpiry, cardCvc }[type]
  if (/Expiry|Cvc/.test(type)) for (const name of ['placeholder', 'showIcon', 'iconStyle']) delete all[name]
  return { ...all, ...(own as object) }
}

function unavailable(error: ElementEvent['error']): TollbridgeError {
  return new TollbridgeError({
    type: error?.type ?? 'api_connection_error',
    code: error?.code ?? 'element_unavailable',
    message: error?.message ?? 'Stripe’s form did not load.',
  })
}
