/** How far a call to Stripe has come, so that an error is judged by where it happened and not by its words. */
import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * `preparing`: no connection was asked for yet. `connecting`: none stands. `handed_over`: a connection has the request,
 * or a part of it, so Stripe may act on it.
 */
export type CallStage = 'preparing' | 'connecting' | 'handed_over'

export interface CallProgress {
  stage: CallStage
}

const progress = new AsyncLocalStorage<CallProgress>()

/** Runs a call whose progress the HTTP client notes, however deep in the SDK it is made. */
export function withProgress<T>(of: CallProgress, call: () => Promise<T>): Promise<T> {
  return progress.run(of, call)
}

/** What the HTTP client notes its progress in. */
export function presentProgress(): CallProgress {
  return progress.getStore() ?? { stage: 'preparing' }
}
