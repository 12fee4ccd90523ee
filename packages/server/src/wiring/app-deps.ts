/** What the service is put together from. */
import type { RandomBytes } from '../access/api-keys.ts'
import type { AppRegistry, StripeAccess } from '../apps/app-registry.ts'
import type { Clock, SteadyClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Outbound } from '../outbound/create-outbound.ts'
import type { ExampleShops } from '../pages/examples.ts'
import type { SecretValues } from '../secrets/secret-value.ts'
import type { Store } from '../store/store.ts'
import type { StripeAccount } from '../stripe/stripe-account.ts'
import type { StripeForwarder } from '../stripe/stripe-forwarder.ts'
import type { StripeGateway } from '../stripe/stripe-gateway.ts'

export interface AppDeps {
  readonly config: Config
  /** The apps with their keys, currencies and signing secrets, as they change. */
  readonly registry: AppRegistry
  readonly store: Store
  /** The Stripe account of an app, for payments. */
  stripeFor(appId: string): StripeGateway
  /** The same account, for calls that pass as they are. */
  forwarderFor(appId: string): StripeForwarder
  /** The same account, for its operator. */
  accountFor(appId: string): StripeAccount
  /** An account whose keys are not stored yet. */
  openAccount(access: StripeAccess): StripeAccount
  /** Calls to addresses that an app or a setting names. */
  readonly outbound: Outbound
  /** Ends every call to Stripe that is under way; there are no more afterwards. */
  letGoOfStripe(): void
  readonly secretValues: SecretValues
  /** The key file where others than its owner can read it. */
  exposedKeyFile(): string | null
  readonly clock: Clock
  readonly steady: SteadyClock
  readonly log: Log
  readonly random: RandomBytes
  /** A fresh random id. */
  newId(): string
  /** The shops to try, in sandbox mode, once the server listens. */
  examples(): ExampleShops | null
}
