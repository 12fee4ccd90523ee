/** The body of the seed's charge, checked field by field with an error of its own for each. */
import { LARGEST_AMOUNT, LONGEST_QUOTE } from '@tollbridge/protocol'
import { ServiceError } from '../../errors.ts'
import { isStorableText } from '../../store/storable-text.ts'
import { ATTEMPT_METADATA, ITEMS_METADATA, ORDER_ID_METADATA } from '../../stripe/event-facts.ts'
import type { PriceItem } from '../ports.ts'
import type { PaymentInput } from '../terms/payment-input.ts'
import { refuseCardNumbers } from './refuse-card-numbers.ts'
import { readPayerKey } from './shown-proofs.ts'

export interface ChargeInput {
  readonly input: PaymentInput & { readonly card: string }
  /** What a captcha widget gave the page. */
  readonly captcha: string | null
  /** Proofs, where a client cannot set headers. */
  readonly client_secret: string | null
  readonly payer_key: string | null
}

/** Takes what a client sent; other fields than ours are passed over, as old clients send all sorts. */
export function parseCharge(body: unknown): ChargeInput {
  const fields = asFields(body)
  refuseCardNumbers(fields)
  const card = parseToken(fields['token'])
  const items = parseItems(fields['items'])
  const quote = parseText(fields, 'quote', LONGEST_QUOTE)
  const metadata = parseMetadata(fields['metadata'])
  const isPricedElsewhere = items !== null || quote !== null
  return {
    input: {
      orderId: parseOrderId(fields, metadata),
      asked: {
        amount: isPricedElsewhere && isAbsent(fields['amount']) ? null : parseAmount(fields['amount']),
        currency: parseCurrency(fields['currency']),
        items,
        quote,
      },
      card,
      captureMethod: null,
      saveCard: null,
      customer: null,
      description: parseText(fields, 'description', 1_000),
      receiptEmail: parseText(fields, 'receipt_email', 512),
      returnUrl: parseReturnUrl(fields),
      offSession: false,
      metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== ORDER_ID_METADATA)),
    },
    captcha: parseText(fields, 'captcha', 8_192),
    client_secret: parseText(fields, 'client_secret', 512),
    payer_key: readPayerKey(parseText(fields, 'payer_key', 255), 'payer_key'),
  }
}

/** Old pages put the order id among the metadata, where Tollbridge keeps it too; either way it is the order. */
function parseOrderId(
  fields: Readonly<Record<string, unknown>>,
  metadata: Readonly<Record<string, string>>,
): string | null {
  const named = parseText(fields, 'order_id', 255)
  const hidden = metadata[ORDER_ID_METADATA] ?? null
  if (named === null || hidden === null || named === hidden) return named ?? hidden
  throw new ServiceError('parameter_invalid', {
    message: 'The field metadata.order_id must be absent or the same as the field order_id.',
    param: 'metadata.order_id',
  })
}

/** Old Backendless documents send the arguments as a list of one. */
function asFields(body: unknown): Readonly<Record<string, unknown>> {
  const single = Array.isArray(body) && body.length === 1 ? body[0] : body
  if (typeof single === 'object' && single !== null && !Array.isArray(single)) {
    return single as Record<string, unknown>
  }
  throw new ServiceError('body_invalid', {
    message: 'The body must be a JSON object such as {"token": "tok_…", "amount": 1999}.',
  })
}

function parseToken(token: unknown): string {
  if (token === undefined || token === null || token === '') {
    throw new ServiceError('parameter_missing', {
      message:
        'The field token is missing: send the token that Stripe.js made from the card, such as "tok_…".',
      param: 'token',
    })
  }
  if (typeof token !== 'string' || !/^(tok|pm)_\w{1,251}$/.test(token)) {
    throw new ServiceError('token_invalid', {
      message: 'The field token must be the id that Stripe.js answered, a text that starts with tok_ or pm_.',
      param: 'token',
    })
  }
  return token
}

function parseAmount(amount: unknown): number {
  const refuse = (code: 'parameter_missing' | 'amount_invalid' | 'amount_too_large', message: string) =>
    new ServiceError(code, { message, param: 'amount' })
  if (amount === undefined || amount === null) {
    throw refuse(
      'parameter_missing',
      'The field amount is missing: send a whole number of minor units, such as 1999 for 19.99.',
    )
  }
  if (typeof amount !== 'number') {
    throw refuse(
      'amount_invalid',
      'The field amount must be a number, not text: send 1999, without quotes, for 19.99.',
    )
  }
  if (amount > LARGEST_AMOUNT) {
    throw refuse(
      'amount_too_large',
      `The field amount is too large: Stripe charges at most ${LARGEST_AMOUNT} minor units at once.`,
    )
  }
  if (!Number.isInteger(amount)) {
    throw refuse(
      'amount_invalid',
      'The field amount must be a whole number of minor units: send 1999 for 19.99, not a fraction.',
    )
  }
  if (amount <= 0) throw refuse('amount_invalid', 'The field amount must be greater than 0, in minor units.')
  return amount
}

function parseCurrency(currency: unknown): string | null {
  if (isAbsent(currency) || currency === '') return null
  const code = typeof currency === 'string' ? currency.trim().toLowerCase() : ''
  if (/^[a-z]{3}$/.test(code)) return code
  throw new ServiceError('currency_invalid', {
    message:
      'The field currency must be a three-letter ISO code such as "usd"; leave it out to use the app’s own.',
    param: 'currency',
  })
}

function parseItems(items: unknown): readonly PriceItem[] | null {
  if (isAbsent(items)) return null
  const parsed = Array.isArray(items) ? items.map(parseItem) : []
  if (parsed.length >= 1 && parsed.length <= 100 && !parsed.includes(null)) return parsed as PriceItem[]
  throw new ServiceError('parameter_invalid', {
    message: 'The field items must be a list of 1 to 100 items such as {"id": "tea", "quantity": 2}.',
    param: 'items',
  })
}

function parseItem(item: unknown): PriceItem | null {
  if (typeof item !== 'object' || item === null) return null
  const { id, quantity = 1 } = item as Record<string, unknown>
  const isCount = typeof quantity === 'number' && Number.isInteger(quantity) && quantity >= 1
  return typeof id === 'string' && id !== '' && id.length <= 255 && isCount ? { id, quantity } : null
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function parseText(fields: Readonly<Record<string, unknown>>, name: string, longest: number): string | null {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return null
  // Order ids are numbers in many shops.
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof text === 'string' && text.length <= longest && isStorableText(text)) return text
  throw new ServiceError('parameter_invalid', {
    message: `The field ${name} must be a text of at most ${longest} characters, without NUL or half of a surrogate pair.`,
    param: name,
  })
}

function parseReturnUrl(fields: Readonly<Record<string, unknown>>): string | null {
  const url = parseText(fields, 'return_url', 2_048)
  if (url === null || (URL.canParse(url) && /^[a-z][a-z0-9+.-]*:$/.test(new URL(url).protocol))) return url
  throw new ServiceError('parameter_invalid', {
    message: 'The field return_url must be a whole address such as https://shop.example.com/done.',
    param: 'return_url',
  })
}

/** Stripe's limits: 50 keys of 40 characters, values of 500; two keys are ours: the order id and the attempt. */
function parseMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined || metadata === null) return {}
  const refuse = (message: string, param = 'metadata') =>
    new ServiceError('parameter_invalid', { message, param })
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw refuse('The field metadata must be an object of names and texts.')
  }
  const entries = Object.entries(metadata)
  if (entries.length > 48) throw refuse('The field metadata may hold at most 48 names.')
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
      if (name === ATTEMPT_METADATA || name === ITEMS_METADATA) {
        throw refuse(
          `The field metadata.${name} cannot be set: Tollbridge writes it itself.`,
          `metadata.${name}`,
        )
      }
      if (name.length >= 1 && name.length <= 40 && typeof text === 'string' && text.length <= 500)
        return [name, text]
      throw refuse(
        `The field metadata.${name.slice(0, 40)} must be a text of at most 500 characters under a name of at most 40.`,
        `metadata.${name.slice(0, 40)}`,
      )
    }),
  )
}
