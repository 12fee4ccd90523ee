/** What the messages for pages ask of others; the wiring answers. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Stripe } from 'stripe'
import type { AppId } from '../access/principal.ts'
import type { ServiceError } from '../errors.ts'
import type { ReadOptions } from '../stripe/stripe-gateway.ts'

/** One open stream of server-sent events. */
export interface UiStream {
  /** @param data goes out as one line of JSON. @param id where a reader continues. */
  send(event: string, data: unknown, id?: number): void
  /** Undefined while the reader keeps up; else resolves when it has read, or is gone. */
  ready(): Promise<void> | undefined
  /** Says why in a last `event: error`. */
  end(reason: ServiceError): void
}

export interface UiStreams {
  /**
   * Takes the response over; throws before. @param onClose called once, from whichever side it ends. Null: it is closed
   * already.
   */
  open(reply: FastifyReply, appId: AppId, onClose: () => void): UiStream | null
  /** Ends all of them when the server stops. */
  endWith(fastify: FastifyInstance): void
}

/** Reads what a message is about. Throws ServiceError; `resource_missing` where there is no such intent. */
export interface ReadIntents {
  retrieveSetupIntent(id: string, params?: object, options?: ReadOptions): Promise<Stripe.SetupIntent>
  retrievePaymentIntent(id: string, params?: object, options?: ReadOptions): Promise<Stripe.PaymentIntent>
}

export interface Ticking {
  every(ms: number, run: () => void): () => void
  after(ms: number, run: () => void): () => void
}
