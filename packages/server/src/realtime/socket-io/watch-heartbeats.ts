/** Tells when a client has proven what it received: by the heartbeats of each protocol, or by polling again. */
import type { Socket } from 'socket.io'

export type HeartbeatMoment =
  /** A heartbeat was queued behind everything sent so far. */
  | 'sent'
  /** The client answered the last one. */
  | 'answered'
  /** A polling client asked again, so it has its last answer. */
  | 'polled'

/** @returns the way to stop. */
export function watchHeartbeats(conn: Socket['conn'], tell: (moment: HeartbeatMoment) => void): () => void {
  const onPacketCreate = ({ type }: { type: string }) => {
    if (type === 'ping') tell('sent')
    // Protocol 3: the client pings, and does so again only after our pong; so its ping answers our last pong.
    if (type !== 'pong') return
    tell('answered')
    tell('sent')
  }
  const onHeartbeat = () => {
    if (conn.protocol !== 3) tell('answered')
  }
  const onFlush = () => {
    if (conn.transport.name === 'polling') tell('polled')
  }
  conn.on('packetCreate', onPacketCreate)
  conn.on('heartbeat', onHeartbeat)
  conn.on('flush', onFlush)
  return () => {
    conn.off('packetCreate', onPacketCreate)
    conn.off('heartbeat', onHeartbeat)
    conn.off('flush', onFlush)
  }
}
