/** What a page must know to show a card form: `GET /v1/config`. */
import { z } from 'zod'
import type { Config } from '../config.ts'
import { ServiceError } from '../errors.ts'
import type { AppMode } from '../store/app-store.ts'

/** Stripe wants its script to come from there, and from nowhere else. */
export const STRIPE_JS_URL = 'https://js.stripe.com/endive/stripe.js'

export const pageConfigSchema = z.object({
  object: z.literal('config'),
  app_id: z.string(),
  mode: z.enum(['sandbox', 'test', 'live']),
  livemode: z.boolean(),
  publishable_key: z.string().describe('For Stripe.js; it may stand in pages.'),
  stripe_js_url: z
    .string()
    .describe('Where the page gets Stripe.js; in sandbox mode the stand-in of the local Stripe.'),
  currency: z.string().describe('Of a charge that names none; lowercase.'),
  captcha: z
    .object({ provider: z.enum(['turnstile', 'hcaptcha']), site_key: z.string() })
    .nullable()
    .describe('What the page shows when a charge is answered captcha_required; null: nobody is asked.'),
})

export type PageConfig = z.output<typeof pageConfigSchema>

/** What is known of one app. */
export interface AppFacts {
  readonly appId: string
  readonly mode: AppMode
  readonly publishableKey: string | null
  readonly currency: string
  /** The origin of its Stripe API; null: Stripe itself. */
  readonly apiBase: string | null
}

export type PageSettings = Pick<Config, 'STRIPE_JS_URL' | 'CAPTCHA_PROVIDER' | 'CAPTCHA_SITE_KEY'>

/** Throws `app_not_activated` for an app without a publishable key. */
export function pageConfig(app: AppFacts, settings: PageSettings): PageConfig {
  if (app.publishableKey === null) {
    throw new ServiceError('app_not_activated', {
      message: `The app ${app.appId} has no publishable key, so its pages cannot ask for cards: activate it with POST /v1/admin/activate or \`tollbridge activate --publishable-key pk_…\`.`,
    })
  }
  const { CAPTCHA_PROVIDER: provider, CAPTCHA_SITE_KEY: siteKey } = settings
  return {
    object: 'config',
    app_id: app.appId,
    mode: app.mode,
    livemode: app.mode === 'live',
    publishable_key: app.publishableKey,
    stripe_js_url: stripeJsUrl(app, settings),
    currency: app.currency,
    captcha: provider === 'off' || siteKey === undefined ? null : { provider, site_key: siteKey },
  }
}

function stripeJsUrl({ mode, apiBase }: AppFacts, settings: PageSettings): string {
  if (mode === 'sandbox' && apiBase !== null) return `${apiBase}/stripe.js`
  // Real cards are typed into nothing but Stripe's own script.
  if (mode === 'live') return STRIPE_JS_URL
  return settings.STRIPE_JS_URL ?? STRIPE_JS_URL
}
