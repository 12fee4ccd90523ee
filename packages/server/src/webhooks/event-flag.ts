/** Decides whether an event concerns the app that received it, before anything is done about it. */
import type { AppMode } from '../store/app-store.ts'
import type { EventFacts, EventFlag } from '../store/event-store.ts'

/** What an app takes for its own. */
export interface EventHome {
  readonly mode: AppMode
  /** Its own account (`acct_…`), where it is known. Stripe names it in no event but a Connect endpoint's. */
  readonly ownAccount: string | null
  /** Connect: the accounts (`acct_…`) whose events the app takes beside its own; `all`: any account's. */
  readonly connectedAccounts: readonly string[] | 'all'
}

/** Types of this prefix are made by us, for round trips, never by Stripe; they tell of nothing that happened. */
const OWN_TYPES = 'tollbridge.'

/**
 * null: the event is the app's own. An endpoint for Connect gets events of every connected account, and one in live
 * mode gets test events too: both are kept, and mean nothing here.
 */
export function eventFlag(
  { type, livemode, account }: Pick<EventFacts, 'type' | 'livemode' | 'account'>,
  { mode, ownAccount, connectedAccounts }: EventHome,
): EventFlag | null {
  if (type.startsWith(OWN_TYPES)) return 'doctor'
  if (livemode !== (mode === 'live')) return 'wrong_mode'
  const isOwn = account === null || account === ownAccount
  const isTaken = isOwn || connectedAccounts === 'all' || connectedAccounts.includes(account)
  return isTaken ? null : 'foreign_account'
}
