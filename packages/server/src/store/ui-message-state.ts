/** Which step a message for a page may take: decided once, and run by every backend inside its transaction. */
import type { UiMessage, UiMessageState, UiPage, UiSettlement, UiTaking } from './ui-message-store.ts'

/** So often a job is handed out without an answer before it counts as failed. */
export const MOST_DELIVERIES = 20
export const UNANSWERED_JOB = `It was delivered ${MOST_DELIVERIES} times and never acknowledged.`

const OPEN: ReadonlySet<UiMessageState> = new Set(['queued', 'delivered', 'claimed'])

/** Whether it still waits for a page or its answer, whatever the time. */
export function isOpen({ state, endsAs }: Pick<UiMessage, 'state' | 'endsAs'>): boolean {
  return OPEN.has(state) && endsAs === null
}

/** Whether nothing but Stripe's word about its intent is missing to its end. */
export function isEnding({ state, endsAs }: Pick<UiMessage, 'state' | 'endsAs'>): boolean {
  return OPEN.has(state) && endsAs !== null
}

export function isSameTab(a: Pick<UiPage, 'user' | 'tab'>, b: Pick<UiPage, 'user' | 'tab'>): boolean {
  return a.user === b.user && a.tab === b.tab
}

/** Whether the message was sent to this tab at all. */
export function reaches(
  { users, tab }: Pick<UiMessage, 'users' | 'tab'>,
  page: Pick<UiPage, 'user' | 'tab'>,
): boolean {
  return users.includes(page.user) && (tab === null || tab === page.tab)
}

/** Whether a tab may claim or settle it now. */
export function judgeTaking(message: UiMessage | null, page: UiPage, now: number): UiTaking['outcome'] {
  if (message === null || !reaches(message, page)) return 'unknown'
  if (message.state === 'settled') return 'settled'
  if (!isOpen(message) || message.expiresAt <= now) return 'ended'
  if (message.claimedBy !== null && !isSameTab(message.claimedBy, page)) return 'claimed'
  return 'taken'
}

/** Whether a callback may end it now. What Stripe itself said counts for as long as the message has no end. */
export function judgeSettling(
  message: UiMessage | null,
  { page, verified }: Pick<UiSettlement, 'page' | 'verified'>,
  now: number,
): UiTaking['outcome'] {
  if (page !== null && (!verified || message === null || !reaches(message, page))) {
    return judgeTaking(message, page, now)
  }
  if (message === null) return 'unknown'
  if (message.state === 'settled') return 'settled'
  return verified && (isOpen(message) || isEnding(message)) ? 'taken' : 'ended'
}

/** What a message becomes whose time is over. */
export function stateAtExpiry({ state }: Pick<UiMessage, 'state'>): 'expired' | 'undeliverable' {
  return state === 'queued' ? 'undeliverable' : 'expired'
}

/** The process that alone can run the handler; null: any that knows its name. */
export function instanceOf(handler: string | null): string | null {
  return /^inline:([\w-]{1,64}):\d+$/.exec(handler ?? '')?.[1] ?? null
}
