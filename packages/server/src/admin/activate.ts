/** Connects an app to a Stripe account: checks everything first, then changes what differs, and no more. */
import type { ChangedBy } from '../access/actor.ts'
import { makeAppId, type RandomBytes } from '../access/api-keys.ts'
import type { AppRegistry, StripeAccess } from '../apps/app-registry.ts'
import type { AppManager } from '../apps/manage-apps.ts'
import { accountTaken, assertWritten, findAccountOwner } from '../apps/same-account.ts'
import { STRIPE_SECRET_KEY } from '../apps/secret-names.ts'
import type { SigningSecrets } from '../apps/signing-secrets.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { isReference, type SecretValues } from '../secrets/secret-value.ts'
import type { AppRecord, AppSettings, AppStore } from '../store/app-store.ts'
import type { AuditEntry } from '../store/audit-trail-store.ts'
import type { SecretStore, StoredSecret } from '../store/secret-store.ts'
import type { StripeAccount, WebhookEndpoint } from '../stripe/stripe-account.ts'
import { secretUnknown } from './activation-refusals.ts'
import { type ActivationInput, type ActivationRequest, completeRequest } from './activation-request.ts'
import { checkAccount } from './check-account.ts'
import { judgeOrderIds, type ReadSettings } from './doctor/check-order-ids.ts'
import { NEEDED_EVENTS } from './needed-events.ts'
import { type EndpointPlan, endpointsOf, planEndpoint } from './plan-endpoint.ts'

export interface Activation {
  readonly record: AppRecord
  /** Set when the activation made the app: its server key, in plain for the only time. */
  readonly newServerKey: string | null
  readonly endpoint: WebhookEndpoint
  readonly endpointOutcome: 'created' | 'replaced' | 'updated' | 'unchanged'
  /** Names of what was changed; empty when everything was in place. */
  readonly changed: readonly string[]
  readonly warnings: readonly string[]
}

export type Activate = (input: ActivationInput, by: ChangedBy) => Promise<Activation>

export interface ActivateDeps {
  readonly registry: AppRegistry
  readonly apps: Pick<AppStore, 'update'>
  readonly secrets: Pick<SecretStore, 'apply'>
  readonly readSettings: ReadSettings
  readonly values: SecretValues
  readonly manager: AppManager
  readonly signingSecrets: SigningSecrets
  openAccount(access: StripeAccess): StripeAccount
  /** PUBLIC_URL of the process. */
  readonly publicUrl: string | null
  readonly clock: Clock
  readonly random: RandomBytes
}

/** How long the signing secret of a replaced endpoint still counts: deliveries of it may be on their way. */
const OVERLAP_SECONDS = 86_400

/**
 * Throws `activation_refused` with every problem at once, `account_taken` or `signing_secret_unknown`; then nothing was
 * changed.
 */
export function createActivate(deps: ActivateDeps): Activate {
  const { registry } = deps

  return oneAtATime(async (input, by) => {
    await registry.reload()
    const request = completeRequest(input, {
      registry,
      values: deps.values,
      publicUrl: deps.publicUrl,
      newAppId: () => makeAppId(deps.random),
    })
    const account = deps.openAccount({ secretKey: request.secretKey, apiBase: request.apiBase })
    const { accountId } = await checkAccount(account, request)
    const holder = await findAccountOwner({ ...request, stripeAccountId: accountId }, deps)
    if (holder !== null) {
      throw new ServiceError('account_taken', {
        message: `${accountTaken(request.app === null ? 'a second app' : request.appId, holder)} Nothing was changed.`,
        details: { app: holder },
      })
    }
    const endpoints = await account.listEndpoints()
    const owner = { appId: request.appId, isDefault: isDefault(request) }
    const plan = planEndpoint({
      endpoints,
      publicUrl: request.publicUrl,
      owner,
      rememberedId: request.app?.webhookEndpointId ?? null,
      knowsSecret: (endpointId) => knowsSecret(request, endpointId),
      replace: request.replace,
    })
    if (plan.kind === 'secret_unknown') throw secretUnknown(plan.endpoint)

    // Stripe's side first: when it fails there, nothing of ours is half done.
    const { endpoint, secret } = await changeEndpoint(plan, account)
    const { made, changed } = await store(request, {
      accountId,
      endpoint,
      newSecret: secret,
      plan,
      by,
    }).catch(async (error: unknown) => {
      // Stripe shows the secret this once: an endpoint whose secret could not be kept is taken away again.
      if (secret !== null) await account.deleteEndpoint(endpoint.id)
      throw error
    })
    if (plan.kind === 'replace') await account.deleteEndpoint(plan.endpoint.id)
    const others = endpointsOf({ endpoints, publicUrl: request.publicUrl, owner }).filter(
      ({ id }) => id !== endpoint.id && !(plan.kind === 'replace' && id === plan.endpoint.id),
    )
    return {
      record: registry.record(request.appId),
      newServerKey: made?.serverKey ?? null,
      endpoint,
      endpointOutcome: OUTCOMES[plan.kind],
      changed: [
        ...(made === null ? [] : ['app']),
        ...changed,
        ...(plan.kind === 'keep' ? [] : ['webhook_endpoint']),
      ],
      warnings: [
        ...versionWarning(endpoint, account.apiVersion),
        ...others.map(duplicateWarning),
        ...orderIdsWarning(request.appId),
      ],
    }
  })

  function orderIdsWarning(appId: string): string[] {
    const { status, message, fix } = judgeOrderIds(registry.record(appId).mode, deps.readSettings)
    return status === 'ok' ? [] : [`${message} ${fix}`]
  }

  function isDefault({ appId }: ActivationRequest): boolean {
    return registry.records[0]?.appId === appId
  }

  function knowsSecret(request: ActivationRequest, endpointId: string): boolean {
    if (request.signingSecret !== null) return true
    const { app } = request
    if (app === null) return false
    // The secrets of the settings belong to the endpoint that the settings were written for.
    if (registry.isFromEnvironment(app.appId)) return true
    return deps.signingSecrets
      .list(app.appId)
      .some((it) => it.endpointId === endpointId && it.validUntil === null)
  }

  /** @returns the names of what was changed. */
  async function storeKeys(
    request: ActivationRequest,
    accountId: string | null,
    by: ChangedBy,
  ): Promise<readonly string[]> {
    const { appId } = request
    const record = registry.record(appId)
    const changed: string[] = []
    const wanted: Partial<AppSettings> = {
      publicUrl: request.publicUrl,
      ...accountSettings(request, accountId),
      ...(request.isFromEnvironment ? {} : { currency: request.currency, apiBase: request.apiBase }),
    }
    const different = (Object.keys(wanted) as (keyof AppSettings)[]).filter(
      (name) => wanted[name] !== record[name],
    )
    // First of all, since this takes the account: whoever comes second has changed nothing yet.
    if (different.length > 0) {
      const names = different.map(snakeCase)
      const changes = Object.fromEntries(different.map((name) => [name, wanted[name]]))
      assertWritten(appId, await deps.apps.update(appId, changes, audit(by, appId, names)))
    }
    if (!request.isFromEnvironment) {
      const place = { appId, name: STRIPE_SECRET_KEY }
      const stored = registry.storedSecrets(appId).find(({ name }) => name === STRIPE_SECRET_KEY)
      const isSame = stored !== undefined && holds(stored, request)
      if (!isSame) {
        const value = deps.values.store(request.storedSecretKey, place)
        const secret = { ...place, value, note: null, createdAt: deps.clock.now(), validUntil: null }
        await deps.secrets.apply([{ kind: 'put', secret }], audit(by, appId, ['stripe_secret_key']))
        changed.push('stripe_secret_key')
      }
    }
    await registry.reload()
    return [...changed, ...different.map(snakeCase)]
  }

  function audit(by: ChangedBy, appId: string, changed: readonly string[]): AuditEntry {
    return {
      ...by,
      at: deps.clock.now(),
      appId,
      action: 'app.activated',
      target: appId,
      details: { changed },
    }
  }

  /** What cannot be read any more holds nothing, so that activating again mends it. */
  function holds(stored: StoredSecret, { storedSecretKey }: ActivationRequest): boolean {
    if (isReference(storedSecretKey) || isReference(stored.value)) return stored.value === storedSecretKey
    try {
      return deps.values.read(stored.value, stored) === storedSecretKey
    } catch {
      return false
    }
  }

  /** Everything of ours: the app, its keys, its endpoint and the secret of that. */
  async function store(
    request: ActivationRequest,
    { accountId, endpoint, newSecret, plan, by }: Outcome,
  ): Promise<{ readonly made: { readonly serverKey: string } | null; readonly changed: readonly string[] }> {
    const { appId } = request
    const made = request.app === null ? await deps.manager.create(newApp(request, accountId), by) : null
    const changed = await storeKeys(request, accountId, by)
    if (newSecret !== null && plan.kind === 'replace') {
      const options = { endpointId: endpoint.id, overlapSeconds: OVERLAP_SECONDS }
      await deps.signingSecrets.roll(appId, newSecret, options, by)
    } else {
      const secret = newSecret ?? request.signingSecret
      if (secret !== null) await deps.signingSecrets.add(appId, secret, endpoint.id, by)
    }
    if (registry.record(appId).webhookEndpointId !== endpoint.id) {
      const entry = audit(by, appId, ['webhook_endpoint'])
      await deps.apps.update(appId, { webhookEndpointId: endpoint.id }, entry)
      await registry.reload()
    }
    return { made, changed }
  }
}

/** Two activations that look for an endpoint at once would each make one. */
function oneAtATime(activate: Activate): Activate {
  let last: Promise<unknown> = Promise.resolve()
  return (input, by) => {
    const next = last.then(() => activate(input, by))
    last = next.catch(() => {})
    return next
  }
}

/** What was found and done at Stripe, to be kept here. */
interface Outcome {
  readonly accountId: string | null
  readonly endpoint: WebhookEndpoint
  /** null: the endpoint was there already. */
  readonly newSecret: string | null
  readonly plan: FeasiblePlan
  readonly by: ChangedBy
}

type FeasiblePlan = Exclude<EndpointPlan, { kind: 'secret_unknown' }>

/** @returns the endpoint as it is now, and its signing secret when it was made just now. */
async function changeEndpoint(
  plan: FeasiblePlan,
  account: StripeAccount,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string | null }> {
  switch (plan.kind) {
    case 'keep':
      return { endpoint: plan.endpoint, secret: null }
    case 'update':
      return { endpoint: await account.updateEndpoint(plan.endpoint.id, plan.changes), secret: null }
    case 'create':
    case 'replace': {
      const url = plan.kind === 'create' ? plan.url : plan.endpoint.url
      const { secret, ...endpoint } = await account.createEndpoint({ url, enabledEvents: NEEDED_EVENTS })
      return { endpoint, secret }
    }
  }
}

const OUTCOMES = { create: 'created', replace: 'replaced', update: 'updated', keep: 'unchanged' } as const

function newApp(request: ActivationRequest, accountId: string | null) {
  const { appId, mode, currency, publishableKey } = request
  return { appId, mode, currency, name: '', account: { stripeAccountId: accountId, publishableKey } }
}

/** A restricted key may not show its account; what is known of it stays. */
function accountSettings(
  { isFromEnvironment, publishableKey }: ActivationRequest,
  accountId: string | null,
): Partial<AppSettings> {
  return {
    ...(accountId === null ? {} : { stripeAccountId: accountId }),
    ...(isFromEnvironment ? {} : { publishableKey }),
  }
}

function versionWarning(endpoint: WebhookEndpoint, wanted: string): string[] {
  if (endpoint.api_version === wanted) return []
  const has =
    endpoint.api_version === null ? 'no API version of its own' : `API version ${endpoint.api_version}`
  return [
    `The webhook endpoint ${endpoint.id} has ${has}, and Stripe cannot change it; this version of Tollbridge is made for ${wanted}. Activate with replace to make a new endpoint in its place.`,
  ]
}

function duplicateWarning({ id, url }: WebhookEndpoint): string {
  return `The webhook endpoint ${id} delivers the same events to ${url} a second time; delete it in the Stripe dashboard.`
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
