/** `/v1/payments`: what an app does with a payment, from its creation to its refund. One file for each group. */
import type { FastifyInstance } from 'fastify'
import { registerCreatePayment } from './create-payment-route.ts'
import { registerOwnerRoutes } from './owner-routes.ts'
import { registerPayerRoutes } from './payer-routes.ts'
import { createPaymentDoor, type PaymentRoutesDeps } from './payment-door.ts'
import { registerReadPayments } from './read-payment-routes.ts'

export function registerPaymentRoutes(fastify: FastifyInstance, deps: PaymentRoutesDeps): void {
  const door = createPaymentDoor(deps)
  registerCreatePayment(fastify, door)
  registerReadPayments(fastify, door)
  registerPayerRoutes(fastify, door)
  registerOwnerRoutes(fastify, door)
}
