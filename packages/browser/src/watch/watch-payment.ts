/** Tells a page what becomes of a payment: live, and read again after every gap, so that no end of it is missed. */
import type { StreamMessage } from '@tollbridge/protocol'
import type { PageApi } from '../page-api.ts'
import type { Memory } from '../payments/memory.ts'
import type { Payment } from '../payments/payment.ts'
import { cannotHeal, followStream, reconnectDelay } from '../sse/follow-stream.ts'
import { type PageWorld, pageWorld } from '../sse/page-world.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'
import { isNewer, isSame } from './newer-payment.ts'

/** The Stripe event that led to a change, without client secrets and personal data. */
export type StripeEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }

export interface PaymentNews {
  /** The newest event since the last call; absent where the payment was read without one. */
  readonly event?: StripeEvent
}

export type Watched = string | { readonly paymentId: string; readonly watchToken?: string | null | undefined }

export interface WatchOptions {
  /** It cannot heal (the key or the watch token is refused, there is no such payment); watching has ended. */
  onError?(error: TollbridgeError): void
}

export interface Watching {
  close(): void
}

/**
 * Calls `onChange` with the payment as it is now, and each time after it has changed, never with an older state after a
 * newer one. It goes on through outages, for as long as it is not closed: money can be given back long after.
 */
export type Watch = (
  payment: Watched,
  onChange: (payment: Payment, news: PaymentNews) => void,
  options?: WatchOptions,
) => Watching

export interface WatchDeps {
  readonly api: Pick<PageApi, 'request' | 'open'>
  readonly memory: Memory
  readonly world?: PageWorld
}

/** Events of one change come together: they are one reading. */
const TOGETHER_MS = 20
/** A stream that is not open by then may never be: some proxies hold it back. The payment is read all the same. */
const PATIENCE_MS = 3_000
/** How long an answer about the payment may take. */
const READING_MS = 30_000

export function createWatch({ api, memory, world = pageWorld }: WatchDeps): Watch {
  return (watched, onChange, { onError } = {}) => {
    const given = typeof watched === 'string' ? { paymentId: watched } : watched
    const { paymentId } = given
    let isClosed = false
    let token = given.watchToken ?? memory.get(paymentId)
    let shown: Payment | null = null
    let event: StripeEvent | undefined
    let failures = 0
    let reading: AbortController | null = null
    /** The reading that is to come. */
    let next: { readonly at: number; readonly cancel: () => void } | null = null

    function readWithin(ms: number): void {
      const at = world.now() + ms
      if (isClosed || (next !== null && next.at <= at)) return
      next?.cancel()
      next = { at, cancel: world.after(ms, startReading) }
    }

    function startReading(): void {
      next = null
      // One at a time: answers to requests that overlap can overtake each other.
      if (reading !== null) readWithin(TOGETHER_MS)
      else void read()
    }

    async function read(): Promise<void> {
      const line = new AbortController()
      const { signal } = line
      reading = line
      const stopTimer = world.after(READING_MS, () => line.abort())
      const cause = event
      event = undefined
      try {
        const path = `/v1/payments/${encodeURIComponent(paymentId)}`
        const payment = await withToken((headers) => api.request<Payment>('GET', path, { headers, signal }))
        failures = 0
        if (!isClosed) show(payment, cause)
      } catch (error) {
        if (cannotHeal(error)) stop(error)
        event ??= cause
        const { retryAfter = 0 } = error as Partial<TollbridgeError>
        readWithin(Math.max(retryAfter * 1_000, reconnectDelay(failures++, 1_000, world.random)))
      }
      stopTimer()
      reading = null
    }

    function show(payment: Payment, cause: StripeEvent | undefined): void {
      if (payment.watch_token) keep(payment.watch_token)
      if (!isNewer(payment, shown) || isSame(payment, shown)) return
      shown = payment
      try {
        onChange(payment, cause === undefined ? {} : { event: cause })
      } catch (error) {
        // The page's own fault must not end the watch.
        reportError(error)
      }
    }

    /** A remembered token may have expired where the key alone would do, so it is tried without once. */
    async function withToken<T>(ask: (headers: Record<string, string>) => Promise<T>): Promise<T> {
      const used = token
      try {
        return await ask(used ? { 'Tollbridge-Watch-Token': used } : {})
      } catch (error) {
        if (!used || (error as TollbridgeError).code !== 'watch_token_invalid') throw error
        if (token === used) {
          token = null
          memory.delete(paymentId)
        }
        return await ask(token ? { 'Tollbridge-Watch-Token': token } : {})
      }
    }

    function keep(newer: string): void {
      token = newer
      memory.set(paymentId, newer)
    }

    const following = followStream({
      world,
      connect(lastEventId, signal) {
        // What was asked over the old connection may never be answered.
        reading?.abort()
        readWithin(PATIENCE_MS)
        const selector = `paymentIntentId = '${paymentId.replaceAll("'", "''")}'`
        return withToken((headers) =>
          api.open('GET', `/v1/stream?selector=${encodeURIComponent(selector)}`, {
            headers: { ...headers, ...(lastEventId !== null && { 'Last-Event-ID': lastEventId }) },
            signal,
          }),
        )
      },
      onOpen: () => readWithin(TOGETHER_MS),
      onEvent({ type, data }) {
        if (type !== 'message') return
        event = (JSON.parse(data) as StreamMessage).message as StripeEvent
        readWithin(TOGETHER_MS)
      },
      onRefused: stop,
    })

    // No event tells of a new price.
    const stopListening = world.onReturn(() => readWithin(TOGETHER_MS))

    function close(): void {
      isClosed = true
      stopListening()
      reading?.abort()
      next?.cancel()
      following.close()
    }

    function stop(error: unknown): void {
      if (isClosed) return
      close()
      if (onError) onError(error as TollbridgeError)
      else reportError(error)
    }

    if (given.watchToken) keep(given.watchToken)
    return { close }
  }
}
