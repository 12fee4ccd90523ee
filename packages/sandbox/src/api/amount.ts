/** Which amounts and currencies a charge may have. */

import { formatAmount, mustBeWhole } from '../currency-decimals.ts'
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

// Stripe publishes minimums for settlement currencies; the others must be worth about 50 US cents,
// for which round figures stand here. A currency in neither list takes 50 minor units.
const MINIMUMS = new Map(
  `aed 200 ars 70000 bgn 100 bif 1500 clp 500 cop 200000 czk 1500 djf 100 dkk 250 gbp 30 gnf 4500 hkd 400 huf 17500
  idr 800000 isk 7000 jpy 50 kmf 250 krw 700 mga 2300 mxn 1000 myr 200 ngn 80000 nok 300 php 3000 pln 200 pyg 4000 ron 200
  rwf 700 sek 300 thb 1000 twd 1600 ugx 190000 vnd 13000 vuv 60 xaf 300 xof 300 xpf 60 zar 900`
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

/** @throws StripeError 400 `amount_too_small` or `amount_too_large`, or for cents of a currency that has none. */
export function checkChargeable(value: number, code: string): void {
  const minimum = MINIMUMS.get(code) ?? 50
  if (value < minimum) {
    throw invalidRequest(`Amount must be at least ${formatAmount(minimum, code)} ${code}`, {
      code: 'amount_too_small',
      param: 'amount',
    })
  }
  if (value > MAXIMUM) {
    throw invalidRequest(`Amount must be no more than ${formatAmount(MAXIMUM, code)} ${code}`, {
      code: 'amount_too_large',
      param: 'amount',
    })
  }
  if (mustBeWhole(code) && value % 100 !== 0) {
    throw invalidRequest(
      `Invalid amount: ${value}. Amounts in ${code} have two decimals, which must be 00, so that they are evenly divisible by 100.`,
      { param: 'amount' },
    )
  }
}
