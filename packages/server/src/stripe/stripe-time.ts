/** Stripe's own time: the `Date` of its answers, carried on by steady time between them. It alone decides about money. */
import type { Clock, SteadyClock } from '../clock.ts'

export interface StripeTime {
  /** Whole milliseconds since the epoch, never ahead of Stripe's clock; null: Stripe has not answered since the start. */
  now(): number | null
  /** A moment to hand to `since`. */
  mark(): number
  /** As `now`, if an answer came since the mark; null: nothing proves what time it is at Stripe. */
  since(mark: number): number | null
  /** How far the clock of this machine is ahead of Stripe's, in milliseconds; null: not measured yet. */
  skewMs(): number | null
  /** Takes in an answer's headers, by their lower-case names. */
  note(headers: { readonly [name: string]: string | readonly string[] | undefined }): void
}

export interface StripeTimeDeps {
  readonly clock: Clock
  readonly steady: SteadyClock
}

interface Reading {
  /** As the newest answer said. */
  readonly date: number
  /** When it came, in steady time. */
  readonly at: number
  readonly skewMs: number
}

export function createStripeTime({ clock, steady }: StripeTimeDeps): StripeTime {
  let newest: Reading | null = null
  const carriedOn = ({ date, at }: Reading) => date + Math.max(0, Math.floor(steady.elapsed() - at))
  return {
    now: () => (newest === null ? null : carriedOn(newest)),
    mark: () => steady.elapsed(),
    since: (mark) => (newest === null || newest.at < mark ? null : carriedOn(newest)),
    skewMs: () => newest?.skewMs ?? null,
    note(headers) {
      // A gateway or a sign-in page that answers in Stripe's place has a clock of its own, and no request id.
      const date = Date.parse(String(headers['date']))
      if (headers['request-id'] === undefined || Number.isNaN(date)) return
      newest = { date, at: steady.elapsed(), skewMs: clock.now() - date }
    },
  }
}

/** One for each Stripe, the real one or a local one: the apps of a server may be on several. */
export function createStripeTimes(deps: StripeTimeDeps): (apiBase: string | null) => StripeTime {
  const times = new Map<string | null, StripeTime>()
  return (apiBase) => {
    const held = times.get(apiBase) ?? createStripeTime(deps)
    times.set(apiBase, held)
    return held
  }
}
