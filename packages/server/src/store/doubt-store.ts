/**
 * The port to doubts: since when Stripe may know of payments that the rows do not, because an older state of the
 * database was put back. While one stands, "there is no payment for this order" is Stripe's word alone.
 */

/**
 * `restored`: by the command. `went_back`: the file is older than it was. `replaced`: another database lies at its
 * place. `declared`: an operator says so.
 */
export type DoubtReason = 'restored' | 'went_back' | 'replaced' | 'declared'

export interface Doubt {
  readonly appId: string
  /** Stripe's time, in seconds: what it made from then on may be missing here. */
  readonly since: number
  readonly reason: DoubtReason
  /** Milliseconds since the epoch. */
  readonly notedAt: number
}

export interface DoubtStore {
  /** The doubt that stands about an app's rows; null: what they say is all there is. */
  standing(appId: string): Promise<Doubt | null>
  /** Every doubt that stands, of any app. */
  list(): Promise<readonly Doubt[]>
  /** Beside a doubt that stands, the earlier `since` counts, with the newer reason. */
  raise(doubt: Doubt): Promise<void>
  /**
   * Ends a doubt, once all that Stripe made since then is in the store. `changed`: it was raised again meanwhile, with
   * an earlier time or a newer note, and stands.
   */
  settle(doubt: Doubt): Promise<'settled' | 'changed'>
}
