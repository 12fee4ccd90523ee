/** The server of a shop with a cart: it alone knows the prices, and signs what a cart costs. */
import { randomUUID } from 'node:crypto'
import { createTollbridge } from '@tollbridge/node'
import { type OpenShop, type Shop, type ShopCall, ShopError } from '../harness/shop.ts'

interface Product {
  readonly id: string
  readonly name: string
  /** Minor units. */
  readonly price: number
}

const CURRENCY = 'eur'
const PRODUCTS: readonly Product[] = [
  { id: 'notebook', name: 'Dotted notebook', price: 1450 },
  { id: 'pencils', name: 'Six graphite pencils', price: 890 },
  { id: 'eraser', name: 'Kneaded eraser', price: 320 },
]
const MOST_OF_ONE = 20

export const payButton: Shop = {
  name: 'pay-button',
  title: 'A pay button',
  summary:
    'React: a cart whose price changes, signed by the shop’s server, one button to pay it, and the payment’s state live.',
  files: { 'shop.css': 'src/shop.css', 'page.js': 'dist/pages/pay-button.js' },
  open({ url, serverKey }) {
    const tollbridge = createTollbridge({ url, serverKey })
    /** What a visitor is buying, and has bought; a real shop keeps it in its database. */
    const visitors = new Map<string, { order: string; readonly shipped: string[] }>()

    const visitorOf = ({ visitor }: ShopCall) => {
      const known = visitors.get(visitor.id) ?? { order: randomUUID(), shipped: [] }
      visitors.set(visitor.id, known)
      return known
    }

    /** However often this is asked, and in however many tabs, the goods are shipped once. */
    async function ship(call: ShopCall, order: string, paymentId: string): Promise<string> {
      const visitor = visitorOf(call)
      const { newly_fulfilled: isNew } = await tollbridge.payments.fulfil(paymentId)
      if (isNew) visitor.shipped.push(order)
      if (order === visitor.order) visitor.order = randomUUID()
      const name = `Order ${order.slice(0, 8)}`
      return isNew ? `${name} is paid and on its way.` : `${name} is on its way already.`
    }

    const routes: OpenShop['routes'] = {
      /** Who paid and closed the page too early is served at the next visit. */
      start: async (_request, call) => {
        let news = ''
        const { order: orderId } = visitorOf(call)
        for await (const payment of tollbridge.payments.list({ orderId, status: 'succeeded' })) {
          news = await ship(call, orderId, payment.id)
        }
        return { products: PRODUCTS, news }
      },

      /** What the cart costs, signed: the page cannot change it, and Tollbridge takes no other price for the order. */
      quote: async (_request, call) => {
        const amount = addUp(call.body['cart'])
        const { order: orderId } = visitorOf(call)
        const { quote } = await tollbridge.quotes.sign({ orderId, amount, currency: CURRENCY })
        return { orderId, amount, currency: CURRENCY, quote }
      },

      /** After the payment: asks Tollbridge whether it is true, and ships the goods. */
      paid: async (_request, call) => {
        const payment = await tollbridge.payments.retrieve(String(call.body['payment']))
        const { order, shipped } = visitorOf(call)
        const orderId = [order, ...shipped].find((it) => it === payment.order_id)
        if (orderId === undefined || payment.status !== 'succeeded')
          throw new ShopError(409, 'This order is not paid.')
        return { news: await ship(call, orderId, payment.id) }
      },
    }
    return { routes, close: tollbridge.close }
  },
}

/** @param cart product id → how many. @returns minor units */
function addUp(cart: unknown): number {
  const counts = typeof cart === 'object' && cart !== null ? (cart as Readonly<Record<string, unknown>>) : {}
  const prices = Object.entries(counts).map(([id, count]) => {
    const product = PRODUCTS.find((it) => it.id === id)
    const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MOST_OF_ONE
    if (product === undefined || !isCount)
      throw new ShopError(400, `The shop has no ${MOST_OF_ONE} or fewer of ${id.slice(0, 40)}.`)
    return product.price * count
  })
  const amount = prices.reduce((sum, price) => sum + price, 0)
  if (amount === 0) throw new ShopError(400, 'The cart is empty.')
  return amount
}
