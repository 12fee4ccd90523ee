/** A payment in a component: where it is, how it ended, and the calls to begin and to end it. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { PaymentRun, PayOutcome, PayRequest, PayStep } from '../payments/pay-types.ts'
import type { Payment } from '../payments/payment.ts'
import type { PriceWords } from '../payments/price-words.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import { useTollbridge } from './tollbridge-provider.tsx'

export interface PaymentState {
  /** `idle` → `opening` → `form` ⇄ `paying` ⇄ `authenticating` → `done` */
  readonly step: 'idle' | 'opening' | PayStep | 'done'
  /** Once done, what the server verified. */
  readonly outcome: PayOutcome | null
  readonly error: TollbridgeError | null
}

export interface UsePayment extends PaymentState {
  /** Between the call of `pay` and the outcome. */
  readonly isBusy: boolean
  /** Begins; while one is under way it gives that one. */
  pay(request: PayRequest): PaymentRun
  /** Changes the price of what is under way. */
  update(price: PriceWords): Promise<Payment | null>
  /** Closes what is under way, and begins anew. */
  reset(): void
}

const IDLE: PaymentState = { step: 'idle', outcome: null, error: null }

/** The form goes when the component goes. */
export function usePayment(): UsePayment {
  const tollbridge = useTollbridge()
  const [state, setState] = useState(IDLE)
  const current = useRef<PaymentRun | null>(null)

  const leave = useCallback(() => {
    const run = current.current
    current.current = null
    run?.close()
  }, [])
  useEffect(() => leave, [leave])

  const pay = useCallback(
    (request: PayRequest): PaymentRun => {
      if (current.current !== null) return current.current
      const run = tollbridge.pay({
        ...request,
        onStep(step) {
          if (current.current === run) setState({ step, outcome: null, error: null })
          request.onStep?.(step)
        },
      })
      current.current = run
      setState({ step: 'opening', outcome: null, error: null })
      void run.settled.then((outcome) => {
        if (current.current !== run) return
        current.current = null
        setState({ step: 'done', outcome, error: outcome.error ?? null })
      })
      return run
    },
    [tollbridge],
  )
  const update = useCallback(
    async (price: PriceWords) => (current.current === null ? null : current.current.update(price)),
    [],
  )
  const reset = useCallback(() => {
    leave()
    setState(IDLE)
  }, [leave])

  return { ...state, isBusy: state.step !== 'idle' && state.step !== 'done', pay, update, reset }
}
