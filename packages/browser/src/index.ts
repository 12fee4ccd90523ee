/** The public face of the browser SDK. */
export { createTollbridge, type Tollbridge, type TollbridgeOptions } from './create-tollbridge.ts'
export type { Theme } from './dialog/open-dialog.ts'
export type { Texts } from './dialog/texts.ts'
export type { PageConfig } from './page-config.ts'
export type { CaptchaChallenge, OnCaptcha } from './payments/captcha.ts'
export type { Charge, ChargeRequest, ChargeResult } from './payments/charge.ts'
export type { Pay } from './payments/create-pay.ts'
export type { Customer, CustomerOf, SavedCard } from './payments/customer.ts'
export type { PaymentRun, PayOutcome, PayRequest, PayStep } from './payments/pay-types.ts'
export type { Payment, PaymentStatus, SoldItem } from './payments/payment.ts'
export type { PaymentWords, PriceWords } from './payments/price-words.ts'
export { TollbridgeError } from './tollbridge-error.ts'
export type { BrowserPlugin, OriginalMessage, PluginApi, PluginFunction } from './ui/browser-plugin.ts'
export type { LocalCallback, LocalRun, MessageBody, PluginMessage, Ui, UiMessage } from './ui/create-ui.ts'
export type { ConnectOptions, UiRemote } from './ui-remote/ui-remote.ts'
export type { SessionSource, UiHeaders } from './ui-remote/ui-session.ts'
export type {
  PaymentNews,
  StripeEvent,
  Watch,
  Watched,
  Watching,
  WatchOptions,
} from './watch/watch-payment.ts'
