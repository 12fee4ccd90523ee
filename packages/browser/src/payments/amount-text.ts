/** An amount as the people of a locale write it, such as `$19.99`; exact in every currency that Stripe charges. */

/** Currencies in which an API amount is not of hundredths, as Stripe lists them; Intl knows some otherwise. */
const WHOLE = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'
const THOUSANDTHS = 'bhd jod kwd omr tnd'
/** Without fractions in life, with two decimals in the API. */
const PLAIN = 'isk ugx'

/** @param amount minor units @param code ISO code in any case, as a page may spell it @param locale undefined: the browser's */
export function amountText(amount: number, code: string, locale?: string): string {
  const currency = code.toLowerCase()
  const decimals = WHOLE.includes(currency) ? 0 : THOUSANDTHS.includes(currency) ? 3 : 2
  // Those are shown only if they say something.
  const isPlain = PLAIN.includes(currency) && amount % 100 === 0
  const digits = isPlain ? 0 : decimals
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  // As text the number keeps every digit.
  return format.format(`${amount}e-${decimals}` as `${number}`)
}
