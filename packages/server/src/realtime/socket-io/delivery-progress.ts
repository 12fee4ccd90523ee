/** How far one Socket.IO subscription has come: what was queued, what left this process, what surely arrived. */

export interface DeliveryProgress {
  /** The past is done: with nothing on its way, everything up to `position` counts as received. */
  caughtUp(position: number): void
  queued(position: number): void
  /** The event at `position` was handed to the operating system, or fetched by a poll. */
  flushed(position: number): void
  /** A heartbeat goes out behind everything queued so far. */
  mark(): void
  /** The answer to the last heartbeat came: everything before it has arrived. */
  prove(): void
  /** A polling client asked again: it has what the last answer carried. */
  proveFlushed(): void
  /** Null: nothing is known, so a next subscription starts as a new one. */
  readonly queuedPosition: number | null
  readonly flushedPosition: number | null
  readonly provenPosition: number | null
}

/** @param start where an earlier connection with the same ids stopped; null for a new subscription. */
export function createDeliveryProgress(start: number | null): DeliveryProgress {
  let queued = start
  let flushed = start
  let marked = start
  let proven = start

  return {
    caughtUp(position) {
      if (queued !== flushed) return
      if (proven === queued) marked = proven = position
      queued = flushed = position
    },
    queued(position) {
      queued = position
    },
    flushed(position) {
      flushed = position
    },
    mark() {
      marked = queued
    },
    prove() {
      proven = marked
    },
    proveFlushed() {
      proven = flushed
    },
    get queuedPosition() {
      return queued
    },
    get flushedPosition() {
      return flushed
    },
    get provenPosition() {
      return proven
    },
  }
}
