/** A shop in React, as a customer of the package would write it: published entries only, in StrictMode. */
import { CardElement, useElements, useStripe } from '@stripe/react-stripe-js'
import {
  PayButton,
  TollbridgeElements,
  TollbridgeProvider,
  usePayment,
  useTollbridge,
  useWatch,
} from '@tollbridge/browser/react'
import { type ComponentProps, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'

const world = window as unknown as {
  setup: { url: string; appId: string; clientKey: string }
  news: unknown[]
}

function ButtonShop() {
  const [order, setOrder] = useState({
    orderId: 'order-1',
    amount: 1999,
    currency: 'usd',
    element: 'card' as const,
  })
  const [paid, setPaid] = useState<string | null>(null)
  return (
    <>
      <PayButton
        order={order}
        locale="en-US"
        className="buy"
        onOutcome={({ status, payment }) => {
          world.news.push(status)
          setPaid(payment?.id ?? null)
        }}
      />
      <button type="button" onClick={() => setOrder({ ...order, orderId: 'order-2', amount: 500 })}>
        Next order
      </button>
      <Watched id={paid} />
    </>
  )
}

/** Without an order, each new payment is one of its own. */
function CartShop() {
  return (
    <PayButton order={{ amount: 1999, currency: 'USD', element: 'card' }} locale="en-US" className="buy" />
  )
}

function GuestShop() {
  const [watched, setWatched] = useState<ComponentProps<typeof Watched>['id']>(null)
  Object.assign(world, { give: setWatched })
  return <Watched id={watched} />
}

function Watched({ id }: { id: Parameters<typeof useWatch>[0] }) {
  const { status, payment, error } = useWatch(id)
  return (
    <p id="watched">
      {error?.code ?? status ?? 'nothing'} {payment?.amount_refunded ?? ''}
    </p>
  )
}

function HookShop() {
  const { step, outcome, error, pay, update, reset } = usePayment()
  const [isShown, setShown] = useState(true)
  const order = { orderId: 'order-3', amount: 700, currency: 'usd', element: 'card' as const }
  return (
    <>
      <p id="state">
        {step} {outcome?.status} {error?.code}
      </p>
      <button type="button" onClick={() => pay(order)}>
        Begin
      </button>
      <button type="button" onClick={() => void update({ amount: 900 })} id="update">
        Dearer
      </button>
      <button type="button" onClick={reset} id="reset">
        Begin anew
      </button>
      <button type="button" onClick={() => setShown(false)} id="remove">
        Remove
      </button>
      {isShown && <Lodger />}
    </>
  )
}

/** A component with a payment of its own, which can be taken away. */
function Lodger() {
  const { pay } = usePayment()
  return (
    <button type="button" onClick={() => pay({ orderId: 'order-4', amount: 100, element: 'card' })}>
      Lodge
    </button>
  )
}

function InlineShop() {
  return (
    <TollbridgeElements>
      <InlineForm />
    </TollbridgeElements>
  )
}

function InlineForm() {
  const tollbridge = useTollbridge()
  const stripe = useStripe()
  const elements = useElements()
  const [said, say] = useState('')
  const buy = async () => {
    const card = elements?.getElement(CardElement)
    if (!stripe || !card) return
    const { token, error } = await stripe.createToken(card)
    if (error) return say(error.message ?? '')
    const charge = await tollbridge.charge({ token: token.id, amount: 300, orderId: 'order-5' })
    say(charge.status)
  }
  return (
    <>
      <CardElement onReady={() => say('ready')} />
      <button type="button" onClick={() => void buy()}>
        Buy
      </button>
      <p id="said">{said}</p>
    </>
  )
}

const shops = {
  button: <ButtonShop />,
  cart: <CartShop />,
  guest: <GuestShop />,
  hook: <HookShop />,
  inline: <InlineShop />,
  orphan: <ButtonShop />,
}

export function show(name: keyof typeof shops): void {
  const root = createRoot(document.getElementById('root') as HTMLElement, {
    onUncaughtError: (error) => world.news.push(String(error)),
  })
  root.render(
    <StrictMode>
      {name === 'orphan' ? (
        shops[name]
      ) : (
        <TollbridgeProvider {...world.setup} locale="en-US">
          {shops[name]}
        </TollbridgeProvider>
      )}
    </StrictMode>,
  )
}

Object.assign(window, { show })
