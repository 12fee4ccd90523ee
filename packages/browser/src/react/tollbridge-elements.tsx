/** Stripe's own React elements, with the Stripe.js that Tollbridge loads: for fields inside of the page. */
import { Elements } from '@stripe/react-stripe-js'
import type { Stripe, StripeElementsOptions } from '@stripe/stripe-js'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { TollbridgeError } from '../tollbridge-error.ts'
import { useTollbridge } from './tollbridge-provider.tsx'

export interface TollbridgeElementsProps {
  /** As `<Elements>` of @stripe/react-stripe-js takes them. */
  readonly options?: StripeElementsOptions
  /** In place of the app's own. */
  readonly publicKey?: string
  /** Stripe.js did not come; until it does, the elements below are empty. */
  onError?(error: TollbridgeError): void
  readonly children?: ReactNode
}

/** Below it `useStripe`, `useElements`, `<CardElement>`, `<PaymentElement>` and the others work as Stripe documents. */
export function TollbridgeElements({
  options,
  publicKey,
  onError,
  children,
}: TollbridgeElementsProps): ReactNode {
  const tollbridge = useTollbridge()
  const [loaded, setLoaded] = useState<{ of: string | undefined; stripe: Stripe } | null>(null)
  const report = useRef(onError)
  useEffect(() => {
    report.current = onError
  })
  useEffect(() => {
    let isGone = false
    tollbridge.stripe(publicKey).then(
      (stripe) => {
        if (!isGone) setLoaded({ of: publicKey, stripe })
      },
      (error: TollbridgeError) => {
        if (!isGone) (report.current ?? reportError)(error)
      },
    )
    return () => {
      isGone = true
    }
  }, [tollbridge, publicKey])
  const stripe = loaded?.of === publicKey ? (loaded?.stripe ?? null) : null
  return (
    // A group of elements keeps its Stripe object for life.
    <Elements key={publicKey ?? ''} stripe={stripe} {...(options && { options })}>
      {children}
    </Elements>
  )
}
