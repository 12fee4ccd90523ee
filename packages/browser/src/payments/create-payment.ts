/** Makes the payment of an order, or finds the one that it has and gives it the price that the page asks for now. */
import type { PageApi } from '../page-api.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import type { Memory } from './memory.ts'
import type { PayRequest } from './pay-types.ts'
import type { Payment } from './payment.ts'
import { paymentBody, priceBody } from './price-words.ts'
import { newKey } from './repeat.ts'

export interface CreateDeps {
  readonly api: Pick<PageApi, 'request'>
  readonly memory: Memory
  repeated<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** @throws TollbridgeError */
export async function createOrReprice(
  { api, memory, repeated }: CreateDeps,
  words: PayRequest,
  captcha: { readonly captcha?: string },
): Promise<Payment> {
  const post = (path: string, body: object, token: string | null = null): Promise<Payment> => {
    const idempotencyKey = newKey()
    const headers = token ? { 'Tollbridge-Watch-Token': token } : {}
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
      const known = code === 'idempotency_key_reused' && param === 'order_id' ? memory.get(name) : null
      if (known === null) throw error
      await post(`/v1/payments/${known}/price`, priceBody(words), memory.get(known)).catch(() => {
        throw error
      })
      return create()
    }
  }
  const payment = await make()
  if (words.orderId !== undefined) memory.set(name, payment.id)
  return payment
}
