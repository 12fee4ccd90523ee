/** The REST half of messaging: nobody but Stripe's events publishes, and the status of what was published. */
import { parseChannel, STRIPE_CHANNEL } from '@tollbridge/protocol'
import type { FastifyInstance } from 'fastify'
import type { Principal } from '../../access/principal.ts'
import { ServiceError } from '../../errors.ts'
import type { StripeEventReader } from './read-stripe-events.ts'
import { callerOf } from './root-form.ts'

/** Messages are named for the row of their event. */
const MESSAGE_ID = /^message:([\w-]{1,64})$/

/** A client that could publish could tell another that a payment succeeded. */
export function publishRefused(channel: string): ServiceError {
  return parseChannel(channel).known
    ? new ServiceError('operation_not_allowed', {
        message: `The channel "${STRIPE_CHANNEL}" carries Stripe's own events alone, so nobody can publish to it.`,
        param: 'channel',
      })
    : new ServiceError('channel_unknown', {
        message: `There is no channel ${channel.slice(0, 100)} here: payment events come on the channel "${STRIPE_CHANNEL}".`,
        param: 'channel',
      })
}

/** Throws `resource_missing`, also about what the caller may not see. */
export async function assertPublished(
  reader: Pick<StripeEventReader, 'exists'>,
  caller: Principal,
  messageId: string,
): Promise<void> {
  const objectId = MESSAGE_ID.exec(messageId)?.[1]
  if (objectId !== undefined && (await reader.exists(caller, objectId))) return
  throw new ServiceError('resource_missing', {
    message: `There is no message with the id ${messageId.slice(0, 100)}.`,
    param: 'messageId',
  })
}

export function registerMessagingRoutes(
  scope: FastifyInstance,
  reader: Pick<StripeEventReader, 'exists'>,
): void {
  scope.post<{ Params: { channel: string } }>('/messaging/:channel', async (request) => {
    throw publishRefused(request.params.channel)
  })

  scope.get<{ Params: { messageId: string } }>('/messaging/:messageId', async (request) => {
    const { messageId } = request.params
    await assertPublished(reader, callerOf(request, 'read'), messageId)
    return { errorMessage: null, messageId, status: 'published' }
  })

  scope.delete('/messaging/:messageId', async () => {
    throw new ServiceError('operation_not_allowed', {
      message: "Messages are published the moment Stripe's event is stored, so none can be cancelled.",
      param: 'messageId',
    })
  })
}
