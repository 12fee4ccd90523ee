/** One stored event on its way to listeners: each form is made when the first reader asks, and shared by all. */
import { type PublicationHeaders, STRIPE_CHANNEL, type StreamMessage } from '@tollbridge/protocol'
import { PAYLOAD_VIEWS, type PayloadView, showPayload } from '../access/payload-view.ts'
import { toHeaders } from '../store/event-columns.ts'
import type { StoredEvent } from '../store/event-store.ts'
import { readStoredJson } from '../store/stored-json.ts'
import { toStripeEventRow } from '../store/stripe-event-row.ts'

export type View = PayloadView

export interface Publication {
  readonly position: number
  readonly appId: string
  readonly headers: PublicationHeaders
  readonly event: StoredEvent
  /** One event of an SSE stream in UTF-8: `id:` and `data:` lines with the empty line at the end. */
  streamFrame(view: View): Buffer
  /** The JSON of a Backendless message, as `SUB_RES` carries it in `data`. */
  messageJson(view: View): string
  /** The JSON of the row in StripeEvents, as database listeners receive it. */
  rowJson(view: View): string
}

export function createPublication(event: StoredEvent): Publication {
  const headers = toHeaders(event)
  const messageId = `message:${event.objectId}`
  const parsed = once(() => readStoredJson(event.payload) as Record<string, unknown>)
  const shown = byView((view) => showPayload(parsed(), view) as StreamMessage['message'])
  const shownJson = byView((view) => JSON.stringify(shown(view)))

  return {
    position: event.position,
    appId: event.appId,
    headers,
    event,
    streamFrame: byView((view) => {
      const facts: Omit<StreamMessage, 'message'> = {
        position: event.position,
        channel: STRIPE_CHANNEL,
        messageId,
        timestamp: event.created,
        headers,
      }
      return Buffer.from(`id: ${event.position}\ndata: ${withLast(facts, 'message', shownJson(view))}\n\n`)
    }),
    messageJson: byView((view) => {
      const facts = { ...MESSAGE_DEFAULTS, messageId, timestamp: event.created, headers }
      return withLast(facts, 'message', shownJson(view))
    }),
    rowJson: byView((payloads) => JSON.stringify(toStripeEventRow(event, { payloads }))),
  }
}

/** What every message of the Backendless cloud carries besides; clients read some of it unconditionally. */
const MESSAGE_DEFAULTS = {
  publisherId: null,
  subtopic: null,
  pushSinglecast: null,
  pushBroadcast: null,
  publishPolicy: null,
  templateValues: null,
  query: null,
  publishAt: 0,
  repeatEvery: 0,
  repeatExpiresAt: 0,
}

/** Adds a member that is JSON already, so that the large part is written once for all forms. */
function withLast(facts: object, name: string, json: string): string {
  return `${JSON.stringify(facts).slice(0, -1)},${JSON.stringify(name)}:${json}}`
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function byView<T>(make: (view: View) => T): (view: View) => T {
  const views = new Map(PAYLOAD_VIEWS.map((view) => [view, once(() => make(view))]))
  return (view) => (views.get(view) as () => T)()
}
