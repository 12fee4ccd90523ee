/** Whether an amount can be charged: what Stripe takes in the currency, then what the app takes. */
import { amountProblem, type Currency, findCurrency, formatAmount } from '@tollbridge/protocol'
import { ServiceError } from '../errors.ts'
import type { CurrencyLimit } from '../store/price-store.ts'

/** @param param the field at fault, as the caller spelled it. Throws `currency_invalid`. */
export function requireCurrency(code: string, param = 'currency'): Currency {
  const currency = findCurrency(code)
  if (currency !== null) return currency
  throw new ServiceError('currency_invalid', {
    message: `The field ${param} names ${code.slice(0, 20)}, which Stripe does not charge in; send an ISO code such as "usd".`,
    param,
  })
}

/** What Stripe itself refuses. Throws `amount_invalid` or `amount_too_large`. */
export function checkMinorUnits(amount: number, currency: Currency, param = 'amount'): void {
  const problem = amountProblem(amount, currency)
  if (problem === null) return
  const code = currency.code.toUpperCase()
  if (problem.problem === 'too_large') {
    throw new ServiceError('amount_too_large', {
      message: `The field ${param} is too large: Stripe charges at most ${problem.maximum} minor units of ${code} at once.`,
      param,
    })
  }
  const why =
    problem.problem === 'not_whole'
      ? 'must be a whole number of minor units greater than 0: send 1999 for 19.99'
      : `must be a multiple of ${currency.step} in ${code}, as Stripe requires: send ${[problem.below, problem.above].filter((it) => it > 0).join(' or ')} instead of ${amount}`
  throw new ServiceError('amount_invalid', { message: `The field ${param} ${why}.`, param })
}

/**
 * The limits of the app; where it sets no smallest amount, the one that Stripe publishes for the currency holds.
 * Throws also `currency_not_accepted`, `amount_too_small` and `amount_out_of_limits`.
 */
export function checkAmount(
  amount: number,
  currency: Currency,
  limits: readonly CurrencyLimit[] | null,
  param = 'amount',
): void {
  const limit = limits?.find((it) => it.currency === currency.code)
  if (limits !== null && limit === undefined) {
    throw new ServiceError('currency_not_accepted', {
      message: `This app does not take ${currency.code}; it takes ${limits.map((it) => it.currency).join(', ')}.`,
      param: 'currency',
    })
  }
  checkMinorUnits(amount, currency, param)
  const least = limit?.minAmount ?? null
  const most = limit?.maxAmount ?? null
  if (least === null && currency.minimum !== null && amount < currency.minimum) {
    throw new ServiceError('amount_too_small', {
      message: `The field ${param} is too small: Stripe charges at least ${shown(currency.minimum, currency)}.`,
      param,
    })
  }
  const bound = least !== null && amount < least ? 'least' : most !== null && amount > most ? 'most' : null
  if (bound === null) return
  throw new ServiceError('amount_out_of_limits', {
    message: `The field ${param} is outside the limits of this app: it charges at ${bound} ${shown((bound === 'least' ? least : most) ?? 0, currency)}.`,
    param,
  })
}

function shown(amount: number, currency: Currency): string {
  return `${amount} minor units of ${currency.code} (${formatAmount(amount, currency)})`
}
