/** The table of currencies against Stripe's page, and the arithmetic against every one of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  amountProblem,
  type Currency,
  currencies,
  findCurrency,
  formatAmount,
  formatMinorUnits,
  parseMajorUnits,
} from './currencies.ts'

const all = [...currencies.values()]
const only = (decimals: number) => all.filter((it) => it.decimals === decimals).map(({ code }) => code)
const of = (code: string): Currency => {
  const currency = findCurrency(code)
  if (currency === null) throw new Error(`No currency ${code}`)
  return currency
}

describe('the table says what Stripe documents', () => {
  test('every code once, lowercase', () => {
    expect(all.length).toBe(140)
    for (const { code } of all) expect(code).toMatch(/^[a-z]{3}$/)
  })

  test('the currencies without decimals, UGX aside, which Stripe takes with two', () => {
    expect(only(0).join(' ')).toBe('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf')
  })

  test('the currencies with three decimals', () => {
    expect(only(3).join(' ')).toBe('bhd jod kwd omr tnd')
  })

  test.each(['isk', 'ugx'])('%s has two decimals that must be 00', (code) => {
    expect(of(code)).toMatchObject({ decimals: 2, step: 100 })
  })

  test.each(['huf', 'twd'])('%s is charged with fractions and paid out whole', (code) => {
    expect(of(code)).toMatchObject({ decimals: 2, step: 1, payoutStep: 100 })
  })

  test('where Stripe counts otherwise than everyday use does, it is because Stripe keeps two decimals', () => {
    const everyday = (code: string) =>
      new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions()
        .maximumFractionDigits
    const apart = all.filter(({ code, decimals }) => everyday(code) !== decimals)
    expect(apart.map(({ code }) => code)).toEqual(expect.arrayContaining(['huf', 'isk', 'ugx']))
    for (const { decimals } of apart) expect(decimals).toBe(2)
  })
})

/** One row a kind: an amount, how it reads, and whether Stripe would charge it. */
const EXAMPLES: readonly (readonly [string, number, string, boolean])[] = [
  ['usd', 1999, '19.99', true],
  ['usd', 5, '0.05', true],
  ['jpy', 500, '500', true],
  ['krw', 1, '1', true],
  ['kwd', 5120, '5.120', true],
  ['kwd', 5124, '5.124', false],
  ['tnd', 10, '0.010', true],
  ['isk', 500, '5.00', true],
  ['isk', 550, '5.50', false],
  ['ugx', 190_000, '1900.00', true],
  ['ugx', 190_050, '1900.50', false],
  ['huf', 1045, '10.45', true],
  ['twd', 80_045, '800.45', true],
]

test.each(EXAMPLES)('%s %d is %s', (code, amount, text, isChargeable) => {
  expect(formatMinorUnits(amount, of(code))).toBe(text)
  expect(parseMajorUnits(text, of(code))).toBe(amount)
  expect(amountProblem(amount, of(code)) === null).toBe(isChargeable)
})

describe.each(all.map((it) => [it.code, it] as const))('%s', (_code, currency) => {
  test('reads what it writes, digit by digit', () => {
    const amounts = fc.oneof(fc.integer({ min: -10_000, max: 10_000 }), fc.maxSafeInteger())
    fc.assert(
      fc.property(amounts, (amount) => {
        const text = formatMinorUnits(amount, currency)
        expect(parseMajorUnits(text, currency)).toBe(amount)
        const fraction = text.split('.')[1] ?? ''
        expect(fraction.length).toBe(currency.decimals)
        expect(BigInt(text.replace('.', ''))).toBe(BigInt(amount))
      }),
      { numRuns: 50 },
    )
  })

  test('takes its smallest and largest charge and nothing beside its steps', () => {
    const { step, minimum, maximum } = currency
    const largest = maximum - (maximum % step)
    for (const good of [step, minimum ?? step, largest]) expect(amountProblem(good, currency)).toBeNull()
    expect(amountProblem(largest + step, currency)).toMatchObject({ problem: 'too_large' })
    for (const bad of [0, -step, step + 0.5, Number.NaN, 2 ** 53]) {
      expect(amountProblem(bad, currency)).toEqual({ problem: 'not_whole' })
    }
    const beside = amountProblem(7 * step + 1, currency)
    expect(beside).toEqual(step === 1 ? null : { problem: 'step', below: 7 * step, above: 8 * step })
    expect((minimum ?? 0) % step).toBe(0)
  })

  test('has a name that people read, with the digits of the amount in it', () => {
    const shown = formatAmount(1_234_500, currency)
    const digits = { 0: '1234500', 2: currency.step === 100 ? '12345' : '1234500', 3: '1234500' }
    expect(shown.replace(/\D/g, '')).toBe(digits[currency.decimals])
  })
})

test.each(['', '1,000', '1e3', '.5', '5.', '0x10', '١٢', '1.9999', '9'.repeat(16)])(
  'the text "%s" is no amount of dollars',
  (text) => expect(parseMajorUnits(text, of('usd'))).toBeNull(),
)

test('a fraction of a yen is no amount', () => {
  expect(parseMajorUnits('5.0', of('jpy'))).toBeNull()
})

test('a code is found in any case, and an unknown one is not', () => {
  expect(findCurrency('EuR')?.code).toBe('eur')
  for (const code of ['xyz', '', 'usdx', '__proto__']) expect(findCurrency(code)).toBeNull()
})
