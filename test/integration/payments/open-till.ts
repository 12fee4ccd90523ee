/** The payment path alone, with time in the test's hands and a network to the local Stripe that fails on request. */
import { Stripe } from 'stripe'
import { createManualClock, createSandbox, type Sandbox } from '../../../packages/sandbox/src/index.ts'
import { SCOPES } from '../../../packages/server/src/access/scopes.ts'
import { ServiceError } from '../../../packages/server/src/errors.ts'
import { silentLog } from '../../../packages/server/src/log.ts'
import { type Caller, NOTHING_SHOWN } from '../../../packages/server/src/payments/caller.ts'
import {
  createPayments,
  type Payments,
  type PaymentsDeps,
} from '../../../packages/server/src/payments/create-payments.ts'
import type { PaymentInput } from '../../../packages/server/src/payments/terms/payment-input.ts'
import { createMemoryStore } from '../../../packages/server/src/store/memory/create-memory-store.ts'
import type { PaymentAttemptStore } from '../../../packages/server/src/store/payment-attempt-store.ts'
import { createLiveGateway } from '../../../packages/server/src/stripe/live-gateway.ts'
import { createStripeTime } from '../../../packages/server/src/stripe/stripe-time.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'

export const APP = 'app_till'

export interface Till {
  /** The rows as they are now. */
  readonly attempts: PaymentAttemptStore
  /** Puts the rows of a backup in place that knows nothing of what was done; processes that are opened from then on see them. */
  restore(): void
  /** While true, no outcome can be written. */
  diskIsFull(is: boolean): void
  readonly sandbox: Sandbox
  readonly proxy: FaultProxy
  /** Past the proxy: what Stripe itself says. */
  readonly stripe: Stripe
  /** As one process of the product; each call makes another one on the same rows. */
  open(guard?: Partial<Pick<PaymentsDeps, 'admitAttempt' | 'decidePrice'>>): Payments
  /** Past the doubt of a start: the rows are taken for whole, unless this says since when they are not, in seconds. */
  rowsAreBehind(since: number | null): void
  /** Moves the time of the product and of Stripe. */
  advance(ms: number): Promise<void>
  /** Sets the clock on the product's wall ahead, or back; steady time and Stripe do not notice. */
  stepWall(ms: number): void
  now(): number
  stripeNow(): number
  /** Lets the background of one process work until nothing is open, or `rounds` of backoff have passed. */
  recover(payments: Payments, rounds?: number): Promise<void>
  succeeded(): Promise<number>
  close(): Promise<void>
}

const NOON = Date.UTC(2026, 10, 21, 12)

export interface TillOptions {
  readonly timeoutMs?: number
}

export async function openTill({ timeoutMs = 300 }: TillOptions = {}): Promise<Till> {
  const stripeClock = createManualClock(NOON)
  let steps = 0
  const clock = { now: () => stripeClock.now() + steps }
  const steady = { elapsed: () => stripeClock.now() - NOON }
  let behindSince: number | null = null
  const sandbox = createSandbox({ clock: stripeClock })
  const { url } = await sandbox.listen({ port: 0 })
  const proxy = await startFaultProxy({ target: url })
  const access = {
    secretKey: 'sk_test_fromTheTests',
    apiBase: proxy.url,
    time: createStripeTime({ clock, steady }),
  }
  const gateway = createLiveGateway({ ...access, timeoutMs })
  // So that Stripe's time is known, as it is after the first seconds of a process.
  await createLiveGateway({ ...access, timeoutMs: 10_000 }).listPaymentIntents({ limit: 1 })
  proxy.reset()
  let isFull = false
  const full = () =>
    Promise.reject(
      new ServiceError('store_unavailable', { message: 'The disk is full. Nothing of it was kept.' }),
    )
  function openRows() {
    const { paymentAttempts: attempts, payments: stored } = createMemoryStore()
    const failing: PaymentAttemptStore = {
      ...attempts,
      claim: (...given) => (isFull ? full() : attempts.claim(...given)),
      finish: (...given) => (isFull ? full() : attempts.finish(...given)),
      postpone: (...given) => (isFull ? full() : attempts.postpone(...given)),
      noteSent: (...given) => (isFull ? full() : attempts.noteSent(...given)),
    }
    return { attempts: failing, stored }
  }
  let rows = openRows()
  const { hostname, port } = new URL(url)
  const stripe = new Stripe('sk_test_fromTheTests', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
  })
  let ids = 0
  let issues = 0
  const asNamed: PaymentsDeps['decidePrice'] = async ({ role, amount, currency, orderId }) => ({
    amount: amount ?? 0,
    currency: currency ?? 'usd',
    source: 'open',
    orderId,
    issued: role === 'server' ? issues++ : null,
    items: null,
    mayHold: true,
    quote: null,
  })

  return {
    get attempts() {
      return rows.attempts
    },
    restore() {
      rows = openRows()
    },
    diskIsFull(is) {
      isFull = is
    },
    sandbox,
    proxy,
    stripe,
    open: ({ admitAttempt = async () => {}, decidePrice = asNamed } = {}) =>
      createPayments({
        ...rows,
        stripeFor: () => gateway,
        rowsBehind: { since: async () => behindSince },
        repeatWindowMs: 600_000,
        stripeTimeoutMs: timeoutMs,
        decidePrice,
        admitAttempt,
        reportAttempt: async () => {},
        orderOfQuote: async () => null,
        noteRefusedProof: async () => {},
        clock,
        steady,
        every: () => () => {},
        pause: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 2))),
        log: silentLog,
        newId: () => `t${ids++}`,
      }),
    rowsAreBehind(since) {
      behindSince = since
    },
    advance: (ms) => sandbox.advance(ms),
    stepWall(ms) {
      steps += ms
    },
    now: () => clock.now(),
    stripeNow: () => stripeClock.now(),
    async recover(payments, rounds = 20) {
      for (let round = 0; round < rounds; round++) {
        const due = await rows.attempts.nextDueAt()
        if (due === null) return
        // A clock that was set back would have to come a long way.
        await sandbox.advance(Math.min(Math.max(0, due - clock.now()), 600_000))
        payments.recovery.start()
        await payments.recovery.stop()
      }
    },
    async succeeded() {
      const charges = await stripe.charges.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
      return charges.filter(({ status }) => status === 'succeeded').length
    },
    async close() {
      await proxy.close()
      await sandbox.close()
    },
  }
}

/** One payer, unless told otherwise, whatever he asks for. */
export function aCaller(
  callerKey: string | null = null,
  payerKey: string | null = 'payer-key-of-the-tests',
): Caller {
  return {
    principal: { role: 'client', appId: APP, clientKey: 'tbc_client', watch: null },
    address: '127.0.0.1',
    clientKey: 'client-key',
    captcha: null,
    callerKey,
    account: '',
    customer: null,
    shown: { ...NOTHING_SHOWN, payerKey },
  }
}

/** The app's own server, which needs no proof. */
export function aServer(): Caller {
  return {
    ...aCaller(null, null),
    principal: { role: 'server', appId: APP, keyId: null, scopes: SCOPES },
    clientKey: null,
  }
}

export function aPayment(overrides: Partial<PaymentInput> = {}): PaymentInput {
  return {
    orderId: null,
    asked: { amount: 1999, currency: 'usd', items: null, quote: null },
    card: 'tok_visa',
    captureMethod: null,
    saveCard: null,
    customer: null,
    description: null,
    receiptEmail: null,
    returnUrl: null,
    offSession: false,
    metadata: {},
    ...overrides,
  }
}
