/** `/v1/admin/signing_secrets`, `/v1/admin/activate` and `/v1/admin/doctor`: an app and its Stripe account. */
import type { FastifyInstance } from 'fastify'
import type { AppRegistry } from '../apps/app-registry.ts'
import type { SigningSecrets } from '../apps/signing-secrets.ts'
import type { Clock } from '../clock.ts'
import { ServiceError } from '../errors.ts'
import { isReference } from '../secrets/secret-value.ts'
import type { Activate } from './activate.ts'
import type { Admin, AdminAccess } from './admin-access.ts'
import { activationJson, diagnosisJson, listJson, signingSecretJson } from './admin-json.ts'
import { setupDocs } from './docs.ts'
import type { Doctor } from './doctor/run-doctor.ts'
import { activateSchema, appQuerySchema, parseInput, rollSchema, signingSecretSchema } from './schema.ts'

export interface SetupRoutesDeps {
  readonly access: AdminAccess
  readonly registry: AppRegistry
  readonly signingSecrets: SigningSecrets
  readonly activate: Activate
  readonly doctor: Doctor
  readonly clock: Clock
}

const SECRETS = '/v1/admin/signing_secrets'

export function registerSetupRoutes(fastify: FastifyInstance, deps: SetupRoutesDeps): void {
  const { access, registry, signingSecrets, clock } = deps

  /** The app that is named, else that of the server key, else the default app. */
  function appOf(admin: Admin, named: string | undefined): string {
    const appId = named ?? (admin.role === 'server' ? admin.appId : registry.records[0]?.appId)
    if (appId === undefined) {
      throw new ServiceError('parameter_missing', { message: 'app_id is missing.', param: 'app_id' })
    }
    access.assertMayAdminister(admin, appId)
    return appId
  }

  fastify.get(SECRETS, { config: { doc: setupDocs.list } }, async (request) => {
    const admin = await access.adminOf(request)
    await registry.reload()
    const appId = appOf(admin, parseInput(appQuerySchema, request.query).app_id)
    return listJson(
      SECRETS,
      signingSecrets.list(appId).map((it) => signingSecretJson(it, clock.now())),
    )
  })

  fastify.post(SECRETS, { config: { doc: setupDocs.add } }, async (request, reply) => {
    const admin = await access.adminOf(request)
    const { app_id, signing_secret, endpoint_id } = parseInput(signingSecretSchema, request.body)
    assertMayRefer(admin, signing_secret)
    const added = await signingSecrets.add(
      appOf(admin, app_id),
      signing_secret,
      endpoint_id ?? null,
      admin.by,
    )
    reply.code(201)
    return signingSecretJson(added, clock.now())
  })

  fastify.post(`${SECRETS}/roll`, { config: { doc: setupDocs.roll } }, async (request, reply) => {
    const admin = await access.adminOf(request)
    const { app_id, signing_secret, endpoint_id, overlap_seconds } = parseInput(rollSchema, request.body)
    assertMayRefer(admin, signing_secret)
    const options = { endpointId: endpoint_id ?? null, overlapSeconds: overlap_seconds }
    const added = await signingSecrets.roll(appOf(admin, app_id), signing_secret, options, admin.by)
    reply.code(201)
    return signingSecretJson(added, clock.now())
  })

  fastify.delete<{ Params: { id: string } }>(
    `${SECRETS}/:id`,
    { config: { doc: setupDocs.retire } },
    async (request) => {
      const admin = await access.adminOf(request)
      const appId = appOf(admin, parseInput(appQuerySchema, request.query).app_id)
      await signingSecrets.retire(appId, request.params.id, admin.by)
      return { id: request.params.id, object: 'signing_secret', deleted: true }
    },
  )

  fastify.post('/v1/admin/activate', { config: { doc: setupDocs.activate } }, async (request) => {
    const admin = await access.adminOf(request)
    const body = parseInput(activateSchema, request.body)
    assertMayRefer(admin, body.secret_key)
    assertMayRefer(admin, body.signing_secret)
    if (admin.role === 'server' && body.api_base !== undefined) {
      throw operatorOnly('Only an operator may send calls to another address than Stripe’s.', 'api_base')
    }
    const wanted = {
      // An operator who names no app means the one of the key's mode, or a new one.
      appId: admin.role === 'server' ? appOf(admin, body.app_id) : body.app_id,
      secretKey: body.secret_key,
      publishableKey: body.publishable_key,
      publicUrl: body.public_url,
      currency: body.currency,
      signingSecret: body.signing_secret,
      apiBase: body.api_base,
      replace: body.replace,
    }
    const activation = await deps.activate(wanted, admin.by)
    return activationJson(activation, registry)
  })

  fastify.get('/v1/admin/doctor', { config: { doc: setupDocs.doctor } }, async (request) => {
    const admin = await access.adminOf(request)
    const appId = appOf(admin, parseInput(appQuerySchema, request.query).app_id)
    return diagnosisJson(await deps.doctor(appId))
  })
}

/** A reference can name any secret of the machine, those of other apps among them. */
function assertMayRefer(admin: Admin, secret: string | undefined): void {
  if (admin.role === 'operator' || secret === undefined || !isReference(secret)) return
  throw operatorOnly('Only an operator may refer to secrets of this machine (env:, file:).', 'secret_key')
}

function operatorOnly(message: string, param: string): ServiceError {
  return new ServiceError('operator_key_required', { message, param })
}
