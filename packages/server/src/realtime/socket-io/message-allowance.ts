/** A token bucket: how many messages one connection may send. */
import type { Clock } from '../../clock.ts'

export interface MessageAllowance {
  /** @returns false when the message is one too many. */
  take(): boolean
}

export interface MessageAllowanceLimits {
  /** At once, as a client that comes back sends all its subscriptions. */
  readonly burst: number
  readonly perSecond: number
}

export function createMessageAllowance(
  clock: Clock,
  { burst, perSecond }: MessageAllowanceLimits,
): MessageAllowance {
  let left = burst
  let at = clock.now()
  return {
    take() {
      const now = clock.now()
      left = Math.min(burst, left + (Math.max(0, now - at) / 1000) * perSecond)
      at = now
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
