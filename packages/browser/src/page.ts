/** What every part of the SDK knows of its page. */
import type { Stripe } from '@stripe/stripe-js'
import type { Theme } from './dialog/open-dialog.ts'
import type { Texts } from './dialog/texts.ts'
import type { PageApi } from './page-api.ts'
import type { PageConfig } from './page-config.ts'

export interface Page {
  readonly api: PageApi
  /** What the server tells about the app. @throws TollbridgeError */
  readonly ready: () => Promise<PageConfig>
  /** Stripe.js for a publishable key; absent, the app's own. @param account connected, `acct_…` @throws TollbridgeError */
  readonly stripe: (publicKey?: string | null, account?: string) => Promise<Stripe>
  readonly texts: Texts
  readonly theme: Theme
  /** As given; undefined leaves it to the browser. */
  readonly locale: string | undefined
}
