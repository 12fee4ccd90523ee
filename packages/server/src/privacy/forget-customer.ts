/** Takes a customer's personal data out of what is stored about them; ids, amounts and states stay. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Expression } from '@tollbridge/protocol'
import type { Clock } from '../clock.ts'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import { stripPayload, stripValue } from './strip-payload.ts'

export interface ForgetCustomerDeps {
  readonly events: Pick<EventStore, 'page' | 'rewritePayloads' | 'eraseTraces'>
  readonly attempts: Pick<PaymentAttemptStore, 'rewriteParams'>
  readonly clock: Clock
}

export interface Forgotten {
  /** Stripe's id of the customer. */
  readonly customerId: string
  /** Events that are about the customer, or about what belongs to them. */
  readonly events: number
  /** Those of them that still held something to take out. */
  readonly eventsChanged: number
  /** Calls to Stripe whose parameters held something to take out. */
  readonly attemptsChanged: number
}

/** Asked again, it finds the same events and changes nothing. Stripe's own copy is Stripe's to delete. */
export type ForgetCustomer = (appId: string, customerId: string) => Promise<Forgotten>

/** How many events are read, and how many are rewritten in one commit. */
const BATCH = 100
/** How many ids one where clause names. */
const MOST_IDS = 100

export function createForgetCustomer({ events, attempts, clock }: ForgetCustomerDeps): ForgetCustomer {
  return async (appId, customerId) => {
    const positions = new Set<number>()
    const known = new Set<string>()
    const paymentIntents = new Set<string>()
    let fresh: string[] = []

    const note = (event: StoredEvent) => {
      positions.add(event.position)
      if (event.paymentIntentId !== null) paymentIntents.add(event.paymentIntentId)
      for (const id of [event.id, event.chargeId, event.paymentIntentId]) {
        if (id === null || id === customerId || known.has(id)) continue
        known.add(id)
        fresh.push(id)
      }
    }

    await eachEvent(appId, isIn('customerId', [customerId]), note)
    // A refund or a dispute names its charge only, and an event may be older than the customer's name on its payment.
    while (fresh.length > 0) {
      const ids = fresh.slice(0, MOST_IDS)
      fresh = fresh.slice(MOST_IDS)
      await eachEvent(appId, { kind: 'or', operands: [isIn('id', ids), isIn('paymentIntentId', ids)] }, note)
    }

    let eventsChanged = 0
    for (const batch of batchesOf([...positions])) {
      eventsChanged += await events.rewritePayloads(appId, batch, { rewrite: stripPayload, now: clock.now() })
    }
    const attemptsChanged = await attempts.rewriteParams(
      appId,
      { customerId, paymentIntentIds: [...paymentIntents] },
      stripValue,
    )
    await events.eraseTraces()
    return { customerId, events: positions.size, eventsChanged, attemptsChanged }
  }

  async function eachEvent(
    appId: string,
    where: Expression,
    visit: (event: StoredEvent) => void,
  ): Promise<void> {
    for (const flag of ['none', 'any'] as const) {
      let after = 0
      for (;;) {
        const page = await events.page({ appId, flag, where, after, limit: BATCH })
        page.forEach(visit)
        // The log may be long: others have their turn between two pages.
        await nextTurn()
        const last = page.at(-1)
        if (last === undefined || page.length < BATCH) break
        after = last.position
      }
    }
  }
}

function isIn(column: string, ids: readonly string[]): Expression {
  return {
    kind: 'in',
    field: { name: column, position: 0 },
    values: ids.map((value) => ({ kind: 'text', value, position: 0 }) as const),
  }
}

function batchesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / BATCH)
  return Array.from({ length: count }, (_, index) => items.slice(index * BATCH, (index + 1) * BATCH))
}
