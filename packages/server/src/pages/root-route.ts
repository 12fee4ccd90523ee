/** `GET /`: the root page, under a policy that lets it load nothing. */
import { createHash } from 'node:crypto'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ShopLink } from './examples.ts'
import type { AppFacts } from './page-config.ts'
import type { PageScripts } from './page-script.ts'
import { COPY_SCRIPT, plainPage, sandboxPage } from './root-page.ts'
import { ROOT_PAGE_STYLE } from './root-page-style.ts'
import { describeScriptTag } from './script-tag.ts'

export interface RootRouteDeps {
  readonly scripts: PageScripts
  /** The app that the server was started for. */
  defaultApp(): AppFacts & { readonly clientKey: string }
  /** null: none are installed. */
  shops(): readonly ShopLink[] | null
  /** The origin under which clients reach the server; absent: what each request names. */
  readonly publicUrl: string | undefined
}

export function registerRootRoute(fastify: FastifyInstance, deps: RootRouteDeps): void {
  fastify.register(async (scope) => {
    await scope.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: [sourceHash(ROOT_PAGE_STYLE)],
          scriptSrc: [sourceHash(COPY_SCRIPT)],
          imgSrc: ['data:'],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // Whether a whole domain is for https alone is for its owner to say.
      strictTransportSecurity: false,
    })
    scope.get('/', async (request, reply) => {
      reply.type('text/html; charset=utf-8').header('Cache-Control', 'no-cache')
      return reply.send(pageFor(request, deps))
    })
  })
}

function pageFor(request: FastifyRequest, { scripts, defaultApp, shops, publicUrl }: RootRouteDeps): string {
  const { appId, clientKey, mode, currency, apiBase } = defaultApp()
  if (mode !== 'sandbox') return plainPage()
  const script = scripts('tollbridge.js')
  const url = publicUrl ?? `${request.protocol}://${request.host}`
  const scriptTag = script === null ? null : describeScriptTag({ url, appId, clientKey, script })
  return sandboxPage({ appId, clientKey, currency, stripeUrl: apiBase ?? '', scriptTag, shops: shops() })
}

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
