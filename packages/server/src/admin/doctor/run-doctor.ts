/** The doctor: looks at everything that an app needs to take payments, and names each fault with its fix. */
import type { AppRegistry, StripeAccess } from '../../apps/app-registry.ts'
import type { SigningSecrets } from '../../apps/signing-secrets.ts'
import type { Clock } from '../../clock.ts'
import { ServiceError } from '../../errors.ts'
import type { Outbound } from '../../outbound/create-outbound.ts'
import type { SecretValues } from '../../secrets/secret-value.ts'
import type { AppRecord } from '../../store/app-store.ts'
import type { StoreHealth } from '../../store/store-health.ts'
import type { StripeAccount, WebhookEndpoint } from '../../stripe/stripe-account.ts'
import { endpointsOf } from '../plan-endpoint.ts'
import { webhookUrl } from '../webhook-urls.ts'
import { type Check, type CheckStatus, fail, ok, warn, worst } from './check.ts'
import { checkAccountAlone } from './check-account-alone.ts'
import { judgeEndpoint } from './check-endpoint.ts'
import { checkPermissions, checkPublishableKey, judgeClock, judgeGreeting, judgeMode } from './check-keys.ts'
import { judgeOrderIds, type ReadSettings } from './check-order-ids.ts'
import { checkSecrets, checkStore, judgeBacklog } from './check-store.ts'
import { roundTrip } from './round-trip.ts'

export interface Diagnosis {
  readonly appId: string
  readonly status: CheckStatus
  readonly checks: readonly Check[]
}

export interface DoctorDeps {
  readonly registry: AppRegistry
  readonly signingSecrets: Pick<SigningSecrets, 'list'>
  readonly values: SecretValues
  readonly health: StoreHealth
  accountFor(appId: string): StripeAccount
  openAccount(access: StripeAccess): StripeAccount
  /** The key file where others than its owner can read it. */
  exposedKeyFile(): string | null
  /** The origin under which Stripe reaches an app that has no public URL of its own; null: nobody knows. */
  publicUrl(app: AppRecord): string | null
  readonly readSettings: ReadSettings
  readonly outbound: Outbound
  readonly toleranceSeconds: number
  readonly timeoutMs: number
  readonly clock: Clock
  newId(): string
}

export type Doctor = (appId: string, onCheck?: (check: Check) => void) => Promise<Diagnosis>

/** Throws `app_unknown` alone; every other trouble is a finding. */
export function createDoctor(deps: DoctorDeps): Doctor {
  const { registry, health, clock } = deps

  return async (appId, onCheck = () => {}) => {
    const checks: Check[] = []
    const note = (...found: readonly Check[]) => {
      for (const check of found) {
        checks.push(check)
        onCheck(check)
      }
    }
    await registry.reload()
    const app = registry.record(appId)
    note(await checkStore(health, clock.now()))
    note(checkSecrets(appId, { registry, values: deps.values, exposedKeyFile: deps.exposedKeyFile() }))
    note(judgeBacklog(await health.backlog(appId), clock.now()))
    note(judgeApp(app))
    note(judgeOrderIds(app.mode, deps.readSettings))
    await examineStripe(app, note)
    return { appId, status: worst(checks), checks }
  }

  async function examineStripe(app: AppRecord, note: (...found: readonly Check[]) => void): Promise<void> {
    try {
      const account = deps.accountFor(app.appId)
      const startedAt = clock.now()
      const greeting = await account.greet()
      const ourTime = (startedAt + clock.now()) / 2
      note(judgeGreeting(greeting, app))
      note(
        judgeMode(app, registry.stripeAccess(app.appId)?.secretKey ?? '', registry.publishableKey(app.appId)),
      )
      // The rest would only say again that Stripe does not answer.
      if (greeting.outcome === 'welcome') {
        note(judgeClock(greeting.stripeTime, ourTime, deps.toleranceSeconds))
        note(await checkAccountAlone(app, greeting.accountId, deps))
        note(await checkPublishableKey(account, registry.publishableKey(app.appId)))
        note(await checkPermissions(account))
      }
      note(...(await examineEndpoint(app, greeting.outcome === 'welcome' ? account : null)))
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      note(unaskable(error))
    }
  }

  async function examineEndpoint(app: AppRecord, account: StripeAccount | null): Promise<readonly Check[]> {
    const publicUrl = app.publicUrl ?? deps.publicUrl(app)
    const owner = { appId: app.appId, isDefault: registry.records[0]?.appId === app.appId }
    const expectedUrl = publicUrl === null ? null : webhookUrl(publicUrl, app.appId)
    let endpoints: readonly WebhookEndpoint[] = []
    const found: Check[] = []
    if (account !== null) {
      const all = await account.listEndpoints()
      endpoints = publicUrl === null ? [] : endpointsOf({ endpoints: all, publicUrl, owner })
      found.push(...judgeEndpoint({ app, endpoints, expectedUrl, apiVersion: account.apiVersion }))
    }
    const url =
      endpoints.find(({ id }) => id === app.webhookEndpointId)?.url ?? endpoints[0]?.url ?? expectedUrl
    return [...found, ...(await examineDelivery(app, url))]
  }

  async function examineDelivery(app: AppRecord, url: string | null): Promise<readonly Check[]> {
    const [signingSecret] = registry.signingSecrets(app.appId)
    if (signingSecret === undefined) {
      return [
        fail(
          'signing_secret',
          'The app has no signing secret, so its webhook address answers 404 and no event is taken.',
          'Activate the app, or add the secret of its endpoint: tollbridge keys add-signing-secret.',
        ),
      ]
    }
    const count = registry.signingSecrets(app.appId).length
    const secrets = ok('signing_secret', `${count} signing secret${count === 1 ? ' counts' : 's count'}.`)
    if (url === null) return [secrets]
    const trip = await roundTrip({
      outbound: deps.outbound,
      onBehalfOf: app.mode,
      url,
      signingSecret,
      eventId: `evt_tollbridge_${deps.newId()}`,
      now: clock.now(),
      timeoutMs: deps.timeoutMs,
    })
    return [secrets, ...trip]
  }
}

function judgeApp({ appId, disabledAt }: AppRecord): Check {
  if (disabledAt === null) return ok('app', `The app ${appId} is enabled.`)
  return warn(
    'app',
    `The app ${appId} is disabled: its keys open nothing.`,
    `tollbridge apps enable ${appId}`,
  )
}

/** No Stripe key, one that cannot be opened, or a call that failed on the way. */
function unaskable(error: ServiceError): Check {
  if (error.code === 'app_not_activated') {
    return fail(
      'stripe_key',
      'The app has no Stripe keys yet, so it takes no payments.',
      'Run tollbridge activate, or POST /v1/admin/activate.',
    )
  }
  return fail('stripe_key', error.message, 'Mend this, and run the doctor again for the rest of the checks.')
}
