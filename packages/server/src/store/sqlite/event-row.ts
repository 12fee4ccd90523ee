/** Rows of the event log to and from domain types, at the edge of the store. */

import type { SQLInputValue } from 'node:sqlite'
import type { SealedTexts } from '../../secrets/client-secrets.ts'
import type { NewEvent, StoredEvent } from '../event-store.ts'
import type { EventRow } from './schema.ts'

export const INSERT_EVENT = `
  INSERT INTO events (
    app_id, object_id, event_id, type, id, object_type, charge_id, payment_intent_id, customer_id, order_id,
    amount, currency, status, livemode, api_version, stripe_created, created, source, account, context, flag,
    payload
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (app_id, event_id) DO NOTHING`

/** In the order of INSERT_EVENT. */
export function insertValues(event: NewEvent, texts: Pick<SealedTexts, 'seal'>): SQLInputValue[] {
  return [
    event.appId,
    event.objectId,
    event.eventId,
    event.type,
    event.id,
    event.objectType,
    event.chargeId,
    event.paymentIntentId,
    event.customerId,
    event.orderId,
    event.amount,
    event.currency,
    event.status,
    event.livemode ? 1 : 0,
    event.apiVersion,
    event.stripeCreated,
    event.receivedAt,
    event.source,
    event.account,
    event.context,
    event.flag,
    texts.seal(event.appId, event.payload),
  ]
}

export function toStoredEvent(row: EventRow, texts: Pick<SealedTexts, 'open'>): StoredEvent {
  return {
    position: row.position,
    appId: row.app_id,
    objectId: row.object_id,
    eventId: row.event_id,
    type: row.type,
    id: row.id,
    objectType: row.object_type,
    chargeId: row.charge_id,
    paymentIntentId: row.payment_intent_id,
    customerId: row.customer_id,
    orderId: row.order_id,
    amount: row.amount,
    currency: row.currency,
    status: row.status,
    livemode: row.livemode === 1,
    apiVersion: row.api_version,
    stripeCreated: row.stripe_created,
    created: row.created,
    updated: row.updated,
    ownerId: row.owner_id,
    source: row.source,
    account: row.account,
    context: row.context,
    flag: row.flag,
    payload: texts.open(row.app_id, row.payload),
  }
}
