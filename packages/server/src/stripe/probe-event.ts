/** The signed test event of the doctor: it proves that a delivery arrives and verifies, and is never stored. */

export const PROBE_EVENT_TYPE = 'tollbridge.round_trip'

/** @param id a fresh `evt_…`, which the answer repeats @param now milliseconds since the epoch */
export function probeEvent(id: string, now: number): string {
  return JSON.stringify({
    id,
    object: 'event',
    type: PROBE_EVENT_TYPE,
    created: Math.floor(now / 1000),
    livemode: false,
    data: { object: { object: 'tollbridge.probe' } },
  })
}

export function isProbeEvent(event: { readonly type: string }): boolean {
  return event.type === PROBE_EVENT_TYPE
}
