/** What a page asks of tollbridge.pay, and what it is told in the end. */
import type { CardFormKind } from '../card-form/mount-card-form.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import type { CaptchaOptions } from './captcha.ts'
import type { Payment } from './payment.ts'
import type { PaymentWords, PriceWords } from './price-words.ts'

export interface PayRequest extends PaymentWords, CaptchaOptions {
  /**
   * A payment that the app's own server has made, in place of an order and a price.
   * With the watch token that the server got, the page may see it.
   */
  readonly paymentId?: string | undefined
  readonly watchToken?: string | undefined
  /**
   * Of `customers.token()`, for who is signed in: the payment is his, and his saved cards may be used.
   * The token must be good until he pays.
   */
  readonly customerToken?: string | undefined
  /** A saved card of his (`pm_…`), which is charged at once; the form is there if it is declined. */
  readonly paymentMethod?: string | undefined
  /** Keeps the card for later payments. */
  readonly saveCard?: 'on_session' | 'off_session' | undefined
  /** `manual` holds the money until the app's server captures it; where a quote or the price policy lets a page say so. */
  readonly captureMethod?: 'automatic' | 'manual' | undefined
  /** Of the form; shown as text. */
  readonly title?: string | undefined
  /** `payment`, Stripe's payment element, unless named; `card`, in one line; `split`, in three fields. */
  readonly element?: CardFormKind | undefined
  /** For Stripe's element, as `elements.create` takes them. */
  readonly elementOptions?: Readonly<Record<string, unknown>> | undefined
  /** Where the payment is on its way; the outcome is told by the run. */
  readonly onStep?: ((step: PayStep) => void) | undefined
}

/** `form`: the shopper types. `paying`: a card is tried. `authenticating`: the bank asks its question. */
export type PayStep = 'form' | 'paying' | 'authenticating'

/** As the server verified it at Stripe, not as the page believes. */
export interface PayOutcome {
  /**
   * `succeeded`: the money is taken. `requires_capture`: it is held. `processing`: the bank takes its time, watch goes
   * on telling. `canceled`: the shopper closed the form, or the payment was canceled. `failed`: it could not be made.
   * `unknown` (`outcome_unknown`): the connection broke, and Stripe could not be asked; `watch`, or `pay` again, will tell.
   */
  readonly status: 'succeeded' | 'processing' | 'requires_capture' | 'canceled' | 'failed' | 'unknown'
  /** Null when it was not even made. */
  readonly payment: Payment | null
  /** Why not; for `canceled` by the shopper `user_canceled`, with the last decline as its `cause`. */
  readonly error?: TollbridgeError
}

/** A payment under way. `await` gives its outcome; it never rejects. */
export interface PaymentRun extends PromiseLike<PayOutcome> {
  readonly settled: Promise<PayOutcome>
  /** Changes the price, on the server and on the form. @throws TollbridgeError, `price_change_refused` once it is paid */
  update(price: PriceWords): Promise<Payment>
  /** Takes the form away; what is on its way to the bank is still waited for. */
  close(): void
}
