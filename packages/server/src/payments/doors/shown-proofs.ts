/** What a request shows to be its payer's, in its headers and its body. PROTOCOL.md §11. */
import type { FastifyRequest } from 'fastify'
import { ServiceError } from '../../errors.ts'
import type { Caller, ShownProofs } from '../caller.ts'
import { SHORTEST_PAYER_KEY } from '../payer-keys.ts'

/** Reads one header; null for none and for an empty one. */
export type ReadHeader = (name: string) => string | null

/** The longest that Stripe makes, and more. */
const LONGEST_SECRET = 512
const LONGEST_QUOTE = 8_192

/** Throws `parameter_invalid` about a header that cannot be one. */
export function shownInHeaders(read: ReadHeader): ShownProofs {
  return {
    payerKey: readPayerKey(read('tollbridge-payer-key'), 'Tollbridge-Payer-Key'),
    clientSecret: within(read('tollbridge-client-secret'), LONGEST_SECRET),
    quote: within(read('tollbridge-quote'), LONGEST_QUOTE),
    card: null,
  }
}

export function headersOf({ headers }: Pick<FastifyRequest, 'headers'>): ReadHeader {
  return (name) => {
    const value = headers[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
}

/** The caller with what the body shows beside; where both do, the body counts. */
export function withShown<C extends Caller>(
  caller: C,
  body: {
    readonly payer_key?: string | null | undefined
    readonly client_secret?: string | null | undefined
    readonly quote?: string | null | undefined
    readonly token?: string | null | undefined
  },
): C {
  const { shown } = caller
  return {
    ...caller,
    shown: {
      ...shown,
      payerKey: body.payer_key ?? shown.payerKey,
      clientSecret: body.client_secret ?? shown.clientSecret,
      quote: body.quote ?? shown.quote,
      card: body.token ?? shown.card,
    },
  }
}

/** @param param where it stood. Throws `parameter_invalid`. */
export function readPayerKey(key: string | null, param: string): string | null {
  if (key === null || (key.length >= SHORTEST_PAYER_KEY && key.length <= 255)) return key
  throw new ServiceError('parameter_invalid', {
    message: `The payer’s key (${param}) must have ${SHORTEST_PAYER_KEY} to 255 characters, made at random: who knows it is the payer.`,
    param,
  })
}

/** What is longer is none of ours, and so proves nothing. */
function within(value: string | null, longest: number): string | null {
  return value !== null && value.length <= longest ? value : null
}
