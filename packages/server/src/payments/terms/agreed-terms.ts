/** What a request comes to: its asker's words, and the server's, which are those of a quote and those that the order has. */
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import type { Price } from '../ports.ts'
import type { NewTerms, OrderTerms } from './order-terms.ts'
import type { AskedPrice, PaymentInput } from './payment-input.ts'

export type AgreedPrice = Pick<Price, 'amount' | 'currency' | 'issued' | 'items' | 'mayHold' | 'quote'>

export interface AgreeFacts {
  readonly role: Principal['role']
  /** By the customer token that the asker shows. */
  readonly customer: string | null
  readonly input: PaymentInput
  readonly price: AgreedPrice
  /** Of the order as it is; null: it begins now. */
  readonly before: OrderTerms | null
}

/** The price that an order has, for who asks in the very words in which it was set. */
export function presentPrice(terms: OrderTerms): AgreedPrice {
  const { amount, currency, issued = null, items = null, quote = null, signed } = terms
  return {
    amount,
    currency,
    issued,
    items,
    // Another capture than the order has is another order, whoever asks.
    mayHold: true,
    quote: quote === null ? null : { id: quote, isExpired: false, terms: signed ?? {} },
  }
}

/**
 * What changes the meaning of "paid" is the server's: where a client says nothing, the order keeps it, and where it says
 * something else than the quote, it is refused. Throws `price_mismatch`, `hold_refused` or `parameter_missing`.
 */
export function agreedTerms({ role, customer, input, price, before }: AgreeFacts): NewTerms {
  const signed = price.quote?.terms ?? {}
  const kept = role === 'server' ? null : before
  const saveCard = agreed('save_card', input.saveCard, signed.save_card) ?? kept?.save_card ?? null
  const payer =
    agreed('customer', input.customer, signed.customer) ??
    (before === null || kept === null ? customer : kept.customer)
  if (saveCard !== null && payer === null) {
    throw new ServiceError('parameter_missing', {
      message:
        'The field customer is missing; it must be sent with save_card: the card is kept with a customer.',
      param: 'customer',
    })
  }
  return {
    ...priceTerms(price, input.asked),
    capture_method: captureMethod(input, price, kept),
    save_card: saveCard,
    customer: payer,
    description: agreed('description', input.description, signed.description),
    receipt_email: agreed('receipt_email', input.receiptEmail, signed.receipt_email),
    metadata: agreedMetadata(input.metadata, signed.metadata ?? {}),
  }
}

/** The part that a change of price replaces. */
export function priceTerms({ amount, currency, issued, items, quote }: AgreedPrice, asked: AskedPrice) {
  return {
    amount,
    currency,
    asked,
    issued,
    items,
    quote: quote?.id ?? null,
    signed: quote?.terms ?? null,
  }
}

function captureMethod(
  { captureMethod: asked }: PaymentInput,
  { quote, mayHold }: AgreedPrice,
  kept: OrderTerms | null,
): OrderTerms['capture_method'] {
  const signed = quote?.terms.capture_method
  const method = agreed('capture_method', asked, signed) ?? kept?.capture_method ?? 'automatic'
  const isServers = signed !== undefined || mayHold || kept?.capture_method === 'manual'
  if (method === 'automatic' || isServers) return method
  throw new ServiceError('hold_refused', {
    message:
      'A page may ask for a hold (capture_method manual) only where a quote of the app’s server says so, or its price policy lets pages (allow_client_capture): leave the field capture_method out, or have the server sign it.',
    param: 'capture_method',
  })
}

function agreed<T extends string>(param: string, asked: T | null, signed: T | undefined): T | null {
  if (signed === undefined) return asked
  if (asked === null || asked === signed) return signed
  throw new ServiceError('price_mismatch', {
    message: `The quote says something else than the field ${param}: leave the field out, or ask the app’s server for another quote.`,
    param,
  })
}

function agreedMetadata(
  asked: Readonly<Record<string, string>>,
  signed: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(signed)) agreed(`metadata.${name}`, asked[name] ?? null, value)
  return { ...asked, ...signed }
}
