/** The services behind the admin API and the command line, put together in one place for both. */
import type { RandomBytes } from '../access/api-keys.ts'
import type { AppRegistry, StripeAccess } from '../apps/app-registry.ts'
import { type AppManager, createAppManager } from '../apps/manage-apps.ts'
import { createSigningSecrets, type SigningSecrets } from '../apps/signing-secrets.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Outbound } from '../outbound/create-outbound.ts'
import type { SecretValues } from '../secrets/secret-value.ts'
import type { AppRecord, AppStore } from '../store/app-store.ts'
import type { AuditTrailStore } from '../store/audit-trail-store.ts'
import type { PassthroughRuleStore } from '../store/passthrough-rule-store.ts'
import type { SecretStore } from '../store/secret-store.ts'
import type { StoreHealth } from '../store/store-health.ts'
import type { StripeAccount } from '../stripe/stripe-account.ts'
import { type Activate, createActivate } from './activate.ts'
import { createDoctor, type Doctor } from './doctor/run-doctor.ts'

export interface AdminDeps {
  readonly config: Pick<
    Config,
    | 'AUDIT_RETENTION_DAYS'
    | 'CLIENT_KEY'
    | 'CLIENT_READS'
    | 'ORDER_IDS_ARE_SECRET'
    | 'PUBLIC_URL'
    | 'REQUIRE_WATCH_TOKEN'
    | 'STRIPE_TIMEOUT_SECONDS'
    | 'WEBHOOK_TOLERANCE_SECONDS'
  >
  readonly store: {
    readonly apps: AppStore
    readonly secrets: SecretStore
    readonly health: StoreHealth
    readonly passthroughRules: PassthroughRuleStore
    readonly auditTrail: Pick<AuditTrailStore, 'sweep'>
  }
  readonly registry: AppRegistry
  readonly values: SecretValues
  accountFor(appId: string): StripeAccount
  /** An account whose keys are not stored yet. */
  openAccount(access: StripeAccess): StripeAccount
  /** The key file where others than its owner can read it. */
  exposedKeyFile(): string | null
  /** Calls the public address of an app. */
  readonly outbound: Outbound
  /** Where this machine reaches the server; null while it does not run. */
  localUrl(): string | null
  readonly clock: Clock
  readonly random: RandomBytes
  newId(): string
}

export interface AdminServices {
  readonly manager: AppManager
  readonly signingSecrets: SigningSecrets
  readonly activate: Activate
  readonly doctor: Doctor
  /** Drops rows of the audit trail that are too old. */
  sweepAudit(): Promise<void>
}

const DAY_MS = 86_400_000
const SWEPT_AT_ONCE = 500

export function createAdmin(deps: AdminDeps): AdminServices {
  const { config, store, registry, values, clock, random } = deps
  const publicUrl = config.PUBLIC_URL ?? null
  const defaultApp = registry.records[0]
  const manager = createAppManager({
    apps: store.apps,
    rules: store.passthroughRules,
    registry,
    fixedClientKeys:
      config.CLIENT_KEY === undefined || defaultApp === undefined ? null : { appId: defaultApp.appId },
    clock,
    random,
  })
  const signingSecrets = createSigningSecrets({ secrets: store.secrets, values, registry, clock, random })
  return {
    manager,
    signingSecrets,
    activate: createActivate({
      registry,
      apps: store.apps,
      secrets: store.secrets,
      values,
      manager,
      signingSecrets,
      openAccount: deps.openAccount,
      readSettings: config,
      publicUrl,
      clock,
      random,
    }),
    async sweepAudit() {
      const days = config.AUDIT_RETENTION_DAYS
      if (days > 0) await store.auditTrail.sweep(clock.now() - days * DAY_MS, SWEPT_AT_ONCE)
    },
    doctor: createDoctor({
      registry,
      signingSecrets,
      values,
      health: store.health,
      accountFor: deps.accountFor,
      openAccount: deps.openAccount,
      exposedKeyFile: deps.exposedKeyFile,
      readSettings: config,
      outbound: deps.outbound,
      // The local Stripe delivers to this machine, whatever the world calls it.
      publicUrl: (app: AppRecord) => (app.mode === 'sandbox' ? deps.localUrl() : publicUrl),
      toleranceSeconds: config.WEBHOOK_TOLERANCE_SECONDS,
      timeoutMs: config.STRIPE_TIMEOUT_SECONDS * 1000,
      clock,
      newId: deps.newId,
    }),
  }
}
