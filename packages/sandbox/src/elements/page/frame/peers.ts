/** The frames of one card see each other, so that no part of it passes through the page. */

/** What a frame shows to its siblings, which have its origin. */
export interface Peer {
  validate(): unknown
  card(): Record<string, unknown>
}

declare global {
  interface Window {
    sandboxElementPeer?: Peer
  }
}

export function offerToPeers(peer: Peer): void {
  window.sandboxElementPeer = peer
}

export function peersNamed(names: readonly string[]): Peer[] {
  return names.flatMap((name) => {
    const siblings = window.parent.frames as unknown as Record<string, Window | undefined>
    return siblings[name]?.sandboxElementPeer ?? []
  })
}

/** The other parts of the card, as the API takes them. */
export function partsOfPeers(names: readonly string[]): Record<string, unknown> {
  return Object.assign({}, ...peersNamed(names).map((peer) => peer.card()))
}
