/** A stored message as its page, and as its sender, get to see it. */
import { type PageMessage, type PageMessageEnd, UI_ENVELOPE_FIELDS } from '@tollbridge/protocol'
import { isSameTab } from '../store/ui-message-state.ts'
import type { UiMessage, UiPage } from '../store/ui-message-store.ts'
import { dataForPage } from './message-intent.ts'

/** Without handlers, and without more of an intent than its client secret. */
export function toPageMessage({ id, original, callbacks, expiresAt }: UiMessage): PageMessage {
  const { scope, name } = original
  const extras = Object.entries(original).filter(([field]) => !ENVELOPE.has(field))
  return {
    id,
    scope,
    name,
    data: dataForPage(original['data']),
    callbackNames: Object.keys(callbacks),
    expiresAt,
    extras: Object.fromEntries(extras),
  }
}

/** What a callback gets as `originalMessage`: the server's own copy. */
export function originalMessage({ id, original }: UiMessage): Readonly<Record<string, unknown>> {
  return { ...original, id }
}

/** Why the message is over for a tab; null: it may show it. */
export function endFor(
  { state, endsAs, claimedBy }: UiMessage,
  page: Pick<UiPage, 'user' | 'tab'>,
): PageMessageEnd | null {
  const now = endsAs ?? state
  switch (now) {
    case 'queued':
    case 'delivered':
      return null
    case 'claimed':
      return claimedBy !== null && isSameTab(claimedBy, page) ? null : 'claimed'
    case 'settled':
    case 'canceled':
      return now
    default:
      return 'expired'
  }
}

const ENVELOPE: ReadonlySet<string> = new Set(UI_ENVELOPE_FIELDS)
