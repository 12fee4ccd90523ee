/** The port to payment attempts: each call that moves money, written down before it is made, and the order it pays. */

import type { SoldItem } from './sold-items.ts'

/** `update` changes the price. */
export type PaymentOperation = 'create' | 'update' | 'confirm' | 'capture' | 'cancel' | 'refund'

/** `open`: sent or about to be, outcome unknown. All others are final. */
export type AttemptState = 'open' | 'succeeded' | 'requires_action' | 'processing' | 'failed'

/** The call to Stripe, whole enough to be repeated after a crash. Never card data: tokens and ids only. */
export interface StripeCall {
  readonly operation: PaymentOperation
  /** The `pi_…` that the call is about; null for a create. */
  readonly paymentIntent: string | null
  readonly params: Readonly<Record<string, unknown>>
}

/** A failure as it is answered again to a repeat: the facts of a ServiceError. */
export interface StoredFailure {
  readonly code: string
  readonly message: string
  readonly param: string | null
  readonly details: Readonly<Record<string, unknown>>
  /** Whether Stripe did nothing, so that the same request may be tried again under a new key. */
  readonly retryable: boolean
}

/** Who began a payment, as far as a later request can show to be the same. */
export interface PayerMark {
  /** The app's server, a client with a quote that the server signed, or a client alone. */
  readonly by: 'server' | 'quote' | 'client'
  /** Digests of the keys and the card token that came with the request. */
  readonly keys: readonly string[]
}

export interface NewAttempt {
  /** `att_…` */
  readonly id: string
  readonly appId: string
  /** The connected account, or an empty text. */
  readonly account: string
  /** What one attempt at a time may be open for: `order:<id>`, `pi:<id>`, or the attempt itself. */
  readonly subject: string
  /** What makes a repeat a repeat: the caller's key or the single-use token; null: nothing does. */
  readonly requestKey: string | null
  /** Hash of the request's content: the same key with another fingerprint is refused. */
  readonly fingerprint: string
  readonly orderId: string | null
  /**
   * Of a create: what is paid, and how. Of an update: what it changes of that. Of a confirm: the price that the order
   * must have for the call to be made. Else null.
   */
  readonly terms: Readonly<Record<string, unknown>> | null
  readonly call: StripeCall
  /** Whose request it was; null in rows of before. */
  readonly payer: PayerMark | null
  /** Of a create: the PaymentIntent, canceled before, that the new one takes the place of; else null. */
  readonly replaces: string | null
  readonly idempotencyKey: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Stripe's time before the first sending, in milliseconds: whatever the call made is younger. */
  readonly sentAfter: number
}

export interface PaymentAttempt extends NewAttempt {
  readonly state: AttemptState
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
  readonly refundId: string | null
  /** The PaymentIntent's status that the call led to. */
  readonly paymentStatus: string | null
  readonly failure: StoredFailure | null
  /** How often the call was sent, the running one among them. */
  readonly tries: number
  /** When the present idempotency key was first sent, by the clock of this machine: for people, nothing is decided by it. */
  readonly firstSentAt: number
  readonly lastSentAt: number
  /** Stripe's time at the first look after the last sending that found nothing; null: nobody has looked since. */
  readonly absentSince: number | null
  /** Why the last try has no outcome. */
  readonly lastError: string | null
  /** While open: when to look whether its process is still there, or when the next try is due. */
  readonly dueAt: number | null
  /** Whether the outcome was never told to who asked for it: a request without a key may still ask for it once. */
  readonly isOwed: boolean
  readonly finishedAt: number | null
}

/** The right to send the call, and to write down what came of it. */
export interface AttemptLease {
  readonly attempt: PaymentAttempt
  readonly token: string
}

/** An order is paid through one PaymentIntent at a time; another one comes only when the one before is canceled. */
export interface PaymentOrder {
  readonly appId: string
  readonly account: string
  readonly orderId: string
  readonly paymentIntentId: string
  readonly terms: Readonly<Record<string, unknown>>
  /** Who began it; null in rows of before. */
  readonly payer: PayerMark | null
  readonly createdAt: number
}

export type ClaimOutcome =
  | { readonly outcome: 'claimed'; readonly lease: AttemptLease }
  /** The same request key was here before. */
  | { readonly outcome: 'repeated'; readonly attempt: PaymentAttempt }
  /** Another attempt at the same order or payment has no outcome yet. */
  | { readonly outcome: 'busy'; readonly attempt: PaymentAttempt }
  /** An attempt has this very id: the series has come further than was thought. */
  | { readonly outcome: 'taken' }
  /** A create for an order that has another PaymentIntent than the one to be replaced, or a confirm for one that has another price now. */
  | { readonly outcome: 'order_exists'; readonly order: PaymentOrder }

export interface AttemptResult {
  readonly state: Exclude<AttemptState, 'open'>
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
  readonly refundId: string | null
  readonly paymentStatus: string | null
  readonly failure: StoredFailure | null
  readonly isOwed: boolean
  readonly now: number
}

export interface LeaseOptions {
  readonly now: number
  readonly leaseUntil: number
  /** What is due later than this was written by a clock that has been set back since, and is due now. */
  readonly latest: number
}

/** Makes what replaces the parameters and the terms of an attempt. Pure: it runs inside the commit. */
export type RewriteParams = (content: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>

export interface PaymentAttemptStore {
  /** Writes the attempt and leases it, or says why not; on disk when it resolves. */
  claim(attempt: NewAttempt, options: { readonly leaseUntil: number }): Promise<ClaimOutcome>
  /** Takes back a claim whose call was never sent, as if it had not been made. */
  withdraw(lease: AttemptLease): Promise<'done' | 'lease_lost'>
  find(appId: string, id: string): Promise<PaymentAttempt | null>
  findByRequestKey(appId: string, account: string, requestKey: string): Promise<PaymentAttempt | null>
  /** The outcome that is owed to a repeat without a key; it is then owed no more. */
  takeOwed(
    appId: string,
    account: string,
    subject: string,
    fingerprint: string,
  ): Promise<PaymentAttempt | null>
  /** Leases an open attempt that nobody holds, or whose time has come; null when it is held or final. */
  resume(appId: string, id: string, options: LeaseOptions): Promise<AttemptLease | null>
  /**
   * Opens a retryable failure again, under the given idempotency key; null unless it is one. A create for an order that got
   * its PaymentIntent meanwhile, or a confirm for one that got another price, stays ended, and gives up its request key,
   * so that the request can be made anew.
   */
  reopen(
    appId: string,
    id: string,
    options: { readonly idempotencyKey: string; readonly now: number; readonly leaseUntil: number },
  ): Promise<AttemptLease | 'busy' | 'order_exists' | null>
  /** Leases open attempts whose time has come, the oldest first, but for those that are given. */
  leaseDue(
    options: LeaseOptions & { readonly limit: number; readonly except: readonly string[] },
  ): Promise<readonly AttemptLease[]>
  /** Notes that the leased call is sent once more; looks of before count no more. */
  noteSent(lease: AttemptLease, now: number): Promise<'done' | 'lease_lost'>
  /**
   * Writes the outcome, and with it the order's PaymentIntent or its new price, in one commit. The card token leaves
   * the call, unless that may be sent again: it proves who the payer is. Without the lease it still replaces a
   * retryable failure of the same call, which says no more than that nobody saw it done.
   */
  finish(lease: AttemptLease, result: AttemptResult): Promise<'done' | 'lease_lost'>
  /** Gives the lease back without an outcome. */
  postpone(
    lease: AttemptLease,
    options: { readonly error: string; readonly dueAt: number; readonly absentSince: number | null },
  ): Promise<'done' | 'lease_lost'>
  /** The outcome of the attempt has been told. @returns whether it was owed */
  forgive(appId: string, id: string): Promise<boolean>
  /** The same request is a new one from now on. */
  giveUpRequestKey(appId: string, id: string): Promise<void>
  findOrder(appId: string, account: string, orderId: string): Promise<PaymentOrder | null>
  findOrderByIntent(appId: string, account: string, paymentIntentId: string): Promise<PaymentOrder | null>
  /** Writes an order whose row was lost, from what Stripe knows of it; one that is there stays as it is. */
  adoptOrder(order: PaymentOrder): Promise<'adopted' | 'known'>
  /** The connected accounts on which the app has tried payments. */
  knownAccounts(appId: string): Promise<readonly string[]>
  /** Every attempt at a payment, in the order in which they were made. */
  history(
    appId: string,
    of: {
      readonly account: string
      readonly paymentIntentId: string
      readonly orderId: string | null
    },
  ): Promise<readonly PaymentAttempt[]>
  /**
   * Replaces the parameters and terms of what was tried for a customer, and the terms of their orders, in one commit.
   * Attempts that are still open keep theirs, since the same call may have to be repeated. @returns how many attempts
   * and orders changed.
   */
  rewriteParams(
    appId: string,
    of: { readonly customerId: string; readonly paymentIntentIds: readonly string[] },
    rewrite: RewriteParams,
  ): Promise<number>
  /**
   * Does the same to the next of the oldest attempts, over all apps, as far as they were made before `createdBefore`,
   * and remembers the place: each attempt comes by once. Stops at one that is still open.
   */
  rewriteOldest(options: {
    readonly createdBefore: number
    readonly limit: number
    readonly rewrite: RewriteParams
  }): Promise<{ readonly examined: number; readonly changed: number }>
  /**
   * What the payments were sold for, by their ids, as their latest price says; those of which only a sum was priced, or
   * that were made elsewhere, are left out.
   */
  soldItems(
    appId: string,
    paymentIntentIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly SoldItem[]>>
  /** Whether the app has ever tried a payment on this connected account. */
  knowsAccount(appId: string, account: string): Promise<boolean>
  /** Open attempts of all apps that began before then, the oldest first. */
  openSince(options: {
    readonly createdBefore: number
    readonly limit: number
  }): Promise<readonly PaymentAttempt[]>
  /** When the next open attempt falls due; null when none is open. */
  nextDueAt(): Promise<number | null>
}
