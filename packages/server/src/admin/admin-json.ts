/** What the admin API and the command line show: apps, signing secrets, diagnoses. No secret is ever among it. */
import { actorText } from '../access/actor.ts'
import { serverKeyId } from '../access/api-keys.ts'
import type { ServerKey } from '../access/server-key.ts'
import type { AppRegistry } from '../apps/app-registry.ts'
import { STRIPE_SECRET_KEY } from '../apps/secret-names.ts'
import type { SigningSecret } from '../apps/signing-secrets.ts'
import type { AppRecord } from '../store/app-store.ts'
import type { Activation } from './activate.ts'
import type { Diagnosis } from './doctor/run-doctor.ts'

type AppFacts = Pick<
  AppRegistry,
  'isFromEnvironment' | 'storedSecrets' | 'publishableKey' | 'currencyFor' | 'records'
>

export function appJson(app: AppRecord, registry: AppFacts) {
  const stored = registry.storedSecrets(app.appId).find(({ name }) => name === STRIPE_SECRET_KEY)
  return {
    id: app.appId,
    object: 'app',
    name: app.name,
    mode: app.mode,
    default: registry.records[0]?.appId === app.appId,
    created: seconds(app.createdAt),
    disabled: app.disabledAt !== null,
    client_keys: app.clientKeys,
    server_keys: app.serverKeys.map(serverKeyJson),
    currency: registry.currencyFor(app.appId),
    publishable_key: registry.publishableKey(app.appId),
    stripe_account: app.stripeAccountId,
    stripe_secret_key: registry.isFromEnvironment(app.appId) ? 'environment' : secretState(stored?.value),
    public_url: app.publicUrl,
    webhook_endpoint: app.webhookEndpointId,
  }
}

export function serverKeyJson(key: ServerKey) {
  const { hash, name, scopes, madeBy, createdAt, lastFour, passthroughRules = ['default'] } = key
  return {
    id: serverKeyId(hash),
    object: 'server_key',
    name,
    scopes,
    passthrough_rules: passthroughRules,
    last4: lastFour,
    made_by: madeBy === null ? null : actorText(madeBy),
    created: createdAt === null ? null : seconds(createdAt),
  }
}

/** Secrets are written and never shown; a reference says where to look, and that is no secret. */
function secretState(value: string | undefined): string {
  if (value === undefined) return 'unset'
  return /^(env|file):/.test(value) ? value : 'set'
}

/** @param now milliseconds since the epoch */
export function signingSecretJson(secret: SigningSecret, now: number) {
  const { validUntil } = secret
  return {
    id: secret.id,
    object: 'signing_secret',
    app_id: secret.appId,
    endpoint_id: secret.endpointId,
    reference: secret.reference,
    created: seconds(secret.createdAt),
    valid_until: validUntil === null ? null : seconds(validUntil),
    status: validUntil === null ? 'active' : validUntil > now ? 'rolling_out' : 'expired',
  }
}

export function activationJson(activation: Activation, registry: AppFacts) {
  const { record, newServerKey, endpoint, endpointOutcome, changed, warnings } = activation
  return {
    object: 'activation',
    app: appJson(record, registry),
    ...(newServerKey === null ? {} : { server_key: newServerKey }),
    webhook_endpoint: {
      id: endpoint.id,
      url: endpoint.url,
      api_version: endpoint.api_version,
      enabled_events: endpoint.enabled_events,
      outcome: endpointOutcome,
    },
    changed,
    warnings,
  }
}

export function diagnosisJson({ appId, status, checks }: Diagnosis) {
  return { object: 'diagnosis', app_id: appId, status, checks }
}

export function listJson<T>(url: string, data: readonly T[]) {
  return { object: 'list', url, has_more: false, data }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
