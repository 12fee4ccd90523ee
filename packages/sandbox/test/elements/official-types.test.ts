/** The stand-in against the type declarations of the official package: nothing of them is unknown to it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ABSENT_TYPES, FRAME_PAGES } from '../../src/elements/element-types.ts'
import { createStripe } from '../../src/elements/page/host/create-stripe.ts'

const types = join(
  dirname(createRequire(import.meta.url).resolve('@stripe/stripe-js')),
  '..',
  'dist',
  'stripe-js',
)
const withoutComments = (file: string) =>
  readFileSync(join(types, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')

test('every method of the declared Stripe object exists, if only to say that it is not available', () => {
  const declared = withoutComments('stripe.d.ts').match(/export interface Stripe \{[\s\S]*?\n\}/)?.[0] ?? ''
  const names = [...new Set([...declared.matchAll(/^ {2}(\w+)\(/gm)].map((match) => match[1] as string))]
  expect(names.length).toBeGreaterThan(50)
  const stripe: Record<string, unknown> = createStripe('http://127.0.0.1', 'pk_test_x')
  expect(names.filter((name) => typeof stripe[name] !== 'function')).toEqual([])
})

test('every declared element type is there, or known to be absent', () => {
  const declared =
    /export type StripeElementType =([\s\S]*?);/.exec(withoutComments('elements-group.d.ts'))?.[1] ?? ''
  const names = [...declared.matchAll(/'(\w+)'/g)].map((match) => match[1] as string)
  expect(names.length).toBeGreaterThan(15)
  expect([...Object.keys(FRAME_PAGES), ...ABSENT_TYPES].sort()).toEqual(names.sort())
})
