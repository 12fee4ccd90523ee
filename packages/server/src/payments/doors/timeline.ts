/** What happened to a payment, in order: our calls to Stripe, and the events that Stripe sent. */
import { z } from 'zod'
import type { EventStore, StoredEvent } from '../../store/event-store.ts'
import type { PaymentAttempt } from '../../store/payment-attempt-store.ts'
import { soldItemsOf } from '../../store/sold-items.ts'

const text = z.string()
const milliseconds = z.int()

const attemptEntry = z.object({
  object: z.literal('payment_attempt'),
  at: milliseconds.describe('When the attempt was written down, before its call.'),
  id: text,
  operation: z.enum(['create', 'update', 'confirm', 'capture', 'cancel', 'refund']),
  state: z.enum(['open', 'succeeded', 'requires_action', 'processing', 'failed']),
  tries: z.int().describe('How often the call was sent.'),
  idempotency_key: text.describe('Under which Stripe knows the call.'),
  amount: z.int().nullable().describe('Of a create or an update: the price that it sets, in minor units.'),
  currency: text.nullable(),
  items: z
    .array(z.object({ id: text, quantity: z.int(), unit_amount: z.int().nullable() }))
    .nullable()
    .describe('What was sold for that price.'),
  charge: text.nullable(),
  refund: text.nullable(),
  payment_status: text.nullable().describe('The payment’s status that the call led to.'),
  error: z.object({ code: text, message: text }).nullable(),
  last_problem: text.nullable().describe('Why a try had no outcome.'),
  next_try_at: milliseconds.nullable().describe('While open.'),
  finished_at: milliseconds.nullable(),
})

const eventEntry = z.object({
  object: z.literal('stripe_event'),
  at: milliseconds.describe('When it was received.'),
  event_id: text,
  type: text,
  status: text.nullable(),
  charge: text.nullable(),
  amount: z.int().nullable(),
  created: z.int().describe('When Stripe created it, in seconds.'),
  source: z.enum(['webhook', 'repair', 'replay']).describe('How it came.'),
  position: z.int(),
  handling: z.object({
    state: z.enum(['received', 'handled', 'failed', 'dead']).nullable(),
    attempts: z.int(),
    handled_at: milliseconds.nullable(),
  }),
})

export const timelineSchema = z.object({
  object: z.literal('list'),
  url: text,
  has_more: z.literal(false),
  data: z.array(z.union([attemptEntry, eventEntry])),
})

export type TimelineEntry = z.output<typeof timelineSchema>['data'][number]

/** More than one payment ever has; the oldest are shown. */
const MOST_EVENTS = 500

/** The events that name the payment, each with how its handling went. */
export async function readTimeline(
  events: Pick<EventStore, 'page' | 'handling'>,
  of: { readonly appId: string; readonly paymentIntentId: string },
  attempts: readonly PaymentAttempt[],
): Promise<TimelineEntry[]> {
  const found = await events.page({
    appId: of.appId,
    where: {
      kind: 'comparison',
      field: { name: 'paymentIntentId', position: 0 },
      operator: '=',
      value: { kind: 'text', value: of.paymentIntentId, position: 0 },
    },
    after: 0,
    limit: MOST_EVENTS,
  })
  const entries = await Promise.all(found.map((event) => eventOf(events, event)))
  // At one moment the call comes before the events that it caused.
  return [...attempts.map(attemptOf), ...entries].sort((a, b) => a.at - b.at)
}

function attemptOf(attempt: PaymentAttempt): TimelineEntry {
  const { failure } = attempt
  return {
    object: 'payment_attempt',
    at: attempt.createdAt,
    id: attempt.id,
    operation: attempt.call.operation,
    state: attempt.state,
    tries: attempt.tries,
    idempotency_key: attempt.idempotencyKey,
    ...priceOf(attempt),
    charge: attempt.chargeId,
    refund: attempt.refundId,
    payment_status: attempt.paymentStatus,
    error: failure === null ? null : { code: failure.code, message: failure.message },
    last_problem: attempt.lastError,
    next_try_at: attempt.state === 'open' ? attempt.dueAt : null,
    finished_at: attempt.finishedAt,
  }
}

/** What a create or a change of price asks for; a confirmation and the others set none. */
function priceOf({ call, terms }: PaymentAttempt) {
  const sets = call.operation === 'create' || call.operation === 'update' ? terms : null
  const { amount, currency } = sets ?? {}
  const items = sets === null ? null : soldItemsOf(sets)
  return {
    amount: typeof amount === 'number' ? amount : null,
    currency: typeof currency === 'string' ? currency : null,
    items: items === null ? null : [...items],
  }
}

async function eventOf(events: Pick<EventStore, 'handling'>, event: StoredEvent): Promise<TimelineEntry> {
  const handling = await events.handling(event.position)
  return {
    object: 'stripe_event',
    at: event.created,
    event_id: event.eventId,
    type: event.type,
    status: event.status,
    charge: event.chargeId,
    amount: event.amount,
    created: event.stripeCreated,
    source: event.source,
    position: event.position,
    handling: {
      state: handling?.state ?? null,
      attempts: handling?.attempts.length ?? 0,
      handled_at: handling?.handledAt ?? null,
    },
  }
}
