/** Which amounts and currencies a charge may have. */

import type { Param } from './params.ts'
import { integer } from './params.ts'
import { invalidRequest } from './stripe-error.ts'

const CURRENCIES = new Set(
  `usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf
  clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils
  inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk
  mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp
  sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw`
    .trim()
    .split(/\s+/),
)

const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '))
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '))

// Stripe publishes minimums for settlement currencies; the others must be worth about 50 US cents,
// for which round figures stand here. A currency in neither list takes 50 minor units.
const MINIMUMS = new Map(
  `aed 200 ars 70000 bgn 100 bif 1500 clp 500 cop 200000 czk 1500 djf 100 dkk 250 gbp 30 gnf 4500 hkd 400 huf 17500
  idr 800000 jpy 50 kmf 250 krw 700 mga 2300 mxn 1000 myr 200 ngn 80000 nok 300 php 3000 pln 200 pyg 4000 ron 200
  rwf 700 sek 300 thb 1000 twd 1600 ugx 1900 vnd 13000 vuv 60 xaf 300 xof 300 xpf 60 zar 900`
    .match(/\w+ \d+/g)
    ?.map((pair) => pair.split(' ') as [string, string])
    .map(([code, minimum]) => [code, Number(minimum)]),
)

const MAXIMUM = 99_999_999

/** Stripe's three-letter code in lower case. */
export function currency(): Param<string> {
  return {
    read(value, name) {
      const code = typeof value === 'string' ? value.toLowerCase() : ''
      if (CURRENCIES.has(code)) return code
      const given = typeof value === 'string' ? value.slice(0, 40) : JSON.stringify(value).slice(0, 40)
      throw invalidRequest(
        `Invalid currency: ${given}. Stripe currently supports these currencies: ${[...CURRENCIES].join(', ')}`,
        { param: name },
      )
    },
  }
}

/** A positive amount in the currency's smallest unit. */
export const amount = (): Param<number> => integer({ min: 1 })

/** @throws StripeError 400 `amount_too_small` or `amount_too_large`. */
export function checkChargeable(value: number, code: string): void {
  const minimum = MINIMUMS.get(code) ?? 50
  if (value < minimum) {
    throw invalidRequest(`Amount must be at least ${format(minimum, code)} ${code}`, {
      code: 'amount_too_small',
      param: 'amount',
    })
  }
  if (value > MAXIMUM) {
    throw invalidRequest(`Amount must be no more than ${format(MAXIMUM, code)} ${code}`, {
      code: 'amount_too_large',
      param: 'amount',
    })
  }
}

/** An amount in minor units as people write it: `$0.50`. */
export function format(value: number, code: string): string {
  const decimals = ZERO_DECIMAL.has(code) ? 0 : THREE_DECIMAL.has(code) ? 3 : 2
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: code,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value / 10 ** decimals)
}
