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
  const parts: Record<string, string> =
    kind === 'split'
      ? { cardNumber: texts.cardNumber, cardExpiry: texts.cardExpiry, cardCvc: texts.cardCvc }
      : { [kind]: texts.card }
  const errors = new Map<string, string | undefined>()
  const mounted: AnyElement[] = []
  const place = make('div', { class: `tollbridge-fields tollbridge-${kind}` })
  const waiting: Promise<void>[] = []
  dialog.body.append(place)

  const look = (own: { style?: object }) => (isPayment ? {} : { style: cardStyle(dialog.look(), own.style) })
  for (const [type, label] of Object.entries(parts)) {
    const own = optionsFor(type, options.elementOptions ?? {})
    const element = (elements.create as (type: string, options: object) => unknown)(type, {
      ...(type === 'cardNumber' && { showIcon: true }),
      ...own,
      ...look(own),
    }) as AnyElement
    const id = `tollbridge-field-${++lastField}`
    const box = make('div', { id, class: 'tollbridge-box' })
    place.append(
      make(
        'div',
        { class: `tollbridge-field tollbridge-${isPayment ? 'whole' : 'line'} tollbridge-${type}` },
        ...labelFor(id, label, isPayment),
        box,
      ),
    )
    mounted.push(element)
    waiting.push(
      new Promise((resolve, reject) => {
        element.on('ready', () => resolve())
        element.on('loaderror', ({ error }) => reject(unavailable(error)))
      }),
    )
    element.on('escape', options.onEscape)
    if (!isPayment) {
      element.on('change', ({ error }) => {
        errors.set(type, error?.message)
        dialog.showError([...errors.values()].find(Boolean) ?? null)
      })
    }
    element.mount(box)
    if (options.elementOptions) element.update({ ...own, ...look(own) })
  }

  dialog.onLookChange(() => {
    if (isPayment) elements.update({ appearance: paymentAppearance(dialog.look()) })
    else {
      for (const [index, type] of Object.keys(parts).entries()) {
        mounted[index]?.update(look(optionsFor(type, options.elementOptions ?? {})))
      }
    }
  })
  const first = mounted[0] as AnyElement
  return {
    elements,
    element: first as unknown as CardForm['element'],
    ready: Promise.all(waiting).then(() => {}),
    focus: () => first.focus(),
    destroy() {
      for (const element of mounted) element.destroy()
      place.remove()
    },
  }
}

function labelFor(id: string, text: string, isPayment: boolean): Node[] {
  // The payment element has labels of its own.
  return isPayment ? [] : [make('label', { for: id, class: 'tollbridge-label' }, text)]
}

/** Options that name a part are for it alone; a placeholder and an icon only fit the number. */
function optionsFor(type: string, given: Readonly<Record<string, unknown>>): { style?: object } {
  const { cardNumber, cardExpiry, cardCvc, ...all } = given
  const own = { cardNumber, cardExpiry, cardCvc }[type] as object | undefined
  if (type === 'cardExpiry' || type === 'cardCvc') {
    const { placeholder, showIcon, iconStyle, ...rest } = all
    return { ...rest, ...own }
  }
  return { ...all, ...own }
}

function unavailable(error: ElementEvent['error']): TollbridgeError {
  return new TollbridgeError({
    type: error?.type ?? 'api_connection_error',
    code: error?.code ?? 'element_unavailable',
    message: error?.message ?? 'Stripe’s form did not load.',
  })
}
