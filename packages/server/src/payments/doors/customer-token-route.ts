/** `POST /v1/customers/:id/token`: lets a page act for one customer of the app, for a while. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CustomerTokens } from '../../access/customer-token.ts'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import { parseBody } from '../../http/parse-body.ts'
import type { RouteDoc } from '../../http/route-doc.ts'
import { assertServer } from './caller-of.ts'
import { customerId } from './customer-id.ts'

export interface CustomerTokenRouteDeps {
  authenticate(request: FastifyRequest): Promise<Principal>
  readonly customerTokens: Pick<CustomerTokens, 'sign'>
}

const LIFETIME = 'must be a whole number of seconds from 60 to 86400'

const bodySchema = z.strictObject({
  expires_in: z
    .int({ error: LIFETIME })
    .min(60, { error: LIFETIME })
    .max(86_400, { error: LIFETIME })
    .default(900)
    .describe('Seconds.'),
})

const DOC: RouteDoc = {
  summary: 'Let a page act for a customer',
  description:
    'The page sends the token as Tollbridge-Customer-Token beside its client key, and may then list, choose, save and remove the cards of this customer, and of no other. Make it for who is signed in, never for an id that the page names.',
  tag: 'Saved cards',
  keys: ['server'],
  scope: 'payments',
  body: bodySchema,
  status: 201,
  answer: z.object({
    object: z.literal('customer_token'),
    customer: z.string(),
    token: z.string(),
    expires_at: z.int().describe('Seconds since the epoch.'),
  }),
}

export function registerCustomerTokenRoute(fastify: FastifyInstance, deps: CustomerTokenRouteDeps): void {
  const { authenticate, customerTokens } = deps
  fastify.post<{ Params: { readonly id: string } }>(
    '/v1/customers/:id/token',
    { config: { doc: DOC } },
    async (request, reply) => {
      const principal = await authenticate(request)
      assertServer(principal, 'A customer token')
      assertOwnAccount(request)
      const { keyId } = principal
      if (keyId === null) throw new Error('A request is made with a key')
      const { expires_in: seconds } = parseBody(bodySchema, request.body)
      const customer = customerId(request.params.id)
      const { token, expiresAt } = await customerTokens.sign({
        appId: principal.appId,
        customer,
        madeBy: keyId,
        lifetimeSeconds: seconds,
      })
      return reply.code(201).send({
        object: 'customer_token',
        customer,
        token,
        expires_at: Math.floor(expiresAt / 1000),
      })
    },
  )
}

/** What a page does, it does on the app's own account. */
function assertOwnAccount({ headers }: FastifyRequest): void {
  if (headers['stripe-account'] === undefined) return
  throw new ServiceError('parameter_invalid', {
    message:
      'The header Stripe-Account cannot be sent here: a page acts on the app’s own account, and so do its tokens.',
    param: 'Stripe-Account',
  })
}
