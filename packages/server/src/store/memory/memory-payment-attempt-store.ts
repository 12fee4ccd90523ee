/** Payment attempts in memory: for tests and for trying out; a restart forgets them. */
import { isOutdated } from '../outdated-attempt.ts'
import type {
  AttemptLease,
  AttemptResult,
  PaymentAttempt,
  PaymentAttemptStore,
  PaymentOrder,
  RewriteParams,
} from '../payment-attempt-store.ts'
import { soldItemsOf } from '../sold-items.ts'

export interface MemoryPaymentAttemptStore extends PaymentAttemptStore {
  hasOrder(appId: string, account: string, orderId: string): boolean
  countOpen(): number
}

type Held = PaymentAttempt & { readonly leaseToken: string | null }

/** @param newToken a new lease token that nobody else has. */
export function createMemoryPaymentAttemptStore(newToken: () => string): MemoryPaymentAttemptStore {
  const attempts = new Map<string, Held>()
  const orders = new Map<string, PaymentOrder>()
  let retainedTo = 0

  const all = () => [...attempts.values()]
  const orderKey = (appId: string, account: string, orderId: string) =>
    JSON.stringify([appId, account, orderId])

  function put(attempt: Held): Held {
    attempts.set(attempt.id, attempt)
    return attempt
  }
  function shown(held: Held | undefined): PaymentAttempt | null {
    if (held === undefined) return null
    const { leaseToken: _, ...attempt } = held
    return structuredClone(attempt)
  }
  function leased(held: Held, dueAt: number): AttemptLease {
    const leaseToken = newToken()
    const attempt = shown(put({ ...held, leaseToken, dueAt }))
    if (attempt === null) throw new Error(`The attempt ${held.id} is gone`)
    return { attempt, token: leaseToken }
  }
  function heldBy({ attempt, token }: AttemptLease): Held | null {
    const held = attempts.get(attempt.id)
    return held?.leaseToken === token ? held : null
  }
  /**
   * What Stripe answers after all is still better than the conclusion that the call was not done; not so for a price,
   * which may have been changed again since.
   */
  function givenUp({ attempt }: AttemptLease): Held | null {
    const held = attempts.get(attempt.id)
    const isSameCall = held?.idempotencyKey === attempt.idempotencyKey
    const isPrice = attempt.call.operation === 'update'
    return held?.failure?.retryable === true && isSameCall && !isPrice ? held : null
  }
  function openOf(appId: string, account: string, subject: string): Held | undefined {
    return all().find(
      (it) => it.state === 'open' && it.appId === appId && it.account === account && it.subject === subject,
    )
  }
  function ofApp(appId: string, id: string): Held | undefined {
    const held = attempts.get(id)
    return held?.appId === appId ? held : undefined
  }
  function byRequestKey(appId: string, account: string, requestKey: string): Held | undefined {
    return all().find((it) => it.appId === appId && it.account === account && it.requestKey === requestKey)
  }

  function noteOrder(
    { appId, account, orderId, terms, call, payer, replaces }: Held,
    { state, paymentIntentId }: Pick<AttemptResult, 'state' | 'paymentIntentId'>,
    now: number,
  ): void {
    if (orderId === null || terms === null) return
    const key = orderKey(appId, account, orderId)
    const order = orders.get(key)
    const isFree = (order?.paymentIntentId ?? null) === replaces
    if (call.operation === 'create' && paymentIntentId !== null && isFree) {
      orders.set(key, { appId, account, orderId, paymentIntentId, terms, payer, createdAt: now })
    }
    if (call.operation === 'update' && state !== 'failed' && order?.paymentIntentId === call.paymentIntent) {
      orders.set(key, { ...order, terms: { ...order.terms, ...terms } })
    }
  }

  /** @returns how many of the attempt and its order changed. */
  function rewriteHeld(held: Held, rewrite: RewriteParams): number {
    if (held.state === 'open') return 0
    const terms = held.terms === null ? null : rewrite(held.terms)
    const call = { ...held.call, params: rewrite(held.call.params) }
    const isChanged = !isSame([terms, call], [held.terms, held.call])
    if (isChanged) put({ ...held, terms, call })
    const key = orderKey(held.appId, held.account, held.orderId ?? '')
    const order = orders.get(key)
    if (order === undefined) return isChanged ? 1 : 0
    const orderTerms = rewrite(order.terms)
    orders.set(key, { ...order, terms: orderTerms })
    return (isChanged ? 1 : 0) + (isSame(orderTerms, order.terms) ? 0 : 1)
  }

  return {
    async claim(given, { leaseUntil }) {
      const { appId, account, subject, requestKey, orderId, call, createdAt } = given
      const repeated = requestKey === null ? null : shown(byRequestKey(appId, account, requestKey))
      if (repeated !== null) return { outcome: 'repeated', attempt: repeated }
      const busy = shown(openOf(appId, account, subject))
      if (busy !== null) return { outcome: 'busy', attempt: busy }
      const order = orderId === null ? undefined : orders.get(orderKey(appId, account, orderId))
      if (order !== undefined && isOutdated(given, order)) return { outcome: 'order_exists', order }
      if (attempts.has(given.id)) return { outcome: 'taken' }
      if (all().some((it) => it.idempotencyKey === given.idempotencyKey)) {
        throw new Error(`The idempotency key ${given.idempotencyKey} is taken`)
      }
      const held: Held = {
        ...structuredClone(given),
        state: 'open',
        paymentIntentId: call.paymentIntent,
        chargeId: null,
        refundId: null,
        paymentStatus: null,
        failure: null,
        tries: 1,
        firstSentAt: createdAt,
        lastSentAt: createdAt,
        absentSince: null,
        lastError: null,
        dueAt: null,
        isOwed: false,
        finishedAt: null,
        leaseToken: null,
      }
      return { outcome: 'claimed', lease: leased(held, leaseUntil) }
    },
    async withdraw(lease) {
      const held = heldBy(lease)
      if (held === null || held.tries > 1) return 'lease_lost'
      attempts.delete(held.id)
      return 'done'
    },
    find: async (appId, id) => shown(ofApp(appId, id)),
    findByRequestKey: async (appId, account, requestKey) => shown(byRequestKey(appId, account, requestKey)),
    async takeOwed(appId, account, subject, fingerprint) {
      const owed = all().find(
        (it) =>
          it.isOwed &&
          it.appId === appId &&
          it.account === account &&
          it.subject === subject &&
          it.fingerprint === fingerprint,
      )
      return owed === undefined ? null : shown(put({ ...owed, isOwed: false }))
    },
    async resume(appId, id, { now, latest, leaseUntil }) {
      const held = ofApp(appId, id)
      if (held?.state !== 'open') return null
      const isFree = held.leaseToken === null || isDue(held, now, latest)
      return isFree ? leased(held, leaseUntil) : null
    },
    async reopen(appId, id, { idempotencyKey, now, leaseUntil }) {
      const held = ofApp(appId, id)
      if (held?.failure?.retryable !== true) return null
      if (openOf(appId, held.account, held.subject) !== undefined) return 'busy'
      const order =
        held.orderId === null ? undefined : orders.get(orderKey(appId, held.account, held.orderId))
      if (order !== undefined && isOutdated(held, order)) {
        put({ ...held, requestKey: null })
        return 'order_exists'
      }
      const again = { tries: 1, firstSentAt: now, lastSentAt: now, absentSince: null }
      const notEnded = { failure: null, finishedAt: null }
      return leased(
        { ...held, ...again, ...notEnded, state: 'open', idempotencyKey, isOwed: false },
        leaseUntil,
      )
    },
    async leaseDue({ now, latest, leaseUntil, limit, except }) {
      return all()
        .filter((it) => it.state === 'open' && isDue(it, now, latest) && !except.includes(it.id))
        .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
        .slice(0, limit)
        .map((held) => leased(held, leaseUntil))
    },
    async noteSent(lease, now) {
      const held = heldBy(lease)
      if (held === null) return 'lease_lost'
      put({ ...held, tries: held.tries + 1, lastSentAt: now, absentSince: null })
      return 'done'
    },
    async finish(lease, { now, ...result }) {
      const held = heldBy(lease) ?? givenUp(lease)
      if (held === null) return 'lease_lost'
      const paymentIntentId = result.paymentIntentId ?? held.paymentIntentId
      const { payment_method_data: _, ...params } = held.call.params
      const call = result.failure?.retryable === true ? held.call : { ...held.call, params }
      put({ ...held, ...result, call, paymentIntentId, finishedAt: now, dueAt: null, leaseToken: null })
      noteOrder(held, result, now)
      return 'done'
    },
    async postpone(lease, { error, dueAt, absentSince }) {
      const held = heldBy(lease)
      if (held === null) return 'lease_lost'
      put({ ...held, lastError: error, dueAt, absentSince, leaseToken: null })
      return 'done'
    },
    async forgive(appId, id) {
      const held = ofApp(appId, id)
      if (held?.isOwed !== true) return false
      put({ ...held, isOwed: false })
      return true
    },
    async giveUpRequestKey(appId, id) {
      const held = ofApp(appId, id)
      if (held !== undefined) put({ ...held, requestKey: null })
    },
    async adoptOrder(order) {
      const key = orderKey(order.appId, order.account, order.orderId)
      const isKnown = [...orders.values()].some(
        (it) =>
          it.appId === order.appId &&
          it.account === order.account &&
          (it.orderId === order.orderId || it.paymentIntentId === order.paymentIntentId),
      )
      if (isKnown) return 'known'
      orders.set(key, order)
      return 'adopted'
    },
    knownAccounts: async (appId) =>
      [
        ...new Set(all().flatMap((it) => (it.appId === appId && it.account !== '' ? [it.account] : []))),
      ].sort(),
    findOrder: async (appId, account, orderId) => orders.get(orderKey(appId, account, orderId)) ?? null,
    findOrderByIntent: async (appId, account, intent) =>
      [...orders.values()].find(
        (it) => it.appId === appId && it.account === account && it.paymentIntentId === intent,
      ) ?? null,
    history: async (appId, { account, paymentIntentId, orderId }) =>
      all()
        .filter((it) => it.appId === appId && it.account === account)
        .filter(
          (it) => it.paymentIntentId === paymentIntentId || (orderId !== null && it.orderId === orderId),
        )
        .flatMap((it) => shown(it) ?? []),
    async rewriteParams(appId, { customerId, paymentIntentIds }, rewrite) {
      return all()
        .filter((it) => it.appId === appId)
        .filter(
          ({ paymentIntentId, call }) =>
            paymentIntentIds.includes(paymentIntentId ?? '') || call.params['customer'] === customerId,
        )
        .reduce((sum, held) => sum + rewriteHeld(held, rewrite), 0)
    },
    async rewriteOldest({ createdBefore, limit, rewrite }) {
      const next = all().slice(retainedTo, retainedTo + limit)
      const firstYoung = next.findIndex((it) => it.createdAt >= createdBefore || it.state === 'open')
      const old = firstYoung < 0 ? next : next.slice(0, firstYoung)
      retainedTo += old.length
      return { examined: old.length, changed: old.reduce((sum, held) => sum + rewriteHeld(held, rewrite), 0) }
    },
    countOpen: () => [...attempts.values()].filter(({ state }) => state === 'open').length,
    hasOrder: (appId, account, orderId) => orders.has(orderKey(appId, account, orderId)),
    async soldItems(appId, paymentIntentIds) {
      const sold = paymentIntentIds.flatMap((id) => {
        const sale = all().findLast(
          ({ call: { operation }, ...it }) =>
            it.appId === appId &&
            it.paymentIntentId === id &&
            it.terms !== null &&
            (operation === 'create' ||
              (operation === 'update' && it.state !== 'open' && it.state !== 'failed')),
        )
        const items = sale?.terms ? soldItemsOf(sale.terms) : null
        return items === null ? [] : [[id, items] as const]
      })
      return new Map(sold)
    },
    knowsAccount: async (appId, account) => all().some((it) => it.appId === appId && it.account === account),
    openSince: async ({ createdBefore, limit }) =>
      all()
        .filter(({ state, createdAt }) => state === 'open' && createdAt < createdBefore)
        .sort((a, b) => a.createdAt - b.createdAt)
        .slice(0, limit)
        .flatMap((held) => shown(held) ?? []),
    async nextDueAt() {
      const due = all().flatMap(({ state, dueAt }) => (state === 'open' && dueAt !== null ? [dueAt] : []))
      return due.length === 0 ? null : Math.min(...due)
    },
  }
}

function isDue({ dueAt }: Pick<PaymentAttempt, 'dueAt'>, now: number, latest: number): boolean {
  return dueAt !== null && (dueAt <= now || dueAt > latest)
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
