/** The Backendless REST contract: one router under both forms of its root, for the unmodified official SDKs. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ServiceError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type AppInfoDeps, registerAppInfoRoutes } from './app-info-routes.ts'
import { type BinaryDeps, registerBinaryRoute } from './binary/binary-route.ts'
import { readJsonBodies } from './body-parsing.ts'
import { allowAnyOrigin, routePreflights } from './cors.ts'
import { registerDataRoutes } from './data-routes.ts'
import { envelopeErrorHandler } from './error-envelope.ts'
import { refuseForeignText } from './foreign-text.ts'
import { registerLoggingRoutes } from './logging-routes.ts'
import { registerMessagingRoutes } from './messaging-routes.ts'
import { createStripeEventReader, type ReadDeps, type StripeEventReader } from './read-stripe-events.ts'
import {
  type CallerDeps,
  domainForm,
  identifyCallers,
  keyForm,
  type RootForm,
  type RootFormDeps,
} from './root-form.ts'
import {
  type ChargeDeps,
  refuseOtherServices,
  registerChargeRoutes,
  registerWebhookRoute,
  type WebhookDeps,
} from './stripe-service-routes.ts'

export interface BackendlessDeps
  extends RootFormDeps,
    CallerDeps,
    AppInfoDeps,
    ReadDeps,
    ChargeDeps,
    WebhookDeps,
    BinaryDeps {
  readonly log: Log
}

/** Mounts `/<APP>/<KEY>/…` and `/api/…` with the binary door, and the charge alone at `/Stripe/charge` and `/services/Stripe/charge`. */
export function registerBackendlessRoutes(fastify: FastifyInstance, deps: BackendlessDeps): void {
  const reader = createStripeEventReader(deps)
  for (const root of [keyForm(deps), domainForm(deps)]) {
    mount(fastify, root, deps, (scope) => registerContract(scope, root, reader, deps))
    registerBinaryRoute(fastify, root, reader, deps)
    mount(fastify, root, deps, (scope) => refuseUnknownRoutes(scope, root))
  }
  // The plugin's own text writes the charge's path without a root.
  const bare = domainForm(deps, '')
  mount(fastify, bare, deps, (scope) => {
    allowAnyOrigin(scope)
    refuseForeignText(scope)
    routePreflights(scope, ['/Stripe/*', '/services/*'])
    identifyCallers(scope, bare, deps)
    registerChargeRoutes(scope, bare, deps)
  })
}

/** Each mount has its own errors and bodies; what the rest of the server does is left alone. */
function mount(
  fastify: FastifyInstance,
  root: RootForm,
  { log }: Pick<BackendlessDeps, 'log'>,
  register: (scope: FastifyInstance) => void,
): void {
  fastify.register(
    async (scope) => {
      scope.setErrorHandler(envelopeErrorHandler(log))
      readJsonBodies(scope)
      register(scope)
    },
    { prefix: root.prefix },
  )
}

/** Answered whatever the app, so that a page can read the error about a wrong one. */
const PREFLIGHTED = ['/info', '/rt/*', '/data/*', '/messaging/*', '/log', '/log/*', '/transaction/*']

function registerContract(
  scope: FastifyInstance,
  root: RootForm,
  reader: StripeEventReader,
  deps: BackendlessDeps,
): void {
  allowAnyOrigin(scope)
  if (!root.namesKey) refuseForeignText(scope)
  routePreflights(scope, PREFLIGHTED)
  registerAppInfoRoutes(scope, root, deps)
  registerWebhookRoute(scope, root, deps)
  scope.register(async (identified) => {
    identifyCallers(identified, root, deps)
    registerChargeRoutes(identified, root, deps)
    refuseOtherServices(identified)
    registerDataRoutes(identified, reader)
    registerMessagingRoutes(identified, reader)
    registerLoggingRoutes(identified)
  })
}

/** What else is asked of a known app; a path that names none belongs to the rest of the server. */
function refuseUnknownRoutes(scope: FastifyInstance, root: RootForm): void {
  scope.addHook('onRequest', (request, reply, done) => {
    if (root.findApp(request) !== null) done()
    else if (root.namesKey) reply.callNotFound()
    else done(root.unknownApp(request))
  })
  allowAnyOrigin(scope)
  scope.all('/*', async (request: FastifyRequest) => {
    const path = (request.params as { readonly '*': string })['*']
    throw new ServiceError('route_unknown', {
      message: `There is no ${request.method} ${path.slice(0, 100)} here. Of Backendless' API this server offers the service Stripe, the table StripeEvents and the channel stripe.`,
    })
  })
}
