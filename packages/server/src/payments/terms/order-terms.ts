/** What an order costs and how it is paid: fixed by its first request, compared with every later one. */
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import { canonicalJson } from '../attempts/fingerprint.ts'
import type { Price, SignedTerms, SoldItem } from '../ports.ts'
import type { AskedPrice, PaymentInput } from './payment-input.ts'

/** The part of the terms that a price change replaces. */
export interface PriceTerms {
  readonly amount: number
  readonly currency: string
  /** What the client said of the price; a repeat of the same words needs no new decision. */
  readonly asked: AskedPrice
  /** Whose word the price is; a quote is the server's. Absent in rows of before, and after a row was cut down. */
  readonly set_by?: Setter
  /** Its place in the order of issue; absent in rows of before. */
  readonly issued?: number | null
  /** The `jti` of the quote that set it. */
  readonly quote?: string | null
  /** What that quote says beside the price. */
  readonly signed?: SignedTerms | null
  /** What was priced. */
  readonly items?: readonly SoldItem[] | null
}

export type Setter = 'client' | 'server'

export interface OrderTerms extends PriceTerms {
  readonly capture_method: 'automatic' | 'manual'
  readonly save_card: PaymentInput['saveCard']
  readonly customer: string | null
  readonly description: string | null
  readonly receipt_email: string | null
  readonly metadata: Readonly<Record<string, string>>
}

/** Before it is known whose word they are. */
export type NewTerms = Omit<OrderTerms, 'set_by'>

const COMPARED = [
  'amount',
  'currency',
  'capture_method',
  'save_card',
  'customer',
  'description',
  'receipt_email',
  'metadata',
] as const

export function setterOf(role: Principal['role'], source: Price['source']): Setter {
  return role === 'server' || source === 'quote' ? 'server' : 'client'
}

export function asksTheSame(terms: OrderTerms, asked: AskedPrice): boolean {
  return canonicalJson(terms.asked) === canonicalJson(asked)
}

/** A payer who learned the price of an order may be charged that one only. */
export function priceIn({ amount, currency }: OrderTerms): Pick<PriceTerms, 'amount' | 'currency'> {
  return { amount, currency }
}

export function hasSameTerms(before: OrderTerms, now: NewTerms): boolean {
  return differences(before, now).length === 0
}

/** Throws `idempotency_key_reused`, naming the fields that differ. */
export function assertSameTerms(orderId: string, before: OrderTerms, now: NewTerms): void {
  const different = differences(before, now)
  if (different.length === 0) return
  throw new ServiceError('idempotency_key_reused', {
    message: `The order ${orderId} came before with other content (${different.join(', ')}): repeat it unchanged, or use a new order_id.`,
    param: 'order_id',
    details: { different },
  })
}

function differences(before: OrderTerms, now: NewTerms): readonly string[] {
  return COMPARED.filter((name) => canonicalJson(before[name]) !== canonicalJson(now[name]))
}

/** The order with what the quote names of the new terms, which a client cannot have named before. */
export function withSigned(before: OrderTerms, now: NewTerms, signed: SignedTerms): OrderTerms {
  const named = COMPARED.filter((name) => name === 'amount' || name === 'currency' || name in signed)
  return { ...before, ...Object.fromEntries(named.map((name) => [name, now[name]])) }
}
