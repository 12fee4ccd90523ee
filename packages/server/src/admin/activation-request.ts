/** Reads what an activation asks for: fills in what is known already, and names what is missing or does not fit. */
import type { AppRegistry } from '../apps/app-registry.ts'
import { STRIPE_SECRET_KEY } from '../apps/secret-names.ts'
import { ServiceError } from '../errors.ts'
import { isReference, type SecretValues } from '../secrets/secret-value.ts'
import type { AppRecord } from '../store/app-store.ts'
import { findProblems } from './activation-problems.ts'
import { refused } from './activation-refusals.ts'
import { type StripeMode, secretKeyMode } from './key-form.ts'

/** Absent: what an earlier activation or the settings say. */
export interface ActivationInput {
  readonly appId?: string | undefined
  /** The key, or a reference `env:NAME` or `file:/path`. */
  readonly secretKey?: string | undefined
  readonly publishableKey?: string | undefined
  /** An origin such as `https://pay.example.com`. */
  readonly publicUrl?: string | undefined
  readonly currency?: string | undefined
  /** Of the endpoint that is there already. */
  readonly signingSecret?: string | undefined
  readonly apiBase?: string | undefined
  readonly replace?: boolean | undefined
}

export interface ActivationRequest {
  readonly appId: string
  /** Null: it is made, in the mode of the key. */
  readonly app: AppRecord | null
  readonly mode: StripeMode
  readonly secretKey: string
  /** The key or the reference to it, as it was given. */
  readonly storedSecretKey: string
  readonly publishableKey: string
  readonly publicUrl: string
  readonly currency: string
  readonly signingSecret: string | null
  readonly apiBase: string | null
  readonly replace: boolean
  readonly isFromEnvironment: boolean
}

export interface RequestContext {
  readonly registry: AppRegistry
  readonly values: SecretValues
  readonly publicUrl: string | null
  newAppId(): string
}

/** Throws `activation_refused`, `app_unknown` or `managed_by_environment`. */
export function completeRequest(input: ActivationInput, context: RequestContext): ActivationRequest {
  const { registry, values } = context
  const given = input.secretKey
  // Named without an app, the key says which mode is meant.
  const early = given === undefined ? null : resolve(given, input.appId ?? 'new', values)
  const app = findApp(input, early === null ? null : secretKeyMode(early), registry)
  const isFromEnvironment = app !== null && registry.isFromEnvironment(app.appId)
  if (app?.mode === 'sandbox') {
    throw new ServiceError('managed_by_environment', {
      message: `The app ${app.appId} runs on the local Stripe and needs no activation. Leave app_id out, and an app for the mode of your key is made.`,
      param: 'app_id',
    })
  }
  // A key that is given mends one that cannot be read any more.
  const stored = app === null || early !== null ? null : registry.stripeAccess(app.appId)
  const secretKey = early ?? stored?.secretKey
  const storedReference =
    app === null
      ? undefined
      : registry.storedSecrets(app.appId).find(({ name }) => name === STRIPE_SECRET_KEY)?.value
  const wanted = {
    secret_key: secretKey,
    publishable_key:
      input.publishableKey ?? (app === null ? null : registry.publishableKey(app.appId)) ?? undefined,
    public_url: input.publicUrl ?? app?.publicUrl ?? context.publicUrl ?? undefined,
    currency:
      input.currency ??
      app?.currency ??
      (app !== null && isFromEnvironment ? registry.currencyFor(app.appId) : undefined),
  }
  const apiBase =
    input.apiBase ??
    (app !== null && isFromEnvironment
      ? (registry.stripeAccess(app.appId)?.apiBase ?? null)
      : (app?.apiBase ?? null))
  const problems = findProblems(wanted, { app, signingSecret: input.signingSecret, apiBase })
  if (app !== null && isFromEnvironment) assertUnchanged(input, app, registry)
  const mode = secretKey === undefined ? null : secretKeyMode(secretKey)
  const { publishable_key, public_url, currency } = wanted
  if (
    problems.length > 0 ||
    mode === null ||
    secretKey === undefined ||
    publishable_key === undefined ||
    public_url === undefined ||
    currency === undefined
  ) {
    throw refused(problems)
  }
  return {
    appId: app?.appId ?? input.appId ?? context.newAppId(),
    app,
    mode,
    secretKey,
    storedSecretKey:
      given ?? (storedReference !== undefined && isReference(storedReference) ? storedReference : secretKey),
    publishableKey: publishable_key,
    publicUrl: public_url,
    currency,
    signingSecret: input.signingSecret ?? null,
    apiBase,
    replace: input.replace ?? false,
    isFromEnvironment,
  }
}

/** By its id, else the only one of the mode; none of the mode: it is made. */
function findApp(input: ActivationInput, mode: StripeMode | null, registry: AppRegistry): AppRecord | null {
  if (input.appId !== undefined) return registry.record(input.appId)
  const candidates = registry.records.filter((app) =>
    mode === null ? app.mode !== 'sandbox' : app.mode === mode,
  )
  if (candidates.length <= 1) return candidates[0] ?? null
  throw refused([
    {
      param: 'app_id',
      message: `app_id is missing: there are several ${mode ?? 'such'} apps here (${candidates.map(({ appId }) => appId).join(', ')}), so name the one that you mean.`,
    },
  ])
}

/** Keys that the settings give are changed there, so that the next start does not undo what was activated. */
function assertUnchanged(input: ActivationInput, app: AppRecord, registry: AppRegistry): void {
  const settings = {
    secret_key: [input.secretKey, registry.stripeAccess(app.appId)?.secretKey, 'STRIPE_SECRET_KEY'],
    publishable_key: [input.publishableKey, registry.publishableKey(app.appId), 'STRIPE_PUBLISHABLE_KEY'],
    currency: [input.currency, registry.currencyFor(app.appId), 'CURRENCY'],
  } as const
  for (const [param, [given, inForce, setting]] of Object.entries(settings)) {
    if (given === undefined || given === inForce) continue
    throw new ServiceError('managed_by_environment', {
      message: `The app ${app.appId} takes its ${param} from ${setting}: change that setting and restart, or leave ${param} out.`,
      param,
    })
  }
}

/** Throws `activation_refused` when a reference leads nowhere. */
function resolve(given: string, appId: string, values: SecretValues): string {
  if (!isReference(given)) return given
  try {
    return values.read(given, { appId, name: STRIPE_SECRET_KEY })
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    throw refused([{ param: 'secret_key', message: error.message }])
  }
}
