/** Reads of StripeEvents for one caller: the access rule first, then the store, then what the caller may see. */
import { type Expression, pinnedLiterals, TRANSACTION_PINS } from '@tollbridge/protocol'
import { type ClientPayloads, payloadView } from '../../access/payload-view.ts'
import type { Principal } from '../../access/principal.ts'
import { assertMayRead, type PinnedLiterals, type ReadPolicy } from '../../access/read-access.ts'
import { isInScope, withinScope } from '../../access/scope-condition.ts'
import { ServiceError } from '../../errors.ts'
import type { StripeEventColumn } from '../../store/event-columns.ts'
import type { EventStore, StoredEvent } from '../../store/event-store.ts'
import { type StripeEventRow, toStripeEventRow } from '../../store/stripe-event-row.ts'
import type { DataQuery } from './data-query.ts'

export interface ReadDeps {
  readonly events: Pick<EventStore, 'find' | 'count' | 'findByObjectId'>
  readonly policy: ReadPolicy
  readonly clientPayloads: ClientPayloads
}

export interface StripeEventReader {
  find(caller: Principal, query: DataQuery): Promise<readonly StripeEventRow[]>
  count(caller: Principal, where: Expression | null): Promise<number>
  /** Refuses with `object_not_found`. */
  findById(
    caller: Principal,
    objectId: string,
    columns: readonly StripeEventColumn[],
  ): Promise<StripeEventRow>
  /** Whether the caller may see an event of that objectId. */
  exists(caller: Principal, objectId: string): Promise<boolean>
}

export function createStripeEventReader({ events, policy, clientPayloads }: ReadDeps): StripeEventReader {
  const payloadsFor = (caller: Principal) => payloadView(caller, clientPayloads)

  const findVisible = async (caller: Principal, objectId: string): Promise<StoredEvent | null> => {
    const event = await events.findByObjectId(caller.appId, objectId)
    // The table holds what concerns the app, as its lists do.
    if (event === null || event.flag !== null) return null
    if (policy.requireWatchToken) {
      const scope = assertMayRead(caller, pinsOf(event), policy)
      if (scope !== null && !isInScope(scope, event)) return null
    }
    return event
  }

  return {
    async find(caller, { columns, ...query }) {
      const where = readable(caller, query.where, policy)
      const found = await events.find({ appId: caller.appId, ...query, where })
      return found.map((event) => toStripeEventRow(event, { columns, payloads: payloadsFor(caller) }))
    },
    async count(caller, where) {
      return events.count({ appId: caller.appId, where: readable(caller, where, policy) })
    },
    async findById(caller, objectId, columns) {
      const event = await findVisible(caller, objectId)
      if (event === null) throw objectNotFound(objectId)
      return toStripeEventRow(event, { columns, payloads: payloadsFor(caller) })
    },
    async exists(caller, objectId) {
      return (await findVisible(caller, objectId)) !== null
    },
  }
}

export function objectNotFound(id: string): ServiceError {
  return new ServiceError('object_not_found', {
    message: `Entity with ID ${id.slice(0, 255)} not found`,
    param: 'objectId',
  })
}

/** Throws for what the caller may not ask; narrows what a watch token opens in part. */
function readable(caller: Principal, where: Expression | null, policy: ReadPolicy): Expression | null {
  const pins = where === null ? new Map() : pinnedLiterals(where, [...TRANSACTION_PINS, 'objectId'])
  // An objectId is random and known only to who was shown the row, so it names one as well as a transaction id.
  const namesRows = pins.has('objectId') && !policy.requireWatchToken && caller.role === 'client'
  return namesRows ? where : withinScope(where, assertMayRead(caller, pins, policy))
}

/** The transaction that a row belongs to, as a where clause would pin it. */
function pinsOf(event: StoredEvent): PinnedLiterals {
  return new Map(
    TRANSACTION_PINS.flatMap((name) => {
      const value = event[name]
      return value === null ? [] : [[name, new Set([value])] as const]
    }),
  )
}
