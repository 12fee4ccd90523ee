/** What one Socket.IO connection may ask of this server. */

export interface SocketLimits {
  readonly subscriptions: number
  /** Characters that wait for a slow reader before it is dropped. */
  readonly pendingCharacters: number
  readonly messages: {
    /** At once, as a client that comes back sends all its subscriptions. */
    readonly burst: number
    readonly perSecond: number
  }
}

export const socketLimits: SocketLimits = {
  subscriptions: 500,
  pendingCharacters: 1024 * 1024,
  messages: { burst: 2_000, perSecond: 100 },
}

/** A client of protocol 3 sends everything that waits in one request: 500 subscriptions after a reconnect. */
export const LARGEST_REQUEST_BYTES = 256 * 1024
