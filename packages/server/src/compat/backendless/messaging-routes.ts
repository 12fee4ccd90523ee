/** The REST half of messaging: nobody but Stripe's events publishes, and the status of what was published. */
import { parseChannel, STRIPE_CHANNEL } from '@tollbridge/protocol'
import type { FastifyInstance } from 'fastify'
import { ServiceError } from '../../errors.ts'
import type { StripeEventReader } from './read-stripe-events.ts'
import { callerOf } from './root-form.ts'

/** Messages are named for the row of their event. */
const MESSAGE_ID = /^message:([\w-]{1,64})$/

export function registerMessagingRoutes(
  scope: FastifyInstance,
  reader: Pick<StripeEventReader, 'exists'>,
): void {
  scope.post<{ Params: { channel: string } }>('/messaging/:channel', async (request) => {
    const { channel } = request.params
    if (!parseChannel(channel).known) {
      throw new ServiceError('channel_unknown', {
        message: `There is no channel ${channel.slice(0, 100)} here: payment events come on the channel "${STRIPE_CHANNEL}".`,
        param: 'channel',
      })
    }
    // A client that could publish here could tell another that a payment succeeded.
    throw new ServiceError('operation_not_allowed', {
      message: `The channel "${STRIPE_CHANNEL}" carries Stripe's own events alone, so nobody can publish to it.`,
      param: 'channel',
    })
  })

  scope.get<{ Params: { messageId: string } }>('/messaging/:messageId', async (request) => {
    const { messageId } = request.params
    const objectId = MESSAGE_ID.exec(messageId)?.[1]
    if (objectId === undefined || !(await reader.exists(callerOf(request, 'read'), objectId))) {
      throw new ServiceError('resource_missing', {
        message: `There is no message with the id ${messageId.slice(0, 100)}.`,
        param: 'messageId',
      })
    }
    return { errorMessage: null, messageId, status: 'published' }
  })

  scope.delete('/messaging/:messageId', async () => {
    throw new ServiceError('operation_not_allowed', {
      message: "Messages are published the moment Stripe's event is stored, so none can be cancelled.",
      param: 'messageId',
    })
  })
}
