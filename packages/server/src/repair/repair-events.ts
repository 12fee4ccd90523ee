/** Compares the log with Stripe's own list of events, and stores what is missing, the oldest first. */
import type { Stripe } from 'stripe'
import type { RepairProgressStore } from '../store/repair-progress-store.ts'
import { cutTooDeep } from '../store/stored-json.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'

export type EventSourceGateway = Pick<StripeGateway, 'listEvents'>

/** Takes an event in as if a webhook had brought it. */
export type StoreMissing = (missing: {
  readonly appId: string
  readonly event: Readonly<Record<string, unknown>> & Pick<Stripe.Event, 'id' | 'type'>
  readonly payload: string
  readonly source: 'repair'
}) => Promise<'stored' | 'duplicate'>

export interface RepairEventsDeps {
  readonly stripe: EventSourceGateway
  readonly storeEvent: StoreMissing
  readonly progress: RepairProgressStore
}

export interface RepairRequest {
  readonly appId: string
  /** Milliseconds since the epoch: what was before does not concern the app. */
  readonly appCreatedAt: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** So young events are left to their webhook, which is on its way. */
  readonly graceMs: number
}

export interface RepairOutcome {
  readonly compared: number
  readonly stored: number
}

/** Stripe keeps events for 30 days. */
const MOST_SECONDS = 30 * 24 * 3600
/** Stripe's list is in no strict order of time, and events of one second come in several pages. */
const OVERLAP_SECONDS = 120
const PAGE = 100
/** As much as is held in memory at a time; a window with more is halved. */
const MOST_PAGES = 10

/** Both ends are among them; seconds. */
interface Window {
  readonly from: number
  readonly to: number
}

/** Throws the gateway's and the store's ServiceErrors; then the next run starts where this one did. */
export async function repairEvents(
  { appId, appCreatedAt, now, graceMs }: RepairRequest,
  deps: RepairEventsDeps,
): Promise<RepairOutcome> {
  const since = (await deps.progress.get(appId)) ?? Math.floor(appCreatedAt / 1000)
  const nowSeconds = Math.floor(now / 1000)
  const from = Math.max(since - OVERLAP_SECONDS, nowSeconds - MOST_SECONDS)
  // Without grace nothing is too young: Stripe's clock may be ahead of ours.
  const to = graceMs === 0 ? nowSeconds + MOST_SECONDS : Math.floor((now - graceMs) / 1000)
  const seen = { compared: 0, stored: 0, newest: 0 }
  if (from <= to) await repairWindow({ from, to })
  if (seen.newest > 0) await deps.progress.advance(appId, seen.newest)
  return { compared: seen.compared, stored: seen.stored }

  async function repairWindow(window: Window): Promise<void> {
    const isOneSecond = window.from === window.to
    const events = await listEvents(deps.stripe, window, isOneSecond ? Number.POSITIVE_INFINITY : MOST_PAGES)
    if (events === null) {
      const middle = Math.floor((window.from + Math.min(window.to, nowSeconds)) / 2)
      const split = Math.min(Math.max(middle, window.from), window.to - 1)
      await repairWindow({ from: window.from, to: split })
      await repairWindow({ from: split + 1, to: window.to })
      return
    }
    for (let start = 0; start < events.length; start += PAGE) {
      const outcomes = await Promise.all(events.slice(start, start + PAGE).map(store))
      seen.stored += outcomes.filter((outcome) => outcome === 'stored').length
    }
    seen.compared += events.length
    seen.newest = events.reduce((newest, { created }) => Math.max(newest, created), seen.newest)
  }

  function store(event: Stripe.Event): Promise<'stored' | 'duplicate'> {
    return deps.storeEvent({
      appId,
      event: { ...event },
      payload: JSON.stringify(cutTooDeep(event), null, 2),
      source: 'repair',
    })
  }
}

/** @returns the events of the window, the oldest first; null when there are more than fit. */
async function listEvents(
  stripe: EventSourceGateway,
  { from, to }: Window,
  mostPages: number,
): Promise<readonly Stripe.Event[] | null> {
  const newestFirst: Stripe.Event[] = []
  let last: string | undefined
  for (let pages = 0; ; pages++) {
    if (pages === mostPages) return null
    const page = await stripe.listEvents({
      created: { gte: from, lte: to },
      limit: PAGE,
      ...(last === undefined ? {} : { starting_after: last }),
    })
    newestFirst.push(...page.data)
    last = page.data.at(-1)?.id
    if (!page.has_more || last === undefined) return newestFirst.reverse()
  }
}
