/** The public face of the SDK for the app's own server. */
export type * from './answers.ts'
export type { List, Page } from './auto-paging.ts'
export { createTollbridge, type Tollbridge, type TollbridgeOptions } from './create-tollbridge.ts'
export type { Customers } from './customers.ts'
export type { Events, ListEventsFields } from './events.ts'
export type { FollowOptions } from './follow-events.ts'
export type { PageConfig } from './page-config.ts'
export type {
  ConfirmFields,
  ConfirmPaymentFields,
  CreatePaymentFields,
  ListPaymentsFields,
  OrderedItem,
  Payments,
  PriceFields,
} from './payments.ts'
export type { QuotedItem, QuoteFields, Quotes } from './quotes.ts'
export type { CallOptions } from './server-api.ts'
export type { Cards, CreateSetupIntentFields, SetupIntents } from './setup-intents.ts'
export type { Slingr, SlingrLogs, SlingrOptions } from './slingr.ts'
export type { StripeConfiguration } from './stripe/configuration.ts'
export type { StripeDoor } from './stripe/create-stripe.ts'
export type { StripeFile } from './stripe/file-parts.ts'
export type { FullResponse, HttpOptions, StripeAnswer, StripeFields } from './stripe/stripe-call.ts'
export type { StripeTree } from './stripe/stripe-tree.ts'
export { type AdditionalInfo, StripeApiError } from './stripe-api-error.ts'
export type { Caller, RequestLike } from './ui/caller.ts'
export type { ServerUi, UiErrorPlace } from './ui/create-ui.ts'
export type * from './ui/messages.ts'
export type { UiMiddleware } from './ui/middleware.ts'
