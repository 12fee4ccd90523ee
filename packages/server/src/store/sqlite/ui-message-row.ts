/** Rows of messages for pages and of the callbacks that ended them ↔ the records of the port. */
import type { SealedTexts } from '../../secrets/client-secrets.ts'
import type { UiJob, UiJobState, UiMessage, UiMessageState } from '../ui-message-store.ts'

export interface UiMessageRow {
  readonly sequence: number
  readonly id: UiMessage['id']
  readonly app_id: string
  /** JSON, as are the next two. */
  readonly original: string
  readonly callbacks: string
  readonly users: string
  readonly tab: string | null
  readonly instance: string | null
  readonly request_key: string | null
  readonly fingerprint: string
  readonly created_at: number
  readonly expires_at: number
  readonly intent: string | null
  readonly intent_before: string | null
  readonly state: UiMessageState
  readonly ends_as: UiMessage['endsAs']
  /** JSON of a page. */
  readonly claimed_by: string | null
  readonly claims: number
  readonly ended_at: number | null
  readonly change: number
}

export interface UiCallbackRow {
  readonly id: UiJob['id']
  readonly app_id: string
  readonly message_id: UiJob['messageId']
  readonly callback: string
  /** JSON, as are page and handler_data. */
  readonly data: string
  readonly verified: number
  readonly page: string
  readonly handler: string | null
  readonly handler_data: string
  /** The only process that can run the handler. */
  readonly instance: string | null
  readonly state: UiJobState
  readonly error: string | null
  readonly deliveries: number
  readonly lease_token: string | null
  /** When it may be handed out: at once, or at the end of its lease; NULL when it is over. */
  readonly due_at: number | null
}

export function toUiMessage(row: UiMessageRow, texts: Pick<SealedTexts, 'open'>): UiMessage {
  return {
    id: row.id,
    appId: row.app_id,
    original: JSON.parse(texts.open(row.app_id, row.original)),
    callbacks: JSON.parse(row.callbacks),
    users: JSON.parse(row.users),
    tab: row.tab,
    instance: row.instance,
    requestKey: row.request_key,
    fingerprint: row.fingerprint,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    intent: row.intent,
    intentBefore: row.intent_before,
    state: row.state,
    endsAs: row.ends_as,
    claimedBy: row.claimed_by === null ? null : JSON.parse(row.claimed_by),
    claims: row.claims,
    endedAt: row.ended_at,
    change: row.change,
  }
}

export function toUiJob(row: UiCallbackRow, texts: Pick<SealedTexts, 'open'>): UiJob {
  return {
    id: row.id,
    messageId: row.message_id,
    callback: row.callback,
    data: JSON.parse(texts.open(row.app_id, row.data)),
    verified: row.verified === 1,
    page: JSON.parse(row.page),
    handler: { name: row.handler, data: JSON.parse(row.handler_data) },
    state: row.state,
    error: row.error,
    deliveries: row.deliveries,
  }
}
