/** The port to messages for pages: what was sent, who has it, how it ended, the callbacks to run, and who is connected. */
import type { AppId } from '../access/principal.ts'

export type UiMessageId = `uim_${string}`
export type UiCallbackId = `uic_${string}`

export type UiMessageState =
  | 'queued'
  | 'delivered'
  | 'claimed'
  | 'settled'
  | 'canceled'
  | 'expired'
  | 'undeliverable'

/** A tab of a user: whom a message reaches, and who may answer it. */
export interface UiPage {
  readonly user: string
  readonly tab: string
  /** `uis_…`; a new one with each session token, so it identifies nobody. */
  readonly session: string
}

export interface UiHandler {
  /** null: only listeners hear of it. */
  readonly name: string | null
  /** What the sender wants back with the call. */
  readonly data: unknown
}

/** What the sender said. It never changes. */
export interface UiMessageContent {
  readonly id: UiMessageId
  readonly appId: AppId
  /** The message itself: `scope`, `name`, `data` and the sender's own fields. */
  readonly original: Readonly<Record<string, unknown>> & { readonly scope: string; readonly name: string }
  /** In the sender's order. */
  readonly callbacks: Readonly<Record<string, UiHandler>>
  /** Empty: it was sent to nobody. */
  readonly users: readonly string[]
  /** The one tab that gets it; null: every tab of the users. */
  readonly tab: string | null
  /** The process that sent it and wants to hear of its end. */
  readonly instance: string | null
  /** The sender's key for repeats, and what was sent under it. */
  readonly requestKey: string | null
  readonly fingerprint: string
  /** Milliseconds since the epoch, as are all times here. */
  readonly createdAt: number
  readonly expiresAt: number
  /** The intent of Stripe's that it is about (`seti_…`, `pi_…`); null in rows of before. */
  readonly intent: string | null
  /** The intent's status when the message was sent; null: Stripe could not be asked then. */
  readonly intentBefore: string | null
}

export interface NewUiMessage extends UiMessageContent {
  readonly state: 'queued' | 'undeliverable'
}

/** How a callback ended a message. */
export interface UiSettlement {
  readonly id: UiCallbackId
  /** The callback that runs, which may be another than the page named. */
  readonly callback: string
  readonly data: unknown
  /** Whether Stripe said so itself; then it ends the message whoever has it, and also past its time. */
  readonly verified: boolean
  /** Whose answer it was; null: nobody's, Stripe was asked without one. */
  readonly page: UiPage | null
}

export type UiJobState = 'pending' | 'done' | 'failed'

export interface UiJob extends UiSettlement {
  readonly messageId: UiMessageId
  readonly handler: UiHandler
  readonly state: UiJobState
  /** Why it failed. */
  readonly error: string | null
  readonly deliveries: number
}

export interface UiMessage extends UiMessageContent {
  readonly state: UiMessageState
  /** Set once it is over for every page, and until Stripe was asked how its intent ended: what it becomes if not well. */
  readonly endsAs: 'canceled' | 'expired' | 'undeliverable' | null
  readonly claimedBy: UiPage | null
  /** How often it was opened; more than once: a page was cut off while it showed it. */
  readonly claims: number
  readonly endedAt: number | null
  /** Grows with each change of any message: what tells the readers what is new. */
  readonly change: number
}

/** `taken`: done, be it now or by the same page before. The others say why not; the message is as it is now. */
export interface UiTaking {
  readonly outcome: 'taken' | 'claimed' | 'settled' | 'ended' | 'unknown'
  readonly message: UiMessage | null
}

/** Which jobs a stream of the app's server takes. */
export interface UiJobWish {
  readonly handlers: readonly string[]
  readonly instance: string | null
  /** Also those without a handler. */
  readonly listens: boolean
}

export interface UiLease {
  /** Of the stream; who shows it still has the job. */
  readonly token: string
  readonly until: number
}

export interface UiPresence {
  /** Of the stream that is open. */
  readonly holder: string
  readonly appId: AppId
  readonly page: Pick<UiPage, 'user' | 'tab'> | null
  /** Of the app's server; null for a page, or where it has none. */
  readonly instance: string | null
  /** Unless it is renewed, it counts as gone from then on. */
  readonly until: number
}

export interface UiMessageStore {
  /** `exists`: the same request key was used before, and that message comes back. */
  insert(
    message: NewUiMessage,
  ): Promise<{ readonly outcome: 'inserted' | 'exists'; readonly message: UiMessage }>
  find(appId: AppId, id: string): Promise<UiMessage | null>
  /** What a page that connects must get, oldest first: what nobody has claimed, and what this tab has. */
  openFor(appId: AppId, page: Pick<UiPage, 'user' | 'tab'>, now: number): Promise<readonly UiMessage[]>
  /** `queued` → `delivered`; others stay. */
  markDelivered(ids: readonly UiMessageId[]): Promise<void>
  claim(appId: AppId, id: string, page: UiPage, now: number): Promise<UiTaking>
  /** Ends the message and leaves one job, or changes nothing. */
  settle(appId: AppId, id: string, settlement: UiSettlement, now: number): Promise<UiTaking>
  /** Sets what it ends as; it is over for every page. null: there is none. One that has ended stays as it is. */
  cancel(appId: AppId, id: string, now: number): Promise<UiMessage | null>
  /** The same for what is past its time; and ends jobs that nobody ever acknowledges. @returns how many. */
  endOverdue(now: number, most: number): Promise<number>
  /** Those whose end waits for Stripe, oldest first. */
  ending(most: number): Promise<readonly UiMessage[]>
  /** Lets one become what it ends as; one that has ended, or is not about to, stays as it is. */
  finishEnding(appId: AppId, id: string, now: number): Promise<UiMessage | null>
  /** Messages about an intent that have not ended. */
  unendedOf(appId: AppId, intent: string): Promise<readonly UiMessage[]>
  /** Claimed messages whose tab is not connected anywhere. */
  abandoned(now: number, most: number): Promise<readonly UiMessage[]>
  /** Takes the claim back from a tab, so that the next one gets the message; nothing where another tab has it by now. */
  release(appId: AppId, id: string, from: Pick<UiPage, 'user' | 'tab'>): Promise<void>

  /** 0 before the first. */
  latestChange(): Promise<number>
  /** Messages that changed after that, in the order of their changes. */
  changesAfter(change: number, most: number): Promise<readonly UiMessage[]>
  /** Messages of one sender that ended after that change, in the order of their changes. */
  endedOf(appId: AppId, instance: string, change: number, most: number): Promise<readonly UiMessage[]>

  job(appId: AppId, id: string): Promise<UiJob | null>
  /** The callback that ended a message; null: none has. */
  jobOf(messageId: UiMessageId): Promise<UiJob | null>
  /** Gives up to `most` jobs that are due to one stream. */
  leaseJobs(
    appId: AppId,
    wish: UiJobWish,
    lease: UiLease,
    now: number,
    most: number,
  ): Promise<readonly UiJob[]>
  /** `lost`: it is done, or somebody else has it. */
  renewLease(appId: AppId, id: string, lease: UiLease): Promise<'renewed' | 'lost'>
  /** Lets whatever a stream holds come due no later than that. */
  cutLeases(token: string, until: number): Promise<void>
  /** The first end counts. @returns the job as it is now; null: there is none. */
  finishJob(appId: AppId, id: string, end: Pick<UiJob, 'state' | 'error'>, now: number): Promise<UiJob | null>

  putPresence(presence: UiPresence): Promise<void>
  /** Those that lapsed meanwhile, and were swept, are there again. */
  renewPresences(presences: readonly UiPresence[]): Promise<void>
  dropPresence(holder: string): Promise<void>
  /** How many tabs of these users are connected, or whether the one tab is. */
  countPages(appId: AppId, to: Pick<UiMessage, 'users' | 'tab'>, now: number): Promise<number>
  hasInstance(appId: AppId, instance: string, now: number): Promise<boolean>

  /**
   * Drops up to `most` messages that ended by `endedBy`, with their jobs, and lapsed presences. A job that nobody has
   * taken keeps its message until `unheardBy`. @returns how many.
   */
  sweep(
    times: { readonly endedBy: number; readonly unheardBy: number; readonly now: number },
    most: number,
  ): Promise<number>
}
