/** Streams of named events, each with JSON as its data, for whoever has something to tell. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { AppId } from '../../access/principal.ts'
import type { Budgets } from '../../budgets/create-budgets.ts'
import { ServiceError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Timers } from '../timers.ts'
import { createEventStream, type EventStream, type StreamLimits, streamLimits } from './event-stream.ts'
import { OPENING, sendHead } from './response-head.ts'

export interface NamedStream {
  /** @param id where a reader continues after a broken connection. */
  send(event: string, data: unknown, id?: number): void
  /** Undefined while the reader keeps up; else resolves when it has read, or is gone. */
  ready(): Promise<void> | undefined
  /** Says why in a last `event: error`. */
  end(reason: ServiceError): void
}

export interface NamedStreams {
  /** Takes the response over. Throws `too_many_streams` and `shutting_down` before. @param onClose called once. Null: the reader is gone already. */
  open(reply: FastifyReply, appId: AppId, onClose: () => void): NamedStream | null
  /** Tells all readers, and lets them go, when that server stops. */
  endWith(fastify: FastifyInstance): void
}

export interface NamedStreamsDeps {
  readonly timers: Timers
  readonly log: Log
  readonly limits?: Partial<StreamLimits>
  readonly budgets: Pick<Budgets, 'openStream'>
}

export function createNamedStreams({ timers, log, limits, budgets }: NamedStreamsDeps): NamedStreams {
  const streams = new Set<EventStream>()
  let stopping = false
  return {
    open(reply, appId, onClose) {
      if (stopping) throw shuttingDown()
      const release = budgets.openStream({ address: reply.request.ip, key: null, appId })
      sendHead(reply)
      reply.raw.once('close', release)
      // Gone while it was checked: no `close` is left to come.
      if (reply.raw.destroyed) {
        release()
        onClose()
        return null
      }
      const stream = createEventStream({
        response: reply.raw,
        timers,
        limits: { ...streamLimits, ...limits },
        onSlow() {
          log.warn({ reason: 'slow_consumer', address: reply.request.ip }, 'A stream was dropped')
          stream.end(
            new ServiceError('slow_consumer', {
              message: 'The events were not read as fast as they came. Come back to continue.',
            }),
          )
        },
        onClose() {
          streams.delete(stream)
          onClose()
        },
      })
      streams.add(stream)
      stream.write(OPENING)
      return {
        send(event, data, id) {
          const place = id === undefined ? '' : `id: ${id}\n`
          stream.write(`${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        },
        ready: () => stream.ready(),
        end: (reason) => stream.end(reason),
      }
    },
    endWith(fastify) {
      fastify.addHook('preClose', async () => {
        stopping = true
        for (const stream of streams) stream.end(shuttingDown())
      })
    },
  }
}

function shuttingDown(): ServiceError {
  return new ServiceError('shutting_down', { message: 'The server is stopping. Come back to continue.' })
}
