/** A button that pays an order: busy while the payment is under way, its result said aloud. */
import { type ButtonHTMLAttributes, type CSSProperties, type ReactNode, useEffect } from 'react'
import { amountText } from '../payments/amount-text.ts'
import type { PayOutcome, PayRequest } from '../payments/pay-types.ts'
import { type UsePayment, usePayment } from './use-payment.ts'

export interface PayButtonTexts {
  readonly pay: string
  readonly succeeded: string
  readonly processing: string
  readonly canceled: string
  readonly failed: string
  /** The connection broke, and money may have moved. */
  readonly unknown: string
}

const englishTexts: PayButtonTexts = {
  pay: 'Pay',
  succeeded: 'The payment succeeded.',
  processing: 'The payment is being processed.',
  canceled: 'The payment was canceled.',
  failed: 'The payment failed.',
  unknown: 'It is not known yet whether the payment succeeded.',
}

export interface PayButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type' | 'children'> {
  readonly order: PayRequest
  onOutcome?(outcome: PayOutcome): void
  readonly texts?: Partial<PayButtonTexts>
  /** For the amount on the button; the browser's own unless named. */
  readonly locale?: string
  /** In place of "Pay $19.99"; a function is given the state. */
  readonly children?: ReactNode | ((payment: UsePayment) => ReactNode)
}

/** Read by screen readers, seen by nobody. */
const UNSEEN: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
}

/**
 * `data-step` and, once done, `data-status` are there for styles. A paid order cannot be paid again with it; another
 * `order.orderId` begins anew.
 */
/** After these another click may pay. */
const UNPAID = ['canceled', 'failed', 'unknown']

export function PayButton(props: PayButtonProps): ReactNode {
  const { order, onOutcome, texts, locale, children, onClick, disabled, ...rest } = props
  const words = { ...englishTexts, ...texts }
  const payment = usePayment()
  const { step, outcome, isBusy, pay, reset } = payment
  const { orderId } = order
  const isUnknown = outcome?.status === 'unknown'
  const isPaid = outcome !== null && !UNPAID.includes(outcome.status)
  const word = outcome?.status === 'requires_capture' ? 'succeeded' : outcome?.status
  const isOff = isBusy || isPaid || disabled === true

  // biome-ignore lint/correctness/useExhaustiveDependencies: another order is another payment
  useEffect(() => reset, [orderId, reset])

  const { amount, currency } = order
  const label =
    amount === undefined || !currency ? words.pay : `${words.pay} ${amountText(amount, currency, locale)}`
  return (
    <>
      <button
        {...rest}
        type="button"
        // Not `disabled`, which would lose the focus that the form gives back.
        aria-disabled={isOff}
        aria-busy={isBusy}
        data-step={step}
        data-status={outcome?.status}
        onClick={(event) => {
          if (isOff) return
          onClick?.(event)
          if (event.defaultPrevented) return
          // Another payment beside one that may be paid would be a second charge.
          const paymentId = (isUnknown && outcome?.payment?.id) || order.paymentId
          void pay({ ...order, paymentId }).settled.then(onOutcome)
        }}
      >
        {typeof children === 'function' ? children(payment) : (children ?? label)}
      </button>
      <span role="status" style={UNSEEN}>
        {word && words[word]}
      </span>
    </>
  )
}
