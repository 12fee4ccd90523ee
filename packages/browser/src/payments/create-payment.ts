/** Makes the payment of an order, or finds the one that it has and gives it the price that the page asks for now. */
import type { PageApi } from '../page-api.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import type { Memory, PayerKey } from './memory.ts'
import type { PayRequest } from './pay-types.ts'
import type { Payment } from './payment.ts'
import { paymentBody, priceBody } from './price-words.ts'
import { newKey } from './repeat.ts'

export interface CreateDeps {
  readonly api: Pick<PageApi, 'request'>
  readonly memory: Memory
  readonly payerKey: PayerKey
  repeated<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** @throws TollbridgeError */
export async function createOrReprice(
  { api, memory, payerKey, repeated }: CreateDeps,
  words: PayRequest,
  captcha: { readonly captcha?: string },
): Promise<Payment> {
  let key = payerKey(words.orderId)
  const post = (path: string, body: object): Promise<Payment> => {
    const idempotencyKey = newKey()
    const headers = { 'Tollbridge-Payer-Key': key }
    return repeated((signal) => api.request('POST', path, { body, idempotencyKey, headers, signal }))
  }
  const body = {
    ...paymentBody(words),
    capture_method: words.captureMethod,
    save_card: words.saveCard,
    ...captcha,
  }
  const create = () => post('/v1/payments', body)
  const name = `order:${words.orderId}`
  const make = async (): Promise<Payment> => {
    try {
      return await create()
    } catch (error) {
      // The cart has changed since this tab began the order: its payment follows, if nothing is paid yet.
      const { code, param } = error as TollbridgeError
      if (code === 'proof_required') {
        // Another tab began the order at the same time, and its key is the one that counts.
        const before = key
        key = payerKey(words.orderId)
        if (key !== before) return create()
      }
      const known = code === 'idempotency_key_reused' && param === 'order_id' ? memory.get(name) : null
      if (known === null) throw error
      await post(`/v1/payments/${known}/price`, priceBody(words)).catch(() => {
        throw error
      })
      return create()
    }
  }
  const payment = await make()
  if (words.orderId !== undefined) memory.set(name, payment.id)
  return payment
}
