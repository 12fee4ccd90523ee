/** Every currency that Stripe charges in: its decimals, the steps and bounds of its amounts, exact to and from text. */

export interface Currency {
  /** Lowercase ISO code. */
  readonly code: string
  /** Digits behind the point of an API amount: 1999 is 19.99 at 2, 1999 at 0, 1.999 at 3. */
  readonly decimals: 0 | 2 | 3
  /** A charge's amount must be a multiple of this. */
  readonly step: 1 | 10 | 100
  /** A payout's amount must be a multiple of this. */
  readonly payoutStep: 1 | 10 | 100
  /**
   * The smallest charge, in minor units, where Stripe publishes one. Stripe applies it in the currency in which the
   * account is paid out, so a charge that is converted may meet another one.
   */
  readonly minimum: number | null
  /** The largest charge by card, in minor units. */
  readonly maximum: number
}

/** As https://docs.stripe.com/currencies lists them: charged with two decimals unless a line below says otherwise. */
const CODES =
  'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf ' +
  'clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils ' +
  'inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk ' +
  'mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp ' +
  'sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw'

const ZERO_DECIMAL = setOf('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf')
/** The last digit must be 0: Stripe's partners settle two decimals. */
const THREE_DECIMAL = setOf('bhd jod kwd omr tnd')
/** Without fractions in life, with two decimals in the API, which must be 00. */
const WHOLE_WITH_TWO_DECIMALS = setOf('isk ugx')
/** Charged with fractions, paid out without. */
const PAID_OUT_WHOLE = setOf('huf twd isk ugx')

const MINIMUMS = numbersOf(
  'usd 50 aed 200 aud 50 bgn 100 brl 50 cad 50 chf 50 czk 1500 dkk 250 eur 50 gbp 30 hkd 400 huf 17500 inr 50 ' +
    'jpy 50 mxn 1000 myr 200 nok 300 nzd 50 pln 200 ron 200 sek 300 sgd 50 thb 1000',
)
const DIGITS = numbersOf('idr 12 inr 9 lbp 11 cop 10 huf 10 jpy 10')
const MOST_DIGITS = 8

export const currencies: ReadonlyMap<string, Currency> = new Map(
  CODES.split(' ').map((code) => [code, describe(code)] as const),
)

/** The most that is charged in any currency; each has its own. */
export const LARGEST_AMOUNT = Math.max(...[...currencies.values()].map(({ maximum }) => maximum))

function describe(code: string): Currency {
  const isThreeDecimal = THREE_DECIMAL.has(code)
  const step = isThreeDecimal ? 10 : WHOLE_WITH_TWO_DECIMALS.has(code) ? 100 : 1
  return {
    code,
    decimals: ZERO_DECIMAL.has(code) ? 0 : isThreeDecimal ? 3 : 2,
    step,
    payoutStep: PAID_OUT_WHOLE.has(code) ? 100 : step,
    minimum: MINIMUMS.get(code) ?? null,
    maximum: 10 ** (DIGITS.get(code) ?? MOST_DIGITS) - 1,
  }
}

/** @param code in any case. @returns null for what Stripe does not charge in. */
export function findCurrency(code: string): Currency | null {
  return currencies.get(code.toLowerCase()) ?? null
}

export type AmountProblem =
  /** Not a whole number greater than 0. */
  | { readonly problem: 'not_whole' }
  /** Not a multiple of the currency's step; `below` and `above` are the nearest that are. */
  | { readonly problem: 'step'; readonly below: number; readonly above: number }
  | { readonly problem: 'too_large'; readonly maximum: number }

/** @returns what keeps Stripe from charging this amount in this currency; null when nothing is known to. */
export function amountProblem(amount: number, currency: Currency): AmountProblem | null {
  if (!Number.isSafeInteger(amount) || amount <= 0) return { problem: 'not_whole' }
  const rest = amount % currency.step
  if (rest !== 0) return { problem: 'step', below: amount - rest, above: amount - rest + currency.step }
  if (amount > currency.maximum) return { problem: 'too_large', maximum: currency.maximum }
  return null
}

/** The amount in major units with a plain point, exact: `19.99`, `500`, `5.120`. */
export function formatMinorUnits(amount: number, currency: Currency): string {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is not a whole number of minor units`)
  const sign = amount < 0 ? '-' : ''
  const digits = String(Math.abs(amount)).padStart(currency.decimals + 1, '0')
  if (currency.decimals === 0) return sign + digits
  return `${sign}${digits.slice(0, -currency.decimals)}.${digits.slice(-currency.decimals)}`
}

/**
 * Reads major units as a person types them with a plain point (`19.99`, `500`) into minor units, without rounding.
 * @returns null for anything else: separators of thousands, too many decimals, more than fits a whole number.
 */
export function parseMajorUnits(text: string, currency: Currency): number | null {
  const match = /^(-?)(\d{1,16})(?:\.(\d{1,3}))?$/.exec(text.trim())
  const [, sign = '', whole = '', fraction = ''] = match ?? []
  if (match === null || fraction.length > currency.decimals) return null
  const amount = Number(whole + fraction.padEnd(currency.decimals, '0'))
  if (!Number.isSafeInteger(amount)) return null
  return sign === '-' && amount !== 0 ? -amount : amount
}

/** The amount as people of a locale write it, such as `$19.99`; whole where the currency knows no fractions. */
export function formatAmount(amount: number, currency: Currency, locale = 'en-US'): string {
  const decimals = currency.step === 100 ? 0 : currency.decimals
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: currency.code,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  // As text the number keeps every digit.
  return format.format(formatMinorUnits(amount, currency) as `${number}`)
}

function setOf(codes: string): ReadonlySet<string> {
  return new Set(codes.split(' '))
}

function numbersOf(pairs: string): ReadonlyMap<string, number> {
  const words = pairs.split(' ')
  return new Map(
    words.flatMap((word, index) => (index % 2 === 0 ? [[word, Number(words[index + 1])] as const] : [])),
  )
}
