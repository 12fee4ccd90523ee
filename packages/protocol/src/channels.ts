/** Channel names: `stripe`, and the form `stripe/<transaction id>` of the Backendless texts. */

export const STRIPE_CHANNEL = 'stripe'

export type ParsedChannel =
  | { readonly known: true; readonly channel: typeof STRIPE_CHANNEL; readonly transactionId: string | null }
  | { readonly known: false; readonly channel: string }

const TRANSACTION_ID = /^[A-Za-z0-9_-]{1,255}$/

/** Reads a channel name as a client sent it; `stripe/ch_1` means the channel `stripe` pinned to `id = 'ch_1'`. */
export function parseChannel(name: string): ParsedChannel {
  if (name === STRIPE_CHANNEL) return { known: true, channel: STRIPE_CHANNEL, transactionId: null }
  if (name.startsWith(`${STRIPE_CHANNEL}/`)) {
    const transactionId = name.slice(STRIPE_CHANNEL.length + 1)
    if (TRANSACTION_ID.test(transactionId)) return { known: true, channel: STRIPE_CHANNEL, transactionId }
  }
  return { known: false, channel: name }
}
