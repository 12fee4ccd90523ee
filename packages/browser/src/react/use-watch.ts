/** A payment as it is now, in a component. */
import { useEffect, useState } from 'react'
import type { Payment, PaymentStatus } from '../payments/payment.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import type { StripeEvent, Watched } from '../watch/watch-payment.ts'
import { useTollbridge } from './tollbridge-provider.tsx'

export interface WatchState {
  /** Null until it is known. */
  readonly payment: Payment | null
  readonly status: PaymentStatus | null
  /** The Stripe event that led to the last change. */
  readonly event: StripeEvent | null
  /** Set when watching has ended: the key or the token is refused, or there is no such payment. */
  readonly error: TollbridgeError | null
}

const NOTHING: WatchState = { payment: null, status: null, event: null, error: null }

/** @param watched null or undefined: nothing yet */
export function useWatch(watched: Watched | null | undefined): WatchState {
  const tollbridge = useTollbridge()
  const given = typeof watched === 'object' ? watched : { paymentId: watched, watchToken: null }
  const paymentId = given?.paymentId ?? null
  const watchToken = given?.watchToken
  const [known, setKnown] = useState({ of: paymentId, state: NOTHING })

  const hasToken = Boolean(watchToken)

  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer has a new token, and any of them begins a watch
  useEffect(() => {
    if (paymentId === null) return
    const tell = (state: WatchState): void => setKnown({ of: paymentId, state })
    let last = NOTHING
    const watching = tollbridge.watch(
      { paymentId, watchToken },
      (payment, { event = null }) => {
        last = { payment, status: payment.status, event, error: null }
        tell(last)
      },
      { onError: (error) => tell({ ...last, error }) },
    )
    return () => watching.close()
  }, [tollbridge, paymentId, hasToken])

  return known.of === paymentId ? known.state : NOTHING
}
