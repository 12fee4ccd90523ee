/** createTollbridge: everything that a page does with Tollbridge, from one object. */
import type { Stripe } from '@stripe/stripe-js'
import type { Theme } from './dialog/open-dialog.ts'
import { englishTexts, type Texts } from './dialog/texts.ts'
import type { Page } from './page.ts'
import { createPageApi } from './page-api.ts'
import { createConfigReader, type PageConfig } from './page-config.ts'
import { type Charge, createCharge } from './payments/charge.ts'
import { createPay, type Pay } from './payments/create-pay.ts'
import { type CustomerOf, createCustomer } from './payments/customer.ts'
import { createMemory, createPayerKey } from './payments/memory.ts'
import { stripePlugin } from './plugin/stripe-plugin.ts'
import { type SlingrGlobals, slingrGlobals } from './slingr/slingr-globals.ts'
import { createStripeInstances } from './stripe-js/stripe-instances.ts'
import { misuse } from './tollbridge-error.ts'
import { createUi, type Ui } from './ui/create-ui.ts'
import { createUiRemote } from './ui-remote/ui-remote.ts'
import { createWatch, type Watch } from './watch/watch-payment.ts'

export interface TollbridgeOptions {
  /** Of the Tollbridge server, such as `https://pay.shop.example`. */
  readonly url: string
  /** When given, a client key of another app is refused. */
  readonly appId?: string | undefined
  /** The public key of the app. */
  readonly clientKey?: string | undefined
  /** Where Stripe.js is; otherwise the server says it. */
  readonly stripeJsUrl?: string | undefined
  /** For Stripe's fields, and for how amounts are written; such as `de`. */
  readonly locale?: string | undefined
  /** Words in place of the English ones. */
  readonly texts?: Partial<Texts> | undefined
  /** `auto`, the default, follows the shopper's system. */
  readonly theme?: Theme | undefined
}

export interface Tollbridge {
  /** What the server tells about the app; asked once, and again after a failure. @throws TollbridgeError */
  ready(): Promise<PageConfig>
  /**
   * Stripe.js for a publishable key; absent, the app's own. One object a key and connected account (`acct_…`).
   * @throws TollbridgeError
   */
  stripe(publicKey?: string | null, stripeAccount?: string): Promise<Stripe>
  /** Messages to plugins, in Slingr's shape. */
  readonly ui: Ui
  /** Takes a payment, in a form of its own. */
  readonly pay: Pay
  /** Tells what becomes of a payment, for as long as it is not closed. */
  readonly watch: Watch
  /** The saved cards of a customer, by a token of the app's server. */
  readonly customer: CustomerOf
  /** Charges a card that Stripe.js made a token of. */
  readonly charge: Charge
  /** Slingr's `sys` and `app`, for scripts that were written for it. */
  slingr(): SlingrGlobals
}

/** @throws TollbridgeError `parameter_invalid` for an option that cannot be used. Asks nobody, and loads nothing, yet. */
export function createTollbridge(options: TollbridgeOptions): Tollbridge {
  const page = createPage(options)
  const plugins = new Map([[stripePlugin.name, stripePlugin]])
  const memory = createMemory()
  const payerKey = createPayerKey()
  const ui = createUi(page, plugins, createUiRemote(page, plugins, memory))
  const watch = createWatch({ api: page.api, memory })
  return {
    ready: page.ready,
    stripe: page.stripe,
    ui,
    pay: createPay({ page, watch, memory, payerKey }),
    watch,
    customer: createCustomer(page.api, ui),
    charge: createCharge({ page, memory, payerKey }),
    slingr: () => slingrGlobals(ui, page.ready),
  }
}

function createPage(options: TollbridgeOptions): Page {
  const { appId, clientKey, stripeJsUrl, locale, texts, theme = 'auto' } = options
  const api = createPageApi({ url: serverUrl(options.url), clientKey })
  const ready = createConfigReader(api, appId)
  const stripe = createStripeInstances({ ready, stripeJsUrl, locale, canAsk: clientKey !== undefined })
  return { api, ready, stripe, texts: { ...englishTexts, ...texts }, theme, locale }
}

function serverUrl(url: unknown): string {
  if (typeof url === 'string' && /^https?:\/\/[^/]/.test(url)) return url.replace(/\/+$/, '')
  throw misuse(
    'parameter_invalid',
    'createTollbridge needs `url`, the address of the Tollbridge server, such as https://pay.shop.example.',
    'url',
  )
}
