/** The one gate that every request passes before its route reads it: text that cannot be kept or sent is refused here. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ServiceError } from '../errors.ts'
import { findUnfit, type Unfit, type UnfitRules } from './unfit-value.ts'

/** Headers that a route reads, keeps, or passes on: printable ASCII, as HTTP wants it. */
const READ_HEADERS = /^(?:idempotency-key|last-event-id|user-token|stripe-account|tollbridge-.*)$/
const PRINTABLE = /^[\x20-\x7e]*$/

/**
 * Bodies, queries, path parameters and headers of every route, the Backendless form as well. What arrives as bytes is
 * not looked into: webhooks are signed, and may legally hold any text; calls to Stripe pass as they are.
 */
export function guardRequests(fastify: FastifyInstance, rules: UnfitRules): void {
  fastify.addHook('preValidation', (request, _reply, done) => {
    try {
      assertFitRequest(request, rules)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Path, query and body go to Stripe as they came, so they are Stripe's to judge. */
    isPassedOn?: true
  }
}

function assertFitRequest(request: FastifyRequest, rules: UnfitRules): void {
  const { headers, query, body } = request
  assertPrintable(headers)
  if (request.routeOptions.config.isPassedOn === true) return
  const { '*': path, ...params } = request.params as Readonly<Record<string, unknown>>
  assertFit(path === undefined ? params : { ...params, path }, rules, 'path part')
  assertFit(query, rules, 'parameter')
  assertFit(body, rules, 'field')
}

/** Headers, or what stands for them in another form. Throws `parameter_invalid` about the first that is read and unfit. */
export function assertPrintable(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (READ_HEADERS.test(name) && ![value].flat().every((it) => PRINTABLE.test(it ?? ''))) {
      const param = spelled(name)
      throw refusal({ path: param, problem: 'must be printable ASCII' }, 'header')
    }
  }
}

/** Throws `parameter_invalid` with the nested path of the first field that is unfit. */
export function assertFit(value: unknown, rules: UnfitRules, kind = 'field'): void {
  const unfit = findUnfit(value, rules)
  if (unfit !== null) throw refusal(unfit, kind)
}

const LONGEST_PARAM = 100

function refusal({ path, problem }: Unfit, kind: string): ServiceError {
  const param = path.slice(0, LONGEST_PARAM)
  return param === ''
    ? new ServiceError('parameter_invalid', { message: `The body ${problem}.` })
    : new ServiceError('parameter_invalid', { message: `The ${kind} ${param} ${problem}.`, param })
}

/** `idempotency-key` → `Idempotency-Key`. */
function spelled(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (part) => part.toUpperCase())
}
