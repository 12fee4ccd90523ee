/** Which intent of Stripe's a message is about; the sender says it, never the page. */
import { ServiceError } from '../errors.ts'

export interface MessageIntent {
  readonly kind: 'setupIntent' | 'paymentIntent'
  readonly id: string
  /** The connected account that has it; null: the app's own. */
  readonly account: string | null
}

interface IntentField {
  readonly kind: MessageIntent['kind']
  readonly field: string
  readonly secret: RegExp
  readonly what: string
}

const FIELDS: Readonly<Record<string, IntentField>> = {
  collectPaymentInformation: {
    kind: 'setupIntent',
    field: 'dataSecret',
    secret: /^(seti_[A-Za-z0-9]{1,200})_secret_[A-Za-z0-9]{1,200}$/,
    what: 'a SetupIntent, or its client secret (seti_…_secret_…)',
  },
  handleCardAction: {
    kind: 'paymentIntent',
    field: 'clientSecret',
    secret: /^(pi_[A-Za-z0-9]{1,200})_secret_[A-Za-z0-9]{1,200}$/,
    what: 'the client secret of a PaymentIntent (pi_…_secret_…)',
  },
}

/** Throws `parameter_missing` or `parameter_invalid` about the field of `data`. */
export function intentOf(name: string, data: unknown): MessageIntent {
  const field = FIELDS[name]
  if (field === undefined) throw new Error(`No intent is known for ${name}`)
  const fields = isObject(data) ? data : {}
  const value = fields[field.field]
  const secret = isObject(value) ? value['client_secret'] : value
  const id = typeof secret === 'string' ? field.secret.exec(secret)?.[1] : undefined
  if (id === undefined) {
    const isMissing = value === undefined || value === null
    throw new ServiceError(isMissing ? 'parameter_missing' : 'parameter_invalid', {
      message: `The field data.${field.field} ${isMissing ? 'is missing; it ' : ''}must be ${field.what}.`,
      param: `data.${field.field}`,
    })
  }
  return { kind: field.kind, id, account: accountOf(fields['stripeAccount']) }
}

/** What of `data` a page needs: of a whole SetupIntent its id and its client secret. */
export function dataForPage(data: unknown): unknown {
  if (!isObject(data) || !isObject(data['dataSecret'])) return data
  const { id, client_secret } = data['dataSecret']
  return { ...data, dataSecret: { id, client_secret } }
}

function accountOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && /^acct_\w{1,250}$/.test(value)) return value
  throw new ServiceError('parameter_invalid', {
    message: 'The field data.stripeAccount must be the id of a connected account, acct_….',
    param: 'data.stripeAccount',
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
