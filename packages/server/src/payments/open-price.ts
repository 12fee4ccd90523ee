/** The price policy of an app that has none: the client's amount counts. */
import { ServiceError } from '../errors.ts'
import type { DecidePrice } from './ports.ts'

/** @param currencyFor the currency of a payment of this app that names none. */
export function openPrice(currencyFor: (appId: string) => string): DecidePrice {
  return async ({ appId, amount, currency, orderId, items, quote }) => {
    if (items !== null || quote !== null) {
      const param = items === null ? 'quote' : 'items'
      throw new ServiceError('parameter_invalid', {
        message: `This app takes the price as amount and currency, not as ${param}.`,
        param,
      })
    }
    if (amount === null) {
      throw new ServiceError('parameter_missing', {
        message: 'The field amount is missing: send a whole number of minor units, such as 1999 for 19.99.',
        param: 'amount',
      })
    }
    return { amount, currency: currency ?? currencyFor(appId), source: 'open', orderId }
  }
}
