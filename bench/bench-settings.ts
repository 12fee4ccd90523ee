/** The settings under which the product is measured. */
import { SIGNING_SECRET } from './webhook-load.ts'

export const benchSettings = {
  PORT: '0',
  STRIPE_SECRET_KEY: 'sk_test_benchmarkBenchmark',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_benchmarkBenchmark',
  STRIPE_WEBHOOK_SECRET: SIGNING_SECRET,
  CURRENCY: 'usd',
  // What the charge benchmark adds: its Stripe, and an app whose address it knows.
  STRIPE_API_BASE: process.env['BENCH_STRIPE'],
  APP_ID: process.env['APP_ID'],
  CLIENT_KEY: process.env['CLIENT_KEY'],
} as const
