/** The form of a payment: the dialog with the amount on it, and Stripe's fields in it. */
import type { Stripe, StripeElementsOptions } from '@stripe/stripe-js'
import { type CardForm, type CardFormKind, mountCardForm } from '../card-form/mount-card-form.ts'
import { make } from '../dialog/make.ts'
import { openDialog } from '../dialog/open-dialog.ts'
import type { Page } from '../page.ts'
import { amountText } from './amount-text.ts'
import type { Payment } from './payment.ts'
import { stripeFailure } from './stripe-failure.ts'

export interface PayForm {
  /** The amount that stands on the form, and on its button. */
  showPrice(payment: Payment): void
  /** Stripe's fields come up. @throws TollbridgeError */
  mount(stripe: Stripe, payment: Payment): Promise<void>
  /** Of what was typed, `pm_…`. @throws TollbridgeError in Stripe's words, when something is not filled in */
  createPaymentMethod(stripe: Stripe): Promise<string>
  setBusy(busy: boolean): void
  showError(text: string | null): void
  /** Gives `use` a place inside of the form, and takes it away in the end. */
  withPlace<T>(use: (place: HTMLElement) => Promise<T>): Promise<T>
  close(): void
}

export interface PayFormOptions {
  readonly page: Page
  readonly kind: CardFormKind
  readonly title: string | undefined
  readonly elementOptions: Readonly<Record<string, unknown>> | undefined
  onSubmit(): void
  onCancel(): void
}

export function openPayForm({
  page,
  kind,
  title,
  elementOptions,
  onSubmit,
  onCancel,
}: PayFormOptions): PayForm {
  const { texts, theme, locale } = page
  let form: CardForm | undefined
  let isReady = false
  let isBusy = false
  const dialog = openDialog({
    title: title ?? texts.payment,
    submitLabel: texts.pay,
    texts,
    theme,
    onSubmit() {
      if (isReady) onSubmit()
    },
    onCancel,
  })

  /** Without fields there is nothing to send yet. */
  const rest = (): void => {
    dialog.setBusy(isBusy)
    if (!isBusy) dialog.setLoading(!isReady)
  }

  return {
    showPrice({ amount, currency }) {
      const text = amountText(amount, currency, locale)
      dialog.setAmount(text)
      dialog.setSubmitLabel(`${texts.pay} ${text}`)
      if (kind === 'payment') form?.elements.update({ amount, currency })
    },
    async mount(stripe, { amount, currency, capture_method }) {
      const group: StripeElementsOptions = {
        mode: 'payment',
        amount,
        currency,
        paymentMethodCreation: 'manual',
        allowedPaymentMethodTypes: ['card'],
        captureMethod: capture_method ?? 'automatic',
      } as StripeElementsOptions
      form = mountCardForm(dialog, stripe, {
        kind,
        texts,
        elementOptions,
        ...(kind === 'payment' && { group }),
        onEscape: () => {
          if (!isBusy) onCancel()
        },
      })
      await form.ready
      isReady = true
      rest()
      if (!isBusy) form.focus()
    },
    async createPaymentMethod(stripe) {
      const { elements, element } = form as CardForm
      const invalid = kind === 'payment' ? (await elements.submit()).error : undefined
      if (invalid) throw stripeFailure(invalid)
      const { paymentMethod, error } = await (kind === 'payment'
        ? stripe.createPaymentMethod({ elements })
        : stripe.createPaymentMethod({ type: 'card', card: element as never }))
      if (error) throw stripeFailure(error)
      return paymentMethod.id
    },
    setBusy(busy) {
      isBusy = busy
      rest()
      if (!busy) form?.focus()
    },
    showError: dialog.showError,
    async withPlace(use) {
      const place = make('div')
      dialog.setBusy(false)
      dialog.setLoading(false)
      dialog.body.append(place)
      try {
        return await use(place)
      } finally {
        place.remove()
        rest()
      }
    },
    close() {
      dialog.close()
      form?.destroy()
    },
  }
}
