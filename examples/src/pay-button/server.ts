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
    /** The order that a visitor is filling; a real shop keeps it in its database. */
    const orders = new Map<string, string>()

    const orderOf = ({ visitor }: ShopCall): string => {
      const order = orders.get(visitor.id) ?? randomUUID()
      orders.set(visitor.id, order)
      return order
    }

    const routes: OpenShop['routes'] = {
      catalog: async () => ({ currency: CURRENCY, products: PRODUCTS }),

      /** What the cart costs, signed: the page cannot change it, and Tollbridge takes no other price for the order. */
      quote: async (_request, call) => {
        const amount = addUp(call.body['cart'])
        const orderId = orderOf(call)
        const { quote } = await tollbridge.quotes.sign({ orderId, amount, currency: CURRENCY })
        return { orderId, amount, currency: CURRENCY, quote }
      },

      /** After the payment: asks Tollbridge, ships the goods once, and begins a new order. */
      paid: async (_request, call) => {
        const orderId = orderOf(call)
        const payment = await tollbridge.payments.retrieve(String(call.body['payment']))
        if (payment.order_id !== orderId || payment.status !== 'succeeded')
          throw new ShopError(409, 'This order is not paid.')
        // However often the page asks, the goods are shipped once.
        const { newly_fulfilled: isNew } = await tollbridge.payments.fulfil(payment.id)
        orders.delete(call.visitor.id)
        return {
          message: isNew ? `Order ${orderId.slice(0, 8)} is on its way.` : 'This order was shipped before.',
        }
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
