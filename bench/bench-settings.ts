/** The settings under which the product is measured. */
import { SIGNING_SECRET } from './webhook-load.ts'

export const benchSettings = {
  PORT: '0',
  STRIPE_SECRET_KEY: 'sk_test_benchmarkBenchmark',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_benchmarkBenchmark',
  STRIPE_WEBHOOK_SECRET: SIGNING_SECRET,
  CURRENCY: 'usd',
  // One machine stands for all clients.
  MAX_CONNECTIONS: '100000',
  MAX_CONNECTIONS_PER_ADDRESS: '100000',
  MAX_STREAMS_PER_ADDRESS: '100000',
  MAX_STREAMS_PER_KEY: '100000',
  MAX_STREAMS_PER_APP: '100000',
  MAX_SUBSCRIPTION_MEGABYTES_PER_ADDRESS: '1000',
  CLIENT_READS_PER_ADDRESS: '1000000 in 1s',
  CLIENT_READS_PER_KEY: '1000000 in 1s',
  CLIENT_READS_PER_APP: '1000000 in 1s',
  // What the charge benchmark adds: its Stripe, and an app whose address it knows.
  STRIPE_API_BASE: process.env['BENCH_STRIPE'],
  APP_ID: process.env['APP_ID'],
  CLIENT_KEY: process.env['CLIENT_KEY'],
} as const
