/** The rows of the SQLite database as Kysely and the row functions see them; the migrations make them. */
import type { Generated } from 'kysely'
import type { AppMode, AppRecord } from '../app-store.ts'
import type { EventFlag, EventSource, HandlingState } from '../event-store.ts'
import type { PaymentRow } from './payment-row.ts'
import type { PriceTables } from './price-rows.ts'

export interface EventRow {
  readonly position: number
  readonly app_id: string
  readonly object_id: string
  readonly event_id: string
  readonly type: string
  readonly id: string
  readonly object_type: string | null
  readonly charge_id: string | null
  readonly payment_intent_id: string | null
  readonly customer_id: string | null
  readonly order_id: string | null
  readonly amount: number | null
  readonly currency: string | null
  readonly status: string | null
  /** 0 or 1. */
  readonly livemode: number
  readonly api_version: string | null
  readonly account: string | null
  readonly context: string | null
  readonly stripe_created: number
  readonly created: number
  readonly updated: number | null
  readonly owner_id: string | null
  readonly source: EventSource
  readonly flag: EventFlag | null
  readonly payload: string
}

export interface EventHandlingRow {
  readonly position: number
  readonly app_id: string
  readonly state: HandlingState
  /** Tries begun, the running one among them. */
  readonly attempts: number
  /** Of these, the tries before the event was last given back to be handled. */
  readonly earlier: number
  /** Held by the worker that is at it. */
  readonly lease_token: string | null
  /** When the event may be taken: the end of the lease, or the next try; null when nothing is left to do. */
  readonly due_at: number | null
  /** When the try began that handled it. */
  readonly started_at: number | null
  readonly handled_at: number | null
}

/** A try that failed. One that succeeds is told by its `EventHandlingRow` alone, since nearly all do at once. */
export interface EventFailureRow {
  readonly position: number
  readonly number: number
  readonly app_id: string
  readonly started_at: number
  readonly failed_at: number
  readonly error: string
}

export interface EventTallyRow {
  readonly app_id: string
  readonly day: string
  readonly type: string
  readonly count: number
}

export interface AppRow {
  readonly sequence: Generated<number>
  readonly app_id: string
  readonly mode: AppMode
  readonly origin: AppRecord['origin']
  readonly name: string
  readonly currency: string | null
  readonly publishable_key: string | null
  readonly stripe_account_id: string | null
  readonly public_url: string | null
  readonly api_base: string | null
  readonly webhook_endpoint_id: string | null
  readonly disabled_at: number | null
  readonly created_at: number
}

export interface ServerKeyRow {
  readonly sequence: Generated<number>
  readonly app_id: string
  readonly key_hash: string
  readonly name: string
  /** With blanks between them. */
  readonly scopes: string
  readonly made_by: string | null
  readonly created_at: number | null
  readonly last_four: string | null
}

/** The one row that says how far retention has come. */
export interface RetentionRow {
  readonly id: number
  readonly position: number
  readonly attempt_sequence: number
}

export interface SecretRow {
  readonly app_id: string
  readonly name: string
  readonly value: string
  readonly note: string | null
  readonly created_at: number
  readonly valid_until: number | null
}

export interface SqliteSchema extends PriceTables {
  readonly payments: PaymentRow
  readonly events: EventRow
  readonly event_handling: EventHandlingRow
  readonly event_failures: EventFailureRow
  readonly event_tallies: EventTallyRow
  readonly retention: RetentionRow
  readonly apps: AppRow
  readonly secrets: SecretRow
  readonly operator_keys: { readonly key_hash: string; readonly created_at: number }
  readonly app_changes: {
    readonly only_row: number
    readonly version: number
    readonly probed_at: number | null
  }
  readonly app_client_keys: {
    readonly sequence: Generated<number>
    readonly app_id: string
    readonly client_key: string
  }
  readonly app_server_keys: ServerKeyRow
}
