/** The Stripe account of the default app, and how to reach it. */
import { setting } from './setting.ts'
import { keyLike, list, optional, origin, port, text, webAddress, wholeNumber } from './setting-values.ts'

export const stripeSettings = {
  STRIPE_SECRET_KEY: setting({
    schema: optional(keyLike(/^(sk|rk)_(test|live)_\w{8,}$/, 'sk_test_…, sk_live_…, rk_test_… or rk_live_…')),
    default: null,
    secret: true,
    description: 'The secret or restricted key of the Stripe account. Set, it switches the sandbox off.',
  }),
  STRIPE_PUBLISHABLE_KEY: setting({
    schema: optional(keyLike(/^pk_(test|live)_\w{8,}$/, 'pk_test_… or pk_live_…')),
    default: null,
    description: 'The publishable key of the same account and mode.',
  }),
  STRIPE_WEBHOOK_SECRET: setting({
    schema: optional(
      list.refine((items) => items.length > 0 && items.every((item) => /^whsec_\S{8,}$/.test(item)), {
        error: 'must be one or more signing secrets whsec_…, separated by commas',
      }),
    ),
    default: null,
    secret: true,
    description:
      'The signing secret of the webhook endpoint; several, separated by commas, while one is rolled.',
  }),
  CURRENCY: setting({
    schema: optional(
      text
        .transform((value) => value.toLowerCase())
        .refine((value) => /^[a-z]{3}$/.test(value), {
          error: 'must be a three-letter ISO code such as usd',
        }),
    ),
    default: null,
    description: 'The currency of a charge that names none. Sandbox mode uses usd when it is unset.',
  }),
  STRIPE_API_BASE: setting({
    schema: optional(origin),
    default: null,
    description: 'Another address for the Stripe API, for tests and egress proxies; unset: Stripe itself.',
  }),
  STRIPE_JS_URL: setting({
    schema: optional(webAddress),
    default: null,
    description:
      'Another address of Stripe.js for the pages of apps in test mode, for tests; unset: Stripe’s own. Live apps always load Stripe’s own, sandbox apps that of the local Stripe.',
  }),
  STRIPE_PROXY_PORT: setting({
    schema: optional(port),
    default: null,
    description:
      'A port on which Stripe’s API begins at the root path, so that any SDK of Stripe works against it with a server key as its API key. Unset: off; the same is served below /v1/stripe.',
  }),
  STRIPE_TIMEOUT_SECONDS: setting({
    schema: wholeNumber(1, 300, 'seconds'),
    default: '30',
    description: 'How long one call to Stripe may take.',
  }),
} as const
