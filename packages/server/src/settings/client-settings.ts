/** The keys of the default app, and what clients may see. */
import { z } from 'zod'
import { setting } from './setting.ts'
import { keyLike, list, optional, wholeNumber, yesOrNo } from './setting-values.ts'

export const clientSettings = {
  APP_ID: setting({
    schema: optional(keyLike(/^[A-Za-z0-9_-]{4,64}$/, '4 to 64 letters, digits, - or _')),
    default: null,
    description:
      'The app id, for code that already carries one (a Backendless application id); unset: made at the first start.',
  }),
  CLIENT_KEY: setting({
    schema: optional(
      list.refine(
        (items) => items.length > 0 && items.every((item) => /^(?!tb[ko]_)[A-Za-z0-9_-]{8,128}$/.test(item)),
        {
          error:
            'must be one or more keys of 8 to 128 letters, digits, - or _, separated by commas, none starting with tbk_ or tbo_',
        },
      ),
    ),
    default: null,
    description:
      'The public client key, or several separated by commas (the API keys that existing Backendless clients carry); unset: made at the first start.',
  }),
  DOMAIN_APP: setting({
    schema: optional(keyLike(/^[A-Za-z0-9_-]{4,64}$/, '4 to 64 letters, digits, - or _')),
    default: null,
    description:
      'The id of the app that addresses without app and key mean: /api (initApp with a domain alone), /services/Stripe/charge and /Stripe/charge. Whoever reaches the server is then a client of that app. Unset: in the sandbox its own app, against real Stripe none.',
  }),
  CLIENT_READS: setting({
    schema: z.enum(['pinned', 'open'], { error: 'must be pinned or open' }),
    default: 'pinned',
    description:
      'pinned: a client key must name the transaction that it listens to or reads. open: for old apps that listen to everything. DANGER: with open, whoever reads the client key out of a page sees the events of every payer.',
  }),
  CLIENT_PAYLOADS: setting({
    schema: z.enum(['redacted', 'full'], { error: 'must be redacted or full' }),
    default: 'redacted',
    description:
      'redacted: client keys see events without client secrets and personal data. full: they see everything that Stripe sent.',
  }),
  REQUIRE_WATCH_TOKEN: setting({
    schema: yesOrNo,
    default: 'false',
    description:
      'Whether a client key must also show the watch token of the payment, which each charge answers.',
  }),
  ORDER_IDS_ARE_SECRET: setting({
    schema: optional(yesOrNo),
    default: null,
    description:
      'Whether nobody can guess an order id. true: whoever names one with a client key may listen to its events and read them. false: an order id alone opens nothing without the watch token of the payment. Unset: true for sandbox apps, false for all others.',
  }),
  WATCH_TOKEN_LIFETIME_SECONDS: setting({
    schema: wholeNumber(60, 31_536_000, 'seconds'),
    default: '86400',
    description: 'How long a watch token is good for.',
  }),
  RECENT_EVENTS_SECONDS: setting({
    schema: wholeNumber(0, 86_400, 'seconds'),
    default: '300',
    description:
      'A client that subscribes late still gets the matching events of this many seconds, once. 0 switches it off.',
  }),
} as const
