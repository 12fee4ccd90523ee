/** One endpoint of the API: its path, its parameters and what it does. */
import type { Call } from './call.ts'
import type { Parsed, Shape } from './params.ts'
import type { StripeErrorBody } from './stripe-error.ts'

/** A decline is an outcome that is stored, so it is returned; requests that cannot be served are thrown. */
export type Reply = { object: object } | { declined: StripeErrorBody }

export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  /** As Fastify writes it: `/v1/charges/:id`. */
  path: string
  params: Shape
  /** `publishable` lets publishable keys in too. */
  access: 'secret' | 'publishable'
  run(call: Call, input: { params: Parsed<Shape>; ids: Record<string, string> }): Reply
}

interface RouteOptions<S extends Shape> {
  params: S
  access?: Route['access']
  run(call: Call, input: { params: Parsed<S>; id: string; ids: Record<string, string> }): Reply
}

/** Declares a route; `expand` is a parameter of every one. */
export function route<S extends Shape>(
  endpoint: `${Route['method']} /${string}`,
  { params, access = 'secret', run }: RouteOptions<S>,
): Route {
  const [method, path] = endpoint.split(' ') as [Route['method'], string]
  return {
    method,
    path,
    params,
    access,
    run: (call, { params: parsed, ids }) =>
      run(call, { params: parsed as Parsed<S>, ids, id: ids['id'] ?? '' }),
  }
}

export const ok = (object: object): Reply => ({ object })
export const declined = (error: StripeErrorBody): Reply => ({ declined: error })
