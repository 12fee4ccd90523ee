/** A payment that cannot be asked about waits, and does not hold up the others. */
import { beforeEach, expect, test } from 'vitest'
import { ServiceError } from '../errors.ts'
import { silentLog } from '../log.ts'
import type { PaymentId } from '../payment-state/payment-id.ts'
import { paymentSnapshot } from '../payment-state/snapshot.ts'
import { createMemoryPaymentStore, type MemoryPaymentStore } from '../store/memory/memory-payment-store.ts'
import { pollPayments } from './poll-payments.ts'
import type { PaymentSource } from './read-payment.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000

let payments: MemoryPaymentStore
beforeEach(() => {
  payments = createMemoryPaymentStore(() => false)
})

const intent = (id: string, status: string) => ({
  id,
  object: 'payment_intent',
  status,
  amount: 100,
  amount_received: status === 'succeeded' ? 100 : 0,
  created: NOW / 1000,
})

function arrive(appId: string, id: PaymentId): void {
  const at = NOW / 1000
  const keys = { orderId: 'order_id', attempt: 'attempt' }
  const snapshot = paymentSnapshot({ object: intent(id, 'processing'), at, isBeginning: false }, keys)
  if (snapshot !== null) payments.fold(appId, { snapshot, at, account: null }, 1, NOW)
}

/** Answers what it knows, and refuses the rest as the gateway does. */
function stripeWith(known: Readonly<Record<string, string>>): PaymentSource {
  return {
    async retrievePaymentIntent(id: string) {
      const status = known[id]
      if (status === undefined)
        throw new ServiceError('resource_missing', { message: `No such payment: ${id}` })
      return { ...intent(id, status), latest_charge: null }
    },
  } as unknown as PaymentSource
}

const due = async (now: number) => (await payments.duePolls({ now, limit: 10 })).map(({ id }) => id)

async function poll(stripeFor: (appId: string) => PaymentSource): Promise<void> {
  const clock = { now: () => NOW + MINUTE }
  await pollPayments({ payments, stripeFor, clock, log: silentLog }, () => false)
}

test('what Stripe answers is the payment from then on', async () => {
  arrive('app_1', 'pi_1')
  await poll(() => stripeWith({ pi_1: 'succeeded' }))
  expect(await payments.find('app_1', 'pi_1')).toMatchObject({ status: 'succeeded', amountReceived: 100 })
  expect(await due(NOW * 2)).toEqual([])
})

test('a payment that Stripe does not know is asked about no more', async () => {
  arrive('app_1', 'pi_gone')
  await poll(() => stripeWith({}))
  expect(await due(NOW * 2)).toEqual([])
  expect((await payments.find('app_1', 'pi_gone'))?.status).toBe('processing')
})

test('an app without Stripe keys waits, and the others are asked about', async () => {
  arrive('app_bare', 'pi_1')
  arrive('app_1', 'pi_2')
  await poll((appId) => {
    if (appId === 'app_bare') throw new ServiceError('app_not_activated', { message: 'No keys yet.' })
    return stripeWith({ pi_2: 'succeeded' })
  })
  expect((await payments.find('app_1', 'pi_2'))?.status).toBe('succeeded')
  expect(await due(NOW + MINUTE)).toEqual([])
  expect(await due(NOW + 2 * MINUTE)).toEqual(['pi_1'])
})
