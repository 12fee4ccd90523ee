/** Answers whose class the Java SDK looks for by name; what is anonymous there ends in an exception in the app. */
import {
  STRIPE_EVENTS_TABLE,
  type StripeEventColumn,
  stripeEventColumns,
} from '../../../store/event-columns.ts'
import type { StripeEventRow } from '../../../store/stripe-event-row.ts'
import { type AmfValue, TypedObject } from '../amf/value.ts'
import { describeStripeEvents } from '../describe-stripe-events.ts'
import { asSent } from './fault-form.ts'

/** Typed as its table for stores of classes, and with `___class` for stores of maps; times are dates. */
export function toJavaRow(row: StripeEventRow): TypedObject {
  const members = Object.entries(asSent(row)).map(([name, value]) => [
    name,
    isTime(name) ? toDate(value) : value,
  ])
  return new TypedObject(STRIPE_EVENTS_TABLE, Object.fromEntries(members) as Record<string, AmfValue>)
}

export function javaDescription(): readonly TypedObject[] {
  return describeStripeEvents().map(
    ({ name, required, type }) =>
      new TypedObject('com.backendless.services.persistence.ObjectProperty', {
        name,
        required,
        // Releases up to 6.3.1 have no name for JSON, and one that they do not know spoils the whole list.
        type: type === 'JSON' ? 'UNKNOWN' : type,
        relatedTable: null,
        defaultValue: null,
      }),
  )
}

export function javaMessageStatus(messageId: string): TypedObject {
  return new TypedObject('com.backendless.messaging.MessageStatus', {
    messageId,
    errorMessage: null,
    status: 'PUBLISHED',
    sendBy: null,
  })
}

function isTime(name: string): boolean {
  return (
    Object.hasOwn(stripeEventColumns, name) && stripeEventColumns[name as StripeEventColumn] === 'timestamp'
  )
}

function toDate(value: AmfValue): AmfValue {
  return typeof value === 'number' ? new Date(value) : value
}
