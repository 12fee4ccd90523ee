/** What the event routes say about themselves. */
import { z } from 'zod'
import type { RouteDoc } from '../http/route-doc.ts'
import { listQuerySchema, talliesQuerySchema } from './schema.ts'

const text = z.string()
const milliseconds = z.int()

const eventSchema = z.looseObject({
  object: z.literal('stripe_event'),
  position: z.int().describe('Place in the log: what `after` and `before` take.'),
  objectId: text,
  created: milliseconds.describe('When it was received.'),
  id: text.describe('The transaction: the charge id where there is one, else the object’s id.'),
  type: text,
  eventId: text.describe('Stripe’s id of the event.'),
  objectType: text.nullable(),
  chargeId: text.nullable(),
  paymentIntentId: text.nullable(),
  customerId: text.nullable(),
  orderId: text.nullable(),
  amount: z.int().nullable(),
  currency: text.nullable(),
  status: text.nullable(),
  livemode: z.boolean(),
  apiVersion: text.nullable(),
  payload: z.looseObject({}).describe('The event; for client keys without personal data.'),
})

const handlingSchema = z.object({
  state: z.enum(['received', 'handled', 'failed', 'dead']),
  attempts: z.array(z.looseObject({ number: z.int(), outcome: z.enum(['handled', 'failed']) })),
  nextAttemptAt: milliseconds.nullable(),
  handledAt: milliseconds.nullable(),
})

const list = (item: z.ZodType) =>
  z.object({ object: z.literal('list'), url: text, has_more: z.boolean(), data: z.array(item) })

const tag = 'Events'

export const listEventsDoc: RouteDoc = {
  summary: 'List stored events, the newest first, or forward from a place in the log',
  description: 'A client key must name the transaction in `where`: id, paymentIntentId or orderId.',
  tag,
  keys: ['client', 'server', 'watch'],
  scope: 'read',
  query: listQuerySchema,
  answer: list(
    eventSchema.extend({ handling: handlingSchema.nullish().describe('Where `state` was asked for.') }),
  ),
}

export const talliesDoc: RouteDoc = {
  summary: 'Count events by day and type',
  tag,
  keys: ['server'],
  scope: 'read',
  query: talliesQuerySchema,
  answer: list(z.object({ day: text, type: text, count: z.int() })),
}

export const retrieveEventDoc: RouteDoc = {
  summary: 'Retrieve an event, with how its handling went',
  tag,
  keys: ['server'],
  scope: 'read',
  answer: eventSchema.extend({
    handling: handlingSchema.nullable(),
  }),
}
