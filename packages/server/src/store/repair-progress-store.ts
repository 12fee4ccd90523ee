/** The port to how far the comparison with Stripe's own events has come, for each app. */

export interface RepairProgressStore {
  /** @returns Stripe's time in seconds up to which all events were compared; null: never yet. */
  get(appId: string): Promise<number | null>
  /** Never goes back. */
  advance(appId: string, stripeCreated: number): Promise<void>
}
