/** Our own ids of rows: UUIDs of version 7, whose lead is the time, so that their index grows at its end. */

/**
 * @param now milliseconds since the epoch
 * @param uuid a random UUID (version 4); all of its random bits but the first 48 are kept
 */
export function makeObjectId(now: number, uuid: string): string {
  const time = now.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`
}
