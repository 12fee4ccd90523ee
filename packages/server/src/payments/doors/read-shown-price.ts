/** What the payer of a confirmation was shown; a page has to say it, so that nobody pays a price that he has not seen. */
import type { z } from 'zod'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import type { ShownPrice } from '../terms/shown-price.ts'
import type { confirmPaymentSchema } from './payment-schema.ts'

type Body = Pick<z.output<typeof confirmPaymentSchema>, 'amount' | 'currency'>

/** @returns null where the app's own server says nothing of it. Throws `parameter_missing`. */
export function readShownPrice({ role }: Principal, { amount, currency }: Body): ShownPrice | null {
  if (role !== 'server') {
    if (amount === undefined) throw missing('amount', 'in minor units, such as 1999 for 19.99')
    if (currency === undefined) throw missing('currency', 'such as "usd"')
  }
  return amount === undefined ? null : { amount, currency: currency ?? null }
}

function missing(param: string, form: string): ServiceError {
  return new ServiceError('parameter_missing', {
    message: `The field ${param} is missing: send what the payer was shown, ${form}. If the payment is of another price by now, nothing is charged.`,
    param,
  })
}
