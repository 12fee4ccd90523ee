/** The port to alarms: what an operator must look at, once each, until it is over. */

export type AlarmKind = 'amount_mismatch' | 'webhooks_silent'

export interface Alarm {
  readonly appId: string
  readonly kind: AlarmKind
  /** What it is about: a payment id, or the app id. */
  readonly subject: string
  /** A sentence that says what is wrong and what to do. */
  readonly message: string
  /** Milliseconds since the epoch, as are the others. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** How often it was raised. */
  readonly count: number
  readonly clearedAt: number | null
}

export type NewAlarm = Pick<Alarm, 'appId' | 'kind' | 'subject' | 'message'>

export interface AlarmStore {
  /** `raised`: it did not stand before; `repeated`: it did, and is counted once more. */
  raise(alarm: NewAlarm, now: number): Promise<'raised' | 'repeated'>
  clear(alarm: Pick<Alarm, 'appId' | 'kind' | 'subject'>, now: number): Promise<'cleared' | 'none'>
  /** The newest first. */
  list(query: {
    readonly appId: string
    /** false: also those that are over. */
    readonly onlyStanding: boolean
    readonly limit: number
  }): Promise<readonly Alarm[]>
}
