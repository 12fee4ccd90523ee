/** The page: a cart, what it costs, and one button that pays it. */
import type { Payment } from '@tollbridge/browser'
import { PayButton, TollbridgeProvider, useWatch } from '@tollbridge/browser/react'
import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ask, messageOf, type Product, type Quote } from './shop-api.ts'

const { url = '', appId = '', clientKey = '' } = document.body.dataset
/** Product id → how many. */
type Cart = Readonly<Record<string, number>>

const inWords = (amount: number, currency: string) =>
  new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount / 100)

function stateOf({ status, amount_refunded: refunded, currency }: Payment): string {
  const given = refunded > 0 ? ` ${inWords(refunded, currency)} was given back.` : ''
  return `The payment is ${status}.${given}`
}

function Shop() {
  const [products, setProducts] = useState<readonly Product[]>([])
  const [cart, setCart] = useState<Cart>({ notebook: 1 })
  const [quote, setQuote] = useState<Quote | null>(null)
  const [paymentId, setPaymentId] = useState<string | null>(null)
  const [news, setNews] = useState('')
  const [problem, setProblem] = useState('')
  const [orders, setOrders] = useState(0)
  const { payment: watched } = useWatch(paymentId)

  useEffect(() => {
    ask<{ products: Product[]; news: string }>('start')
      .then((shop) => {
        setProducts(shop.products)
        setNews(shop.news)
      })
      .catch((error) => setProblem(messageOf(error)))
  }, [])

  // A new cart, or a new order, has a price of its own, which the shop's server signs.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each order is asked for anew
  useEffect(() => {
    let isOld = false
    setQuote(null)
    if (products.length === 0 || Object.values(cart).every((count) => count === 0)) return
    ask<Quote>('quote', { cart })
      .then((answer) => isOld || setQuote(answer))
      .catch((error) => isOld || setProblem(messageOf(error)))
    return () => {
      isOld = true
    }
  }, [cart, orders, products])

  const change = (id: string, by: number) => {
    setNews('')
    setProblem('')
    setCart({ ...cart, [id]: Math.min(20, Math.max(0, (cart[id] ?? 0) + by)) })
  }

  return (
    <div className="columns">
      <section className="panel" aria-labelledby="cart-title">
        <h2 id="cart-title">What you buy</h2>
        <ul className="lines">
          {products.map(({ id, name, price }) => (
            <li key={id}>
              <span className="grow">{name}</span>
              <span className="price">{inWords(price, 'eur')}</span>
              <span className="count">
                <button
                  type="button"
                  className="quiet"
                  aria-label={`Less: ${name}`}
                  onClick={() => change(id, -1)}
                >
                  −
                </button>
                <output aria-label={`Number: ${name}`}>{cart[id] ?? 0}</output>
                <button
                  type="button"
                  className="quiet"
                  aria-label={`More: ${name}`}
                  onClick={() => change(id, 1)}
                >
                  +
                </button>
              </span>
            </li>
          ))}
        </ul>
        <p className="total">
          <span>Total</span>
          <strong>{quote === null ? '…' : inWords(quote.amount, quote.currency)}</strong>
        </p>
        <PayButton
          className="wide"
          order={{ title: 'Pay your order', element: 'card', ...quote }}
          disabled={quote === null}
          onOutcome={async ({ status: end, payment, error }) => {
            setPaymentId(payment?.id ?? null)
            setProblem('')
            setNews(end === 'canceled' ? 'You closed the form. Nothing was charged.' : '')
            if (end === 'failed' || end === 'unknown')
              return setProblem(error?.message ?? 'The payment failed.')
            if (end !== 'succeeded' || payment === null) return
            try {
              // The shop's server asks Tollbridge itself before it ships anything.
              setNews((await ask<{ news: string }>('paid', { payment: payment.id })).news)
              setOrders(orders + 1)
            } catch (failure) {
              setProblem(messageOf(failure))
            }
          }}
        />
        <p className="note good" role="status">
          {news}
        </p>
        <p className="note bad" role="alert">
          {problem}
        </p>
      </section>
      <aside aria-label="What this example shows">
        <section className="panel" aria-labelledby="live-title">
          <h2 id="live-title">Live from Stripe</h2>
          <p role="status">{watched === null ? 'No payment yet.' : stateOf(watched)}</p>
        </section>
        <section className="panel cards" aria-labelledby="cards-title">
          <h2 id="cards-title">Cards to try</h2>
          <p>
            <code>4242 4242 4242 4242</code> is charged.
          </p>
          <p>
            <code>4000 0000 0000 0002</code> is declined; then try another.
          </p>
          <p>
            <code>4000 0027 6000 3184</code> asks for 3-D Secure.
          </p>
          <p className="soft">Any date in the future, any CVC, any postal code.</p>
        </section>
      </aside>
    </div>
  )
}

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <TollbridgeProvider url={url} appId={appId} clientKey={clientKey}>
      <Shop />
    </TollbridgeProvider>,
  )
}
