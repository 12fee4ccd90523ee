/** A shop without a server of its own: Tollbridge's catalog keeps the price, the Backendless SDK does the rest. */
import type { Shop, ShopSettings } from '../harness/shop.ts'

export const backendlessShop: Shop = {
  name: 'backendless-shop',
  title: 'Backendless code',
  summary:
    'The official Backendless SDK, unchanged: a card becomes a token, Stripe.charge charges it, and a live message says “paid”.',
  files: { 'shop.css': 'src/shop.css', 'page.js': 'dist/pages/backendless-shop.js' },
  prepare: putItemIntoCatalog,
  open: () => ({ routes: {} }),
}

/** What an operator does once, with a server key. */
async function putItemIntoCatalog({ url, serverKey }: ShopSettings): Promise<void> {
  const answer = await fetch(`${url}/v1/catalog/items`, {
    method: 'POST',
    headers: { authorization: `Bearer ${serverKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'example-teapot', name: 'Stoneware teapot', prices: { eur: 3900 } }),
  })
  // 409: it is there already.
  if (!answer.ok && answer.status !== 409) throw new Error(`The catalog answered ${answer.status}`)
}
