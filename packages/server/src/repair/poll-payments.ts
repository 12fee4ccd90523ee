/** Asks Stripe about payments that stay unfinished, or that their events alone do not decide. */
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PaymentReading } from '../payment-state/fold-payment.ts'
import type { PaymentStore, StoredPayment } from '../store/payment-store.ts'
import { type PaymentSource, readPayment } from './read-payment.ts'

export interface PollPaymentsDeps {
  readonly payments: Pick<PaymentStore, 'duePolls' | 'settle' | 'postponePoll'>
  /** Throws a ServiceError for an app whose Stripe account is not set up. */
  stripeFor(appId: string): PaymentSource
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
}

const MOST_AT_ONCE = 25
/** After a failure that is not the payment's: Stripe, the key, the network. */
const RETRY_MS = 60_000

/** Rejects only when the store does. */
export async function pollPayments(deps: PollPaymentsDeps, isStopped: () => boolean): Promise<void> {
  const due = await deps.payments.duePolls({ now: deps.clock.now(), limit: MOST_AT_ONCE })
  for (const payment of due) {
    if (isStopped()) return
    await poll(payment, deps)
  }
}

async function poll(payment: StoredPayment, deps: PollPaymentsDeps): Promise<void> {
  const { appId, id } = payment
  const { payments, clock, log } = deps
  const reading = await read(payment, deps)
  if (!(reading instanceof ServiceError)) {
    await payments.settle(appId, reading, clock.now())
    return
  }
  // Deleted test data, or an event of an account that the key does not see: asking again would not help.
  const isGone = reading.code === 'resource_missing'
  await payments.postponePoll(appId, id, isGone ? null : clock.now() + RETRY_MS)
  log.warn({ appId, paymentId: id, code: reading.code }, 'Stripe could not be asked about a payment')
}

/** An app whose account is not set up fails its own payments only. */
async function read(
  payment: StoredPayment,
  { stripeFor }: PollPaymentsDeps,
): Promise<PaymentReading | ServiceError> {
  try {
    return await readPayment(stripeFor(payment.appId), payment)
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}
