/** Who names a price, and how many attempts a payer has. */
import { z } from 'zod'
import { setting } from './setting.ts'
import {
  attemptLimits,
  currencyLimits,
  optional,
  origin,
  text,
  urlSchemes,
  wholeNumber,
  yesOrNo,
} from './setting-values.ts'

export const chargeSettings = {
  PRICE_POLICY: setting({
    schema: z.enum(['open', 'quote', 'catalog'], { error: 'must be open, quote or catalog' }),
    default: 'open',
    description:
      'Who names the price of an app that has no policy of its own. open: the client. quote: the app’s server, which signs it. catalog: this server adds up items. Server keys may always name an amount.',
  }),
  ALLOW_OPEN_PRICES: setting({
    schema: yesOrNo,
    default: 'false',
    description:
      'Whether a live app may have the price policy open. DANGER: whoever can reach the server then decides what to pay.',
  }),
  ALLOW_CLIENT_CAPTURE: setting({
    schema: yesOrNo,
    default: 'false',
    description:
      'Whether a page may ask for a hold (capture_method manual) where no quote of the app’s server says so. A hold that nobody captures is a sale that was never paid.',
  }),
  PRICE_LIMITS: setting({
    schema: optional(text.transform(currencyLimits)),
    default: null,
    description:
      'The currencies that an app without a policy of its own takes, with limits in minor units: usd:100-50000,eur:100-,jpy. Unset: every currency, from the smallest charge that Stripe publishes on.',
  }),
  RETURN_URL_SCHEMES: setting({
    schema: urlSchemes,
    default: '',
    description:
      'The URL schemes of apps to which a bank may send a payer back (return_url), separated by commas: myshop,com.example.shop. https is always taken, http on this machine alone.',
  }),
  REPEAT_WINDOW_SECONDS: setting({
    schema: wholeNumber(0, 86_400, 'seconds'),
    default: '600',
    description:
      'For how long an equal request to charge a reusable card, or to refund a part, counts as a repeat if it has neither an order id nor an Idempotency-Key: it moves nothing, and is answered with the first outcome. Counted in Stripe’s time. 0: each moves money anew, also after a lost answer.',
  }),
  GUARD: setting({
    schema: z.enum(['auto', 'strict', 'lenient', 'off'], { error: 'must be auto, strict, lenient or off' }),
    default: 'auto',
    description:
      'How the charge guard counts where no limit is set below. strict: for the public. lenient: for the sandbox and tests. auto: strict for live apps, lenient for others. off: counts nothing; the brake still works.',
  }),
  GUARD_ADDRESS: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'Attempts and failed attempts of one address (IPv6: one /64) in a time: 20/5 in 10m (strict), 20000/300 in 10m (lenient). A dash stands for no limit: 20/- in 10m. Server keys are not counted by address.',
  }),
  GUARD_CLIENT_KEY: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'The same for all payers of one client key together: 2000/100 in 10m (strict), 20000/2000 in 10m (lenient).',
  }),
  GUARD_CARD: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'The same for one card, by Stripe’s fingerprint: 20/5 in 1h (strict), -/1000 in 1h (lenient).',
  }),
  GUARD_ORDER: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'The same for one order: 10/- in 24h (strict), 200/- in 24h (lenient). Before the order has a payment, of one address each, so that nobody uses up the tries of another.',
  }),
  GUARD_PROOF_ADDRESS: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description:
      'Requests of one address for payments that are not its own, without a valid proof of payer: -/20 in 10m (strict), -/60 in 10m (lenient). Whoever has a proof is answered all the same.',
  }),
  GUARD_PROOF_CLIENT_KEY: setting({
    schema: optional(text.transform(attemptLimits)),
    default: null,
    description: 'The same of one client key: -/2000 in 10m.',
  }),
  CAPTCHA_PROVIDER: setting({
    schema: z.enum(['off', 'turnstile', 'hcaptcha'], { error: 'must be off, turnstile or hcaptcha' }),
    default: 'off',
    description:
      'Who checks that a payer is a person: Cloudflare Turnstile or hCaptcha. Server keys are never asked.',
  }),
  CAPTCHA_SITE_KEY: setting({
    schema: optional(text),
    default: null,
    description: 'The public site key, which the error captcha_required tells the page.',
  }),
  CAPTCHA_SECRET: setting({
    schema: optional(text),
    default: null,
    secret: true,
    description: 'The secret of the captcha site.',
  }),
  CAPTCHA_AFTER_FAILURES: setting({
    schema: wholeNumber(0, 1000, 'failures'),
    default: '2',
    description:
      'A payer is asked for a captcha once that many attempts of the address have failed in the time of GUARD_ADDRESS; 0: always.',
  }),
  CAPTCHA_API_BASE: setting({
    schema: optional(origin),
    default: null,
    description: 'Another address for the captcha service, for tests and egress proxies; unset: its own.',
  }),
  CAPTCHA_TIMEOUT_SECONDS: setting({
    schema: wholeNumber(1, 60, 'seconds'),
    default: '5',
    description: 'How long the captcha service may take; without an answer in time nothing is charged.',
  }),
} as const
