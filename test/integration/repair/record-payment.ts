/** Plays a payment through at the sandbox with the official SDK, and records the events that it makes. */
import { Stripe } from 'stripe'
import { createManualClock, createSandbox, type Sandbox } from '../../../packages/sandbox/src/index.ts'
import { systemClock, systemSteadyClock } from '../../../packages/server/src/clock.ts'
import type { PaymentFacts } from '../../../packages/server/src/payment-state/fold-payment.ts'
import type { PaymentSource } from '../../../packages/server/src/repair/read-payment.ts'
import { storedEvent } from '../../../packages/server/src/store/stored-event.ts'
import { eventFacts } from '../../../packages/server/src/stripe/event-facts.ts'
import { createLiveGateway } from '../../../packages/server/src/stripe/live-gateway.ts'
import { createStripeTime } from '../../../packages/server/src/stripe/stripe-time.ts'
import { changesOf, eventHandlers } from '../../../packages/server/src/webhooks/event-handlers.ts'

export interface Stage {
  readonly stripe: Stripe
  readonly sandbox: Sandbox
  /** Lets time pass at Stripe, and what falls due happen. */
  wait(ms: number): Promise<void>
  /** Between two steps of a story: a while, or no time at all. */
  next(): Promise<void>
}

/** @returns the id of the payment. */
export type Story = (stage: Stage) => Promise<string>

export interface RecordedPayment {
  readonly id: string
  /** In the order in which Stripe created them. */
  readonly types: readonly string[]
  readonly facts: readonly PaymentFacts[]
  /** Stripe as it is at the end. */
  readonly source: PaymentSource
  readonly stripe: Stripe
  close(): Promise<void>
}

const START = Date.UTC(2026, 10, 21, 12)

/** @param pace whether seconds pass between the steps, or all happens within one. */
export async function recordPayment(story: Story, pace: 'slow' | 'at_once'): Promise<RecordedPayment> {
  const sandbox = createSandbox({ clock: createManualClock(START) })
  const { url } = await sandbox.listen({ port: 0 })
  const { hostname, port } = new URL(url)
  const stripe = new Stripe('sk_test_recorder', { host: hostname, port, protocol: 'http', telemetry: false })
  const wait = (ms: number) => sandbox.advance(ms)
  const id = await story({ stripe, sandbox, wait, next: () => wait(pace === 'slow' ? 5_000 : 0) })
  const events: Stripe.Event[] = []
  for await (const event of stripe.events.list({ limit: 100 })) events.unshift(event)
  const facts = events.flatMap((event) => factsOf(event)).filter(({ snapshot }) => snapshot.paymentId === id)
  return {
    id,
    types: events.map(({ type }) => type),
    facts,
    source: createLiveGateway({
      secretKey: 'sk_test_recorder',
      apiBase: url,
      timeoutMs: 10_000,
      time: createStripeTime({ clock: systemClock, steady: systemSteadyClock }),
    }),
    stripe,
    close: () => sandbox.close(),
  }
}

/** Through the rules of the product itself. */
function factsOf(event: Stripe.Event): PaymentFacts[] {
  const stored = storedEvent(
    {
      ...eventFacts({ ...event }),
      appId: 'app_1',
      objectId: event.id,
      receivedAt: START,
      source: 'webhook',
      flag: null,
      payload: JSON.stringify(event),
    },
    1,
  )
  return changesOf(stored, eventHandlers).flatMap((change) =>
    change.kind === 'payment' ? [change.facts] : [],
  )
}
