/** The types of `stripe.<resource>.<method>`. */

/** An object of Stripe's; name its type to know more: `customers.get<Stripe.Customer>('cus_1')`. */
export interface StripeAnswer {
  readonly id: string
  readonly object: string
  readonly [field: string]: unknown
}

export type StripeId = string | number

/** Fields of the call: the body of a POST, the query of a GET or DELETE. */
export type StripeFields = Readonly<Record<string, unknown>>

/** Slingr's HTTP options. An object with `path`, `params`, `body` or `headers` is taken as these. */
export interface HttpOptions {
  /** Of raw calls that are given nothing else; a named function knows its own. */
  readonly path?: string
  /** The query. */
  readonly params?: StripeFields
  /** The body. */
  readonly body?: unknown
  /** Such as `Stripe-Account`, `Stripe-Version` and `Idempotency-Key`; `Authorization` is passed over. */
  readonly headers?: Readonly<Record<string, string>>
  /** Resolve with `{status, headers, body}` in place of the body. */
  readonly fullResponse?: boolean
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
  /** For each try. */
  readonly timeoutMs?: number
}

/** What a call with `fullResponse` resolves with. */
export interface FullResponse<T = StripeAnswer> {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: T
}

type Last = StripeFields | HttpOptions

/** The arguments for each number of ids; any others are a TypeError when called. */
export type StripeArguments<Ids extends number> = Ids extends 0
  ? [fields?: Last]
  : Ids extends 1
    ? [id: StripeId, fields?: Last]
    : Ids extends 2
      ? [id: StripeId, id2: StripeId, fields?: Last]
      : [id: StripeId, id2: StripeId, id3: StripeId, fields?: Last]

/**
 * One function for all paths of its name; the number of ids picks the path.
 * Rejects with StripeApiError, and with TypeError for arguments that fit no path.
 */
export type StripeCall<Ids extends number> = <T = StripeAnswer>(...args: StripeArguments<Ids>) => Promise<T>

/** `stripe.get('/v1/customers', {limit: 3})`; the path starts with /v1/ or /v2/. */
export type RawCall = <T = StripeAnswer>(
  ...args: [path: string, fields?: Last] | [options: HttpOptions & { readonly path: string }]
) => Promise<T>
