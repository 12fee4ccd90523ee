/** How many digits of an amount in minor units stand behind the decimal point, as Stripe counts them. */

// UGX and ISK have no cents any more, but Stripe takes their amounts with two decimals, which must be 00.
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '))
const WHOLE = new Set(['isk', 'ugx'])

/** `currency`: three letters, in lower case. */
export function decimalsOf(currency: string): number {
  return ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2
}

/** Whether an amount must end in 00. */
export function mustBeWhole(currency: string): boolean {
  return WHOLE.has(currency)
}

/** Minor units as people write them: 1999 usd is $19.99, 500 isk is ISK 5. */
export function formatAmount(value: number, currency: string, locale = 'en-US'): string {
  const decimals = mustBeWhole(currency) && value % 100 === 0 ? 0 : decimalsOf(currency)
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value / 10 ** decimalsOf(currency))
}
