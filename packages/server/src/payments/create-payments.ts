/** Puts the parts of the payments feature together: one path for every door. */
import type { Clock, SteadyClock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { PaymentAttemptStore } from '../store/payment-attempt-store.ts'
import type { PaymentStore } from '../store/payment-store.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'
import { createAskerOf } from './asker-of.ts'
import { type AttemptRecovery, createAttemptRecovery } from './attempts/attempt-recovery.ts'
import { createAttemptRunner } from './attempts/attempt-runner.ts'
import { type CardGate, createCardGate } from './attempts/card-gate.ts'
import { createCatchUp, type RowsBehind } from './attempts/catch-up.ts'
import { createPaidAlready } from './attempts/paid-already.ts'
import { createPerformAttempt } from './attempts/perform-attempt.ts'
import { createTakeInPayment } from './attempts/take-in-payment.ts'
import type { Caller } from './caller.ts'
import { createAssertOwnCard } from './card-owner.ts'
import { type ChangePayment, createChangePayment } from './change-payment.ts'
import { type ChangePrice, createChangePrice } from './change-price.ts'
import { createClientSecrets } from './client-secrets.ts'
import { createLoadIntent, type LoadIntent } from './load-intent.ts'
import { createPay, type Pay } from './pay.ts'
import type { AdmitAttempt, DecidePrice, NoteRefusedProof, OrderOfQuote, ReportAttempt } from './ports.ts'
import { createProofOfPayer, type ProofOfPayer } from './proof-of-payer.ts'
import { createTakeOver } from './take-over.ts'

export interface Payments {
  readonly pay: Pay
  readonly change: ChangePayment
  readonly changePrice: ChangePrice
  readonly loadIntent: LoadIntent
  /** For other calls that try a card, such as one that is checked and kept. */
  readonly cardGate: CardGate
  readonly proof: ProofOfPayer
  readonly recovery: AttemptRecovery
}

export interface PaymentsDeps {
  readonly attempts: PaymentAttemptStore
  /** What is known of payments by their events. */
  readonly stored: Pick<PaymentStore, 'find' | 'findByOrder' | 'settle'>
  /** Where these may lack what happened at Stripe. */
  readonly rowsBehind: RowsBehind
  /** How long an equal request without an order or a key of its own is the same request. */
  readonly repeatWindowMs: number
  stripeFor(appId: string): StripeGateway
  /** How long one call to Stripe may take. */
  readonly stripeTimeoutMs: number
  readonly decidePrice: DecidePrice
  readonly admitAttempt: AdmitAttempt
  readonly reportAttempt: ReportAttempt
  readonly orderOfQuote: OrderOfQuote
  readonly noteRefusedProof: NoteRefusedProof
  readonly clock: Clock
  readonly steady: SteadyClock
  /** Runs after each `ms` milliseconds until cancelled. */
  every(ms: number, run: () => void): () => void
  pause(ms: number): Promise<void>
  readonly log: Log
  /** A fresh random id. */
  newId(): string
}

export function createPayments(deps: PaymentsDeps): Payments {
  const { attempts, stored, clock, steady, log, newId, pause, every, decidePrice } = deps
  const stripeFor = (appId: string) => deps.stripeFor(appId)
  const loadIntent = createLoadIntent(stripeFor)
  const timeoutMs = deps.stripeTimeoutMs
  const takeIn = createTakeInPayment({ stored, clock })
  const catchUp = createCatchUp({ takeIn, stripeFor, rowsBehind: deps.rowsBehind })
  const paidAlready = createPaidAlready({ stored, loadIntent, catchUp })
  const timing = { clock, steady, pause }
  const runner = createAttemptRunner({ attempts, stripeFor, paidAlready, takeIn, ...timing, log, timeoutMs })
  const { repeatWindowMs } = deps
  const performer = createPerformAttempt({ attempts, runner, stripeFor, repeatWindowMs, ...timing, newId })
  const assertOwnCard = createAssertOwnCard({ stripeFor, loadIntent })
  const cardGate = createCardGate({ ...deps, assertOwnCard })
  const clientSecrets = createClientSecrets(loadIntent)
  const proof = createProofOfPayer({ ...deps, clientSecrets })
  const askerOf = createAskerOf(proof)
  const parts = { attempts, performer, loadIntent, decidePrice, cardGate, proof, askerOf }
  const changePrice = createChangePrice({ ...parts, stored, clock, log })

  /** Only its payer, or the app's server, acts on a payment that has begun. */
  function asPayer<It extends { readonly paymentIntentId: string }, Answer>(
    act: (caller: Caller, it: It) => Promise<Answer>,
  ) {
    return async (caller: Caller, it: It): Promise<Answer> => {
      const isServer = caller.principal.role === 'server'
      if (!isServer) await proof.assert(caller, await proof.beginningOf(caller, it.paymentIntentId))
      return act(caller, it)
    }
  }

  return {
    pay: createPay({ ...parts, changePrice, takeOver: createTakeOver(parts) }),
    change: asPayer(createChangePayment(parts)),
    changePrice: asPayer(changePrice),
    loadIntent,
    cardGate,
    proof,
    recovery: createAttemptRecovery({ attempts, runner, every, log }),
  }
}
